#!/bin/sh
# Run the plugin on this machine, connected to a Dify in remote-debugging mode (see .env.example).
#
# Usage: debug.sh PYTHON
set -eu

if [ ! -f .env ]; then
    echo "There is no .env: copy .env.example to .env and fill in the address and the key that" >&2
    echo "Dify shows under Plugins, in the menu with the bug icon (Debug)." >&2
    exit 1
fi
if ! grep -Eq '^REMOTE_INSTALL_KEY=.*[^[:space:]]' .env; then
    echo "REMOTE_INSTALL_KEY in .env is empty: copy the key that Dify shows under Plugins, Debug." >&2
    exit 1
fi
# The SDK reads .env itself.
exec "$1" -m main
