"""Where a test sits: a running plugin, a simulator, and a key of its own to count requests by."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools import Json, PluginProcess, Session, WireError, credentials
from simulator import Seen, Simulator

ROOT = Path(__file__).resolve().parents[2]
WORDS = "你好，this is the upstream."

_NUMBERS = itertools.count(1)


def new_key(kind: str = "sk-good") -> str:
    """A key that nobody else asks with; the simulator knows its kind by the beginning."""
    return f"{kind}-p{next(_NUMBERS)}"


@dataclass(frozen=True, slots=True)
class Rig:
    """One test's view of the plugin and of what the gateway saw.

    `gateway` is what the form names where something stands in front of the simulator.
    """

    plugin: PluginProcess
    simulator: Simulator
    key: str
    gateway: str = ""

    @property
    def base_url(self) -> str:
        """What is typed as API Base URL."""
        return self.gateway or self.simulator.base_url

    def form(self, key: str | None = None, **fields: str) -> Json:
        """A customizable model's form."""
        base: str = fields.pop("endpoint_url", self.base_url)
        return credentials(base, self.key if key is None else key, **fields)

    def chat(
        self,
        model: str,
        prompt: str | list[Json] = "hi",
        *,
        stream: bool = True,
        budget: float = 3,
        key: str | None = None,
        parameters: Json | None = None,
        fields: dict[str, str] | None = None,
        **extra: Any,
    ) -> Session:
        """Ask, without waiting; `budget` is `max_retry_seconds`."""
        form = self.form(key, max_retry_seconds=f"{budget:g}", **(fields or {}))
        return self.plugin.chat(
            model,
            prompt,
            credentials=form,
            stream=stream,
            model_parameters=parameters,
            **extra,
        )

    def seen(self, key: str | None = None) -> list[Seen]:
        """The requests that came with this key."""
        wanted = self.key if key is None else key
        return [one for one in self.simulator.seen if one.key == wanted]

    def bodies(self, key: str | None = None) -> list[Json]:
        """What those requests asked; the list of models is asked for without a body."""
        return [one.body or {} for one in self.seen(key) if one.method == "POST"]


def error_of(session: Session) -> WireError:
    """The error that the session ended with.

    Raises:
        AssertionError: it ended without one.
    """
    error = session.wait(120.0).error
    assert error is not None, f"no error; text: {session.text[:200]}"
    return error


def succeeded(session: Session) -> Session:
    """The session, ended without an error.

    Raises:
        AssertionError: it failed.
    """
    assert session.wait(120.0).error is None, session.error
    return session
