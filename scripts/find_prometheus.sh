#!/bin/sh
# Print the path of a prometheus with its promtool for the tests; install them if there are none.
#
# By the machine's own package manager, if that needs no password. It starts nothing that stays.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT

found() {
    PATH="$PATH:/usr/local/bin:/opt/homebrew/bin"
    if command -v promtool >/dev/null && command -v prometheus; then exit 0; fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Debian starts a service with it where there is an init: that is told not to.
install_by_system() {
    if command -v apt-get; then
        as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install -y -qq --no-install-recommends prometheus
    elif command -v dnf; then
        as_root dnf install -y -q golang-github-prometheus || as_root dnf install -y -q prometheus
    elif command -v apk; then
        as_root apk add --quiet prometheus
    elif command -v brew; then
        brew install --quiet prometheus
    fi
}

found
echo "Installing Prometheus for the tests of the metrics" >&2
install_by_system >>"$log" 2>&1 || true
found
cat "$log" >&2
echo "No prometheus and promtool were found, and none could be installed (see above)." >&2
exit 1
