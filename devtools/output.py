"""A plugin's stdout, taken apart as the daemon takes it apart."""

import json
from dataclasses import dataclass, field

from .session import Event, Session
from .wire import LINE_LIMIT, Json


@dataclass(frozen=True, slots=True)
class LogLine:
    """A `log` event: what the plugin's own logger said, and when it arrived (monotonic)."""

    level: str
    message: str
    at: float


@dataclass(slots=True)
class Output:
    """What has been read so far: bytes in through `feed`, messages out in these lists.

    `violations` holds whatever breaks the protocol: a line that is no JSON object (the
    daemon drops it silently), one of 5 MiB (it kills the plugin), an event before the
    manifest, an unknown event, a message for a session that is not open.
    """

    sessions: dict[str, Session] = field(default_factory=dict)
    """The open ones, by id; what has ended belongs to whoever asked."""
    manifest: Json | None = None
    logs: list[LogLine] = field(default_factory=list)
    heartbeats: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """The data of every error that went out, tracebacks included, as JSON."""
    violations: list[str] = field(default_factory=list)
    _rest: bytes = b""

    def feed(self, data: bytes, at: float) -> None:
        """Take what one read gave at time `at`; an unfinished last line is kept."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.strip():
                self._take(line, at)

    def _take(self, line: bytes, at: float) -> None:
        if len(line) >= LINE_LIMIT:
            self.violations.append(f"a line of {len(line)} bytes: the daemon kills the plugin")
        try:
            problem = self._dispatch(json.loads(line), at)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problem = f"not a message ({error!r})"
        if problem:
            self.violations.append(f"{problem}: {line[:500].decode(errors='replace')}")

    def _dispatch(self, message: Json, at: float) -> str | None:
        """Put one message where it belongs; returns what is wrong with it, if anything."""
        kind = message.get("event")
        if self.manifest is None:
            self.manifest = message
            return None if kind is None else "an event before the manifest"
        match kind:
            case "session":
                return self._session_event(message["session_id"], message["data"], at)
            case "log":
                data = message["data"]
                self.logs.append(LogLine(data["level"], data["message"], at))
            case "heartbeat":
                self.heartbeats.append(at)
            case _:
                return "an unknown event"
        return None

    def _session_event(self, session_id: str, message: Json, at: float) -> str | None:
        session = self.sessions.get(session_id)
        if session is None:
            return "for no open session"
        event = Event(message["type"], message["data"], at)
        if event.kind == "error":
            self.errors.append(json.dumps(event.data, ensure_ascii=False))
        elif event.kind == "end":
            del self.sessions[session_id]
        session.deliver(event)
        return None
