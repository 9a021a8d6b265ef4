"""`resilient-gateway explain`: a pasted error in, the report out."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from cli.exits import Exit
from cli.explain.host import host_error_in, told_of
from cli.explain.ours import is_ours
from cli.explain.pasted import MAX_WHOLE_CHARACTERS
from cli.explain.read import read_errors
from cli.explain.report import report_on
from cli.explain.screen import show_host_error, show_not_recognised, show_reports
from cli.terminal import new_console
from engine.errors import Language
from engine.errors.messages import language_of

MAX_BYTES = 64 * 1024 * 1024
"""What is read of a file or of standard input; an error in more than that is hopeless to find."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "source",
        nargs="?",
        default="-",
        help="the error itself, the name of a file that holds it, or - (the default) to read it "
        "from standard input",
    )
    parser.add_argument("--lang", choices=("en", "zh"), help="language (default: the error's)")
    parser.add_argument(
        "--direct",
        action="store_true",
        help="the model's provider was asked directly, without a gateway in between",
    )
    parser.add_argument("--json", action="store_true", help="print JSON for machines")


def run(options: argparse.Namespace) -> Exit:
    """Explain every error that is found.

    Raises:
        OSError: the file cannot be read.
    """
    text = _read(options.source)
    findings = read_errors(text, behind_gateway=not options.direct)
    reports = [report_on(finding, options.lang) for finding in findings]
    language: Language = options.lang or language_of(text[:2_000])
    host = host_error_in(text) if not reports else None
    if options.json:
        document: dict[str, object] = {
            "recognised": bool(reports),
            "errors": [asdict(report) for report in reports],
        }
        if host is not None:
            document["host"] = told_of(host, language)
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    elif reports:
        show_reports(new_console(), reports, whole=len(text) <= MAX_WHOLE_CHARACTERS)
    elif host is not None:
        show_host_error(new_console(), told_of(host, language))
    else:
        show_not_recognised(new_console(), language, ours=is_ours(text))
    return Exit.OK if reports else Exit.NOT_RECOGNISED


def _read(source: str) -> str:
    if source == "-":
        if sys.stdin.isatty():
            sys.stderr.write("Paste the error, then press Ctrl-D.\n")
        return sys.stdin.buffer.read(MAX_BYTES).decode("utf-8", "replace")
    if _is_file(source):
        with Path(source).open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    return source


def _is_file(source: str) -> bool:
    try:
        return "\n" not in source and Path(source).is_file()
    except (OSError, ValueError):
        # Too long for a name, or with a character that no name has: it is the error itself.
        return False
