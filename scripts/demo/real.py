"""With a gateway configured: one real chat through it."""

from dataclasses import dataclass

from devtools import PluginProcess, credentials

from . import ROOT
from .screen import DIM, RED, Screen
from .watch import watch

VARIABLES = ("GATEWAY_URL", "GATEWAY_KEY", "GATEWAY_MODEL")
PROMPT = "Say in one sentence what a retry with exponential backoff is."


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where to ask, what for, and with which key, which is never shown."""

    url: str
    key: str
    model: str


def configured(environment: dict[str, str]) -> Gateway | None:
    """The gateway that these variables name, or None without any of them.

    Raises ValueError, with a sentence for a person, when only some are set.
    """
    values = {name: environment.get(name, "").strip() for name in VARIABLES}
    absent = [name for name, value in values.items() if not value]
    if len(absent) == len(VARIABLES):
        return None
    if absent:
        raise ValueError(
            f"{' and '.join(absent)} missing: a real chat needs all of {', '.join(VARIABLES)}; "
            "the demo with the simulated gateway needs none of them."
        )
    return Gateway(*values.values())


def run(screen: Screen, gateway: Gateway, prompt: str | None) -> bool:
    """Make the call; whether it was answered."""
    with PluginProcess(ROOT) as plugin:
        # a password may be part of the URL
        screen.title(f"{gateway.model}, through {gateway.url.rpartition('@')[2]}")
        screen.paragraph(f"Prompt: {prompt or PROMPT}", DIM)
        screen.start_clock()
        form = credentials(gateway.url, gateway.key)
        call = watch(screen, plugin, plugin.chat(gateway.model, prompt or PROMPT, credentials=form))
    session = call.session
    if session.error is not None:
        screen.line(f"  {session.error.error_type}", RED)
        screen.paragraph(session.error.message)
        return False
    screen.line()
    if session.usage is not None:
        screen.line(
            f"  {session.usage['prompt_tokens']} tokens in, "
            f"{session.usage['completion_tokens']} out; finish reason {session.finish_reason}; "
            f"{call.ended:.1f} s",
            DIM,
        )
    return bool(session.text)
