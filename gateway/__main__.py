"""`python -m gateway`: hands over to the commands, which are no part of the package."""

import sys

from cli.main import main

if __name__ == "__main__":
    sys.exit(main())
