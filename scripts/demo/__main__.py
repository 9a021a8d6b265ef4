"""`python -m scripts.demo [PROMPT]`; the prompt may also be in the environment (make's PROMPT=)."""

import io
import os
import sys

from . import real, simulated
from .screen import Screen


def main() -> int:
    """Choose by the environment; 0 only when everything shown really happened."""
    prompt = " ".join(sys.argv[1:]).strip() or os.environ.get("PROMPT", "").strip() or None
    try:
        gateway = real.configured(dict(os.environ))
    except ValueError as incomplete:
        print(incomplete, file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a log that knows no Chinese shows a question mark, and is no reason to fail
        sys.stdout.reconfigure(errors="replace")
    try:
        if gateway is not None:
            held = real.run(Screen(secrets=(gateway.key,)), gateway, prompt)
        else:
            held = simulated.run(Screen(), prompt)
    except KeyboardInterrupt:
        return 130
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
