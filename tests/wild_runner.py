"""Plays answers that were seen in the wild to the plugin as a process, and judges what Dify gets.

The cases and what they mean are described beside them, in `wild/*.jsonl` and the README that they
come with. Each is asked at an endpoint of its own on one loopback server, so that nothing which
one answer teaches the plugin (a closed circuit, a revised request) touches another.
"""

import base64
import json
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli.explain.ours import headlines
from devtools import Json, PluginProcess, Session, credentials
from devtools.raw import Asked, RawServer
from engine.errors.kinds import KINDS

WILD = Path(__file__).resolve().parent / "wild"

RETRY_SECONDS = "2"
"""What is typed as Max Retry Seconds: enough for the repeats that a case may need."""

SECONDS = 60.0
"""How long a case may take."""

CALLS = ("chat", "tools")
"""The requests that are answered in text."""


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded answer, and what Dify should get of it."""

    id: str
    request: str
    stream: bool
    body: bytes
    expect: Json
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def answer(self) -> bytes:
        """The answer as it is on the wire."""
        usual = "text/event-stream" if self.stream else "application/json"
        headers = {"Content-Type": usual, **self.headers, "Content-Length": str(len(self.body))}
        lines = [
            f"HTTP/1.1 {self.status} ",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + self.body


@dataclass(frozen=True, slots=True)
class Got:
    """What Dify got, and what the gateway saw."""

    session: Session
    streamed: bool
    sent: int


def cases(*requests: str) -> list[Case]:
    """The recorded answers to requests of these kinds, in their order."""
    # Not `splitlines`: some hold line separators (U+2028).
    lines = (WILD / "answers.jsonl").read_text("utf-8").strip().split("\n")
    found = [_case(json.loads(line)) for line in lines]
    return [case for case in found if case.request in requests]


def _case(row: Json) -> Case:
    raw = row.get("raw")
    body = raw.encode() if raw is not None else base64.b64decode(row["raw_base64"])
    return Case(
        row["id"],
        row["request"],
        row.get("stream", True),
        body,
        row["expect"],
        row.get("status", 200),
        row.get("headers") or {},
    )


class Theatre:
    """A plugin's process and a server that plays each case at an endpoint of its own."""

    def __init__(self, plugin: PluginProcess, played: Iterable[Case]) -> None:
        self._plugin = plugin
        self._answers = {case.id: case.answer for case in played}
        self._server = RawServer(self._play)

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, error, trace)

    def ask(self, case: Case, *, stream: bool) -> Session:
        """Ask for a case's answer, without waiting; `stream` says how Dify asks."""
        form = credentials(
            f"{self._server.origin}/{_place(case, stream)}/v1",
            "sk-wild-0123456789",
            max_retry_seconds=RETRY_SECONDS,
        )
        return _ASKED[case.request](self._plugin, form, stream)

    def got(self, case: Case, session: Session, *, stream: bool) -> Got:
        """What came of it, once it has ended."""
        session.wait(SECONDS)
        beginning = f"/{_place(case, stream)}/"
        sent = sum(asked.path.startswith(beginning) for asked in self._server.asked)
        return Got(session, stream, sent)

    def _play(self, connection: socket.socket, asked: Asked) -> None:
        connection.sendall(self._answers[asked.path.split("/")[2]])


def _place(case: Case, stream: bool) -> str:
    return f"{'streaming' if stream else 'blocking'}/{case.id}"


def _function(name: str) -> Json:
    return {
        "name": name,
        "description": name,
        "parameters": {"type": "object", "properties": {"a": {"type": "string"}}},
    }


def _chat(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    return plugin.chat("wild", credentials=form, stream=stream)


def _tools(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    offered = [_function("f"), _function("g")]
    return plugin.chat("wild", credentials=form, stream=stream, tools=offered)


def _embed(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    return plugin.embed("wild", ["a", "bb", "ccc"], credentials=form)


def _rerank(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    return plugin.rerank("wild", "q", ["x", "yy", "zzz"], credentials=form)


def _speak(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    return plugin.speak("wild", "hello", credentials=form)


def _transcribe(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    return plugin.transcribe("wild", b"ID3\x04" + bytes(64), credentials=form)


def _moderate(plugin: PluginProcess, form: Json, stream: bool) -> Session:
    return plugin.moderate("wild", "hello", credentials=form)


_ASKED: dict[str, Callable[[PluginProcess, Json, bool], Session]] = {
    "chat": _chat,
    "tools": _tools,
    "embeddings": _embed,
    "rerank": _rerank,
    "tts": _speak,
    "stt": _transcribe,
    "moderation": _moderate,
}

REQUESTS = tuple(_ASKED)
"""Every kind of request."""


def judge(case: Case, got: Got) -> None:
    """Compare what came with what is expected, or with the other outcome that serves as well.

    Raises:
        AssertionError: it is neither; the text says in what it differs from the first.
    """
    wrong = _differences(case, case.expect, got)
    other = case.expect.get("or")
    if wrong and (other is None or _differences(case, other, got)):
        raise AssertionError(f"{case.id}: {'; '.join(wrong)} (all: {_summary(case, got)})")


def _differences(case: Case, expect: Json, got: Got) -> list[str]:
    differ = [*_of_sending(expect, got), *_of_error(expect, got)]
    if not differ:
        differ += _of_text(case, expect, got) if case.request in CALLS else _of_value(expect, got)
    return differ


def _of_sending(expect: Json, got: Got) -> list[str]:
    most = expect.get("sent")
    return [] if most is None or got.sent <= most else [f"{got.sent} requests, not {most}"]


def _of_error(expect: Json, got: Got) -> list[str]:
    """Class, kind and words; a kind is told by its headline."""
    error = got.session.error
    if expect["error"] is None or error is None:
        return [] if expect["error"] is None and error is None else [f"error {error}"]
    allowed = {expect["kind"], *expect.get("also", ())}
    classes = {kind.outcome.value for kind in KINDS if kind.name in allowed}
    differ = [] if error.error_type in classes else [f"class {error.error_type}"]
    told = {kind.name for headline, kind in headlines("en") if _tells(error.message, headline)}
    if not told & allowed:
        differ.append(f"kind {told}, not {allowed}: {error.message}")
    if (words := expect.get("says", "")) not in error.message:
        differ.append(f"{words!r} is not said: {error.message}")
    unsaid = [words for words in expect.get("unsaid", ()) if words in error.message]
    return [*differ, *(f"{words!r} is said: {error.message}" for words in unsaid)]


def _tells(message: str, headline: str) -> bool:
    return f": {headline}; " in message


def _of_text(case: Case, expect: Json, got: Got) -> list[str]:
    """Text, tool calls, finish reason, usage; of a failure only the text before it, if streamed."""
    session = got.session
    differ = []
    if "text" in expect and (expect["error"] is None or (got.streamed and case.stream)):
        differ += _unless(session.text, expect["text"], "text")
    if expect["error"] is not None:
        return differ
    if "finish" in expect:
        differ += _unless(session.finish_reason, expect["finish"], "finish")
    if (usage := expect.get("usage")) is not None:
        told = session.usage or {}
        counts = [told.get("prompt_tokens"), told.get("completion_tokens")]
        differ += _unless(counts, usage, "usage")
    if "tool_calls" in expect:
        differ += _of_calls(expect["tool_calls"], session.tool_calls)
    return differ


def _of_calls(expected: list[Json], calls: list[Json]) -> list[str]:
    ids = [call["id"] for call in calls]
    plain = [
        {
            "name": call["function"]["name"],
            "arguments": json.loads(call["function"]["arguments"]),
        }
        for call in calls
    ]
    differ = _unless(plain, expected, "tool_calls")
    if not all(ids) or len(set(ids)) < len(ids):
        differ.append(f"ids {ids}")
    return differ


def _of_value(expect: Json, got: Got) -> list[str]:
    session = got.session
    if expect["error"] is not None:
        return []
    read: dict[str, Callable[[], Any]] = {
        "vectors": lambda: session.value["embeddings"],
        "docs": lambda: [[doc["index"], doc["score"]] for doc in session.value["docs"]],
        "text": lambda: session.value["result"],
        "flagged": lambda: session.value["result"],
        "audio": lambda: {"bytes": len(session.sound), "starts": session.sound[:4].hex()},
    }
    return [
        one for name in read if name in expect for one in _unless(read[name](), expect[name], name)
    ]


def _unless(found: object, expected: object, name: str) -> list[str]:
    return [] if found == expected else [f"{name} {found!r}, not {expected!r}"]


def _summary(case: Case, got: Got) -> str:
    session = got.session
    if session.error is not None:
        return f"{session.error.error_type}: {session.error.message}, {got.sent} sent"
    if case.request not in CALLS:
        return f"{str(session.chunks)[:500]}, {got.sent} sent"
    return f"{session.text!r} {session.tool_calls} {session.finish_reason} {session.usage}"
