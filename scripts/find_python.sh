#!/bin/sh
# Print the path of a Python 3.12 that runs and can make a virtual environment.
#
# A name on PATH proves nothing: pyenv's shim `python3.12` exists and fails when 3.12 is not the
# selected version, and Debian's python3.12 comes without ensurepip. So each candidate is run.
# When none is left, tries to install one, and otherwise says what a person has to install.
# Everything but the path goes to stderr.
set -u

usable() {
    [ -n "$1" ] && "$1" -c '
import sys
if sys.version_info[:2] != (3, 12):
    sys.exit(1)
import ensurepip, ssl, venv
' >/dev/null 2>&1
}

# The interpreter itself, not a shim or a link that may point elsewhere tomorrow.
give() {
    "$1" -c 'import sys; print(sys.executable)'
    exit 0
}

search() {
    pyenv_root="${PYENV_ROOT:-$HOME/.pyenv}"
    for candidate in \
        "${PYTHON:-}" \
        python3.12 \
        "$pyenv_root"/versions/3.12*/bin/python \
        python3 \
        python \
        /usr/bin/python3.12 \
        /usr/local/bin/python3.12 \
        /opt/homebrew/bin/python3.12 \
        /opt/*/bin/python3.12 \
        /usr/local/opt/python@3.12/bin/python3.12 \
        /Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12 \
        "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}"/cpython-3.12*/bin/python3.12 \
        "$HOME"/.asdf/installs/python/3.12*/bin/python \
        "$HOME"/.local/share/mise/installs/python/3.12*/bin/python \
        "$HOME"/*conda3/bin/python3.12 \
        "$HOME"/*conda3/envs/*/bin/python3.12
    do
        if usable "$candidate"; then
            give "$candidate"
        fi
    done
}

say() {
    echo "$*" >&2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@" >&2
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo -n "$@" >&2
    else
        return 1
    fi
}

with_uv() {
    "$1" python install 3.12 >&2 || return 1
    found=$("$1" python find --managed-python 3.12 2>/dev/null) && usable "$found" && give "$found"
}

# uv brings its own builds of Python; any older Python with pip or venv can fetch uv.
with_borrowed_uv() {
    borrowed=$(mktemp -d) || return 1
    trap 'rm -rf "$borrowed"' EXIT
    for old in python3 python; do
        if "$old" -m venv "$borrowed/venv" >/dev/null 2>&1 \
            && "$borrowed/venv/bin/python" -m pip install --quiet uv >/dev/null 2>&1; then
            with_uv "$borrowed/venv/bin/uv"
            return 1
        fi
        # Debian's python3 has no ensurepip, but may have pip.
        if "$old" -m pip install --quiet --target "$borrowed/lib" uv >/dev/null 2>&1; then
            with_uv "$borrowed/lib/bin/uv"
            return 1
        fi
    done
    return 1
}

install() {
    say "No Python 3.12 found; trying to install one."
    if command -v uv >/dev/null 2>&1; then
        with_uv uv
    fi
    if command -v apt-get >/dev/null 2>&1; then
        as_root apt-get update -qq && as_root apt-get install -y -qq python3.12 python3.12-venv
    elif command -v dnf >/dev/null 2>&1; then
        as_root dnf install -y -q python3.12
    elif command -v apk >/dev/null 2>&1; then
        as_root apk add --quiet 'python3~3.12'
    elif command -v brew >/dev/null 2>&1; then
        brew install --quiet python@3.12 >&2
    fi
    search
    with_borrowed_uv
}

search
install
say "Resilient Gateway needs Python 3.12 with venv, and could not install it by itself."
say "Install it and run make again, for example: 'apt-get install python3.12 python3.12-venv',"
say "'brew install python@3.12', 'pyenv install 3.12' or 'uv python install 3.12'."
say "If it is somewhere unusual: make PYTHON=/path/to/python3.12 ..."
exit 1
