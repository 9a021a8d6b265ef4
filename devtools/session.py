"""One invocation of a plugin, seen from the daemon's side of the pipe."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .wire import Json

type EventKind = Literal["stream", "error", "end"]


@dataclass(frozen=True, slots=True)
class Event:
    """A message of one session; `at` is its arrival on the monotonic clock, in seconds."""

    kind: EventKind
    data: Json
    at: float


@dataclass(frozen=True, slots=True)
class WireError:
    """An error as it leaves the plugin; Dify decides by the exact name in `error_type`."""

    error_type: str
    message: str
    args: Json


class SessionEndedError(RuntimeError):
    """The session ended without what was waited for."""


class Session:
    """The events of one invocation, in order of arrival; safe to read from any thread."""

    def __init__(self, session_id: str, sent_at: float) -> None:
        self.id = session_id
        self.sent_at = sent_at
        """When the request was written, monotonic seconds."""
        self.events: list[Event] = []
        self._changed = threading.Condition()
        self._broken: Exception | None = None

    # -- written by the process's reader --------------------------------------------------

    def deliver(self, event: Event) -> None:
        """Append an event and wake whoever waits."""
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def abandon(self, reason: Exception) -> None:
        """The process is gone: every present and later wait raises `reason`."""
        with self._changed:
            if not self.done:
                self._broken = reason
            self._changed.notify_all()

    # -- waiting --------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether the plugin has ended the session."""
        return bool(self.events) and self.events[-1].kind == "end"

    def poll(self, seen: int, timeout: float) -> Event | None:
        """Event number `seen`, waiting up to `timeout` seconds for it; None if it did not come.

        Raises what `abandon` was told if the process died first.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: len(self.events) > seen or self._broken is not None, timeout
            )
            if len(self.events) > seen:
                return self.events[seen]
            if self._broken is not None:
                raise self._broken
            return None

    def wait(self, timeout: float = 120.0) -> "Session":
        """Block until the session ends; raises TimeoutError after `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.done or self._broken is not None, timeout)
            if self._broken is not None:
                raise self._broken
            if not self.done:
                kinds = [event.kind for event in self.events[-3:]]
                raise TimeoutError(f"no end after {timeout} s; last events: {kinds}")
        return self

    def wait_for_text(self, timeout: float = 60.0) -> Event:
        """Block until the first event that carries text.

        Raises SessionEndedError if it ends without any, TimeoutError after `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        seen = 0
        while (left := deadline - time.monotonic()) > 0:
            event = self.poll(seen, left)
            if event is None:
                break
            if event.kind == "end":
                raise SessionEndedError(f"ended without text: {self.error}")
            if event.kind == "stream" and text_of(event.data):
                return event
            seen += 1
        raise TimeoutError(f"no text after {timeout} s")

    def __iter__(self) -> Iterator[Event]:
        """Events as they arrive, `end` included; waits up to 600 s (the daemon's limit) each."""
        seen = 0
        while True:
            event = self.poll(seen, 600.0)
            if event is None:
                raise TimeoutError("silent for 600 s")
            yield event
            if event.kind == "end":
                return
            seen += 1

    # -- what came ------------------------------------------------------------------------

    @property
    def chunks(self) -> list[Json]:
        """The data of every `stream` event so far."""
        return [event.data for event in list(self.events) if event.kind == "stream"]

    @property
    def error(self) -> WireError | None:
        """The error of the session, if it has failed."""
        for event in list(self.events):
            if event.kind == "error":
                data = event.data
                return WireError(data["error_type"], data["message"], data.get("args") or {})
        return None

    @property
    def text(self) -> str:
        """All text received so far."""
        return "".join(text_of(chunk) for chunk in self.chunks)

    @property
    def sound(self) -> bytes:
        """All sound received so far."""
        return b"".join(bytes.fromhex(chunk["result"]) for chunk in self.chunks)

    @property
    def tool_calls(self) -> list[Json]:
        """Every tool call received so far, in order."""
        return [
            call
            for chunk in self.chunks
            for call in chunk.get("delta", {}).get("message", {}).get("tool_calls") or ()
        ]

    @property
    def finish_reason(self) -> str | None:
        """The first finish reason, which is the one that Dify keeps."""
        reasons = (chunk.get("delta", {}).get("finish_reason") for chunk in self.chunks)
        return next((reason for reason in reasons if reason), None)

    @property
    def usage(self) -> Json | None:
        """The last usage (tokens, prices as text), or None if none was sent."""
        found = [use for chunk in self.chunks if (use := chunk.get("delta", {}).get("usage"))]
        return found[-1] if found else None

    @property
    def value(self) -> Json:
        """The one answer of a call that is no chat; SessionEndedError if there is none, or more."""
        if self.error is not None or len(self.chunks) != 1:
            raise SessionEndedError(f"no single answer: {len(self.chunks)} chunks, {self.error}")
        return self.chunks[0]


def text_of(chunk: Json) -> str:
    """The text of one LLM chunk; empty for a sign of life, a tool call or the final usage."""
    content: Any = chunk.get("delta", {}).get("message", {}).get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["data"] for part in parts if part.get("type") == "text")
