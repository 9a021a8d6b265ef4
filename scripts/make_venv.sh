#!/bin/sh
# Make .venv from scratch with everything that requirements-dev.txt asks for.
#
# Usage: make_venv.sh STAMP   (STAMP is written last: an interrupted run is done again)
set -eu

stamp=$1
here=$(dirname "$0")
python=$(sh "$here/find_python.sh")
echo "Setting up .venv with $("$python" --version) ($python)"
rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
touch "$stamp"
