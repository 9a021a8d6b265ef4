#!/bin/sh
# Print the path of LiteLLM's `litellm` for the tests; make .venv-litellm if there is none.
#
# Everything comes from the Python package index (requirements-litellm.txt); a changed file makes
# the environment anew. It starts nothing and stops nothing.
set -eu
cd "$(dirname "$0")/.."

# Written last: an interrupted run is done again.
stamp=.venv-litellm/.ready-$(cksum <requirements-litellm.txt | tr ' ' '-')
if [ ! -f "$stamp" ]; then
    echo "Installing LiteLLM's proxy for the tests" >&2
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    rm -rf .venv-litellm
    "$(sh scripts/find_python.sh)" -m venv .venv-litellm
    if ! .venv-litellm/bin/python -m pip install --quiet --disable-pip-version-check \
        -r requirements-litellm.txt >"$log" 2>&1; then
        cat "$log" >&2
        echo "LiteLLM could not be installed (see above)." >&2
        exit 1
    fi
    touch "$stamp"
fi
echo "$PWD/.venv-litellm/bin/litellm"
