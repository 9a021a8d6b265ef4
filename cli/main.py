"""The command line of `resilient-gateway`."""

import argparse
import os
import sys
from collections.abc import Sequence

from cli.build import command as build
from cli.check import command as check
from cli.exits import Exit
from cli.explain import command as explain


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status (see ``exits``).

    Args:
        arguments: the command line without the program's name; ``None`` for the process's own.
    """
    parser = argparse.ArgumentParser(
        prog="resilient-gateway",
        description="Explain an error of a gateway, check a gateway, or build a plugin for one.",
        epilog="Exit codes: "
        + ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in Exit),
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    explain.add_arguments(
        commands.add_parser("explain", help="say what a pasted error means and what to do")
    )
    check.add_arguments(commands.add_parser("check", help="look a gateway over"))
    build.add_arguments(
        commands.add_parser("build", help="make a plugin with exactly a gateway's models")
    )
    options = parser.parse_args(arguments)
    run = {"build": build.run, "check": check.run, "explain": explain.run}[options.command]
    try:
        return run(options)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; what is left in the buffer must not raise at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}: {error.filename or ''}\n")
        return Exit.USAGE
