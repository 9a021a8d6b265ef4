#!/bin/sh
# Print the path of a Chromium or Chrome for `make test-browser`; install one if there is none.
#
# By the machine's own package manager, if that needs no password. It starts no browser that stays.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# A name proves nothing: on Ubuntu chromium-browser is a script that asks for a snap.
usable() {
    [ -n "$1" ] && "$1" --version >/dev/null 2>&1
}

found() {
    for candidate in \
        "${CHROMIUM:-}" \
        chromium \
        google-chrome \
        google-chrome-stable \
        chromium-browser \
        chromium-headless-shell \
        "/Applications/Chromium.app/Contents/MacOS/Chromium" \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    do
        if usable "$candidate"; then command -v "$candidate"; exit 0; fi
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The fonts are for the screenshots, which show Chinese.
install_by_system() {
    if command -v apt-get; then
        as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk
    elif command -v dnf; then
        as_root dnf install -y -q chromium google-noto-sans-cjk-fonts
    elif command -v apk; then
        as_root apk add --quiet chromium font-noto-cjk
    elif command -v brew; then
        brew install --quiet --cask chromium
    fi
}

found
echo "Installing Chromium for the tests of the page" >&2
install_by_system >>"$log" 2>&1 || true
found
cat "$log" >&2
echo "No Chromium was found, and none could be installed (see above). Install it, for example" >&2
echo "'apt-get install chromium', or name one: make test-browser CHROMIUM=/path/to/chromium" >&2
exit 1
