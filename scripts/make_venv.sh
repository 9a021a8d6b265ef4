#!/bin/sh
# Make a virtual environment from scratch with everything that a requirements file asks for.
#
# Usage: make_venv.sh STAMP [FOLDER REQUIREMENTS]   (.venv and requirements-dev.txt if not given;
# STAMP is written last: an interrupted run is done again)
set -eu

stamp=$1
folder=${2:-.venv}
requirements=${3:-requirements-dev.txt}
here=$(dirname "$0")
python=$(sh "$here/find_python.sh")
echo "Setting up $folder with $("$python" --version) ($python)"
rm -rf "$folder"
"$python" -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
touch "$stamp"
