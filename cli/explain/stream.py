"""An answer's own event stream, pasted as it came: without a finish reason it is an error.

What is pasted is read by the engine's reader; what that calls incomplete is so here.
"""

import re
from collections.abc import Iterator

from cli.explain.finding import Finding, Sure
from cli.explain.judge import stated
from engine.apis.chat.reader import AnswerReader
from engine.apis.responses.reader import ResponsesReader
from engine.errors import AttemptError, Kind, kinds

_MAX_READ_CHARACTERS = 400_000
"""Characters at the end of the text, where a stream tells how it ended."""

_MAX_STREAMS = 20
_MIN_PIECES = 2
"""Of a stream that does not say where it ends: a single line is a log's, not an answer."""

_CHAT_PIECE = re.compile(r'"choices"\s{0,3}:\s{0,3}\[\s{0,3}(?P<choice>\{)?')
_RESPONSES_PIECE = re.compile(r'"type"\s{0,3}:\s{0,3}"response\.\w')
_LINE = re.compile(
    r"(?:^|[\s|>])data:[ \t]{0,3}(?P<event>\{.*\}|\[DONE\])\s*$|^(?P<bare>\{.*\})\s*$", re.MULTILINE
)
_CLOSING = re.compile(r'^(data:[^\n]*"error"[^\n]*)\n\s{0,3}\{"error"[^\n]*$', re.MULTILINE)
_END = "[DONE]"
_OK = 200
_ENDINGS = frozenset({kinds.TRUNCATED, kinds.EMPTY_ANSWER, kinds.BROKEN_TOOL_CALL})
"""What only the whole stream tells; an error that lies in it is found without this."""


def without_closing(text: str) -> str:
    """The text without what done-hub says of its own behind an error within a stream.

    It is a line without ``data:``, in the words that it has for every failure.
    """
    return _CLOSING.sub(r"\1", text)


def broken_streams(text: str) -> Iterator[Finding]:
    """The streams in a text that ended without being an answer.

    Of one that says ``[DONE]`` that is certain; another may not have been pasted whole.
    """
    if "data:" not in text or not ('"choices"' in text or '"response.' in text):
        return
    for events in list(_streams(text[-_MAX_READ_CHARACTERS:]))[:_MAX_STREAMS]:
        pieces = [one for one in events if _CHAT_PIECE.search(one) or _RESPONSES_PIECE.search(one)]
        has_end = events[-1] == _END
        if not pieces or (len(pieces) < _MIN_PIECES and not has_end):
            continue
        kind = _ending(events, is_responses=_RESPONSES_PIECE.search(pieces[0]) is not None)
        if kind in _ENDINGS:
            # Usage alone may be the end of a good stream as well as all of a bad one.
            is_certain = kind is not kinds.TRUNCATED or (has_end and any(map(_answers, pieces)))
            yield stated(kind, Sure.CERTAIN if is_certain else Sure.POSSIBLE, status=_OK)


def _streams(text: str) -> Iterator[list[str]]:
    """The events of each stream; ``[DONE]`` ends one."""
    events: list[str] = []
    for found in _LINE.finditer(text):
        events.append(found["event"] or found["bare"])
        if events[-1] == _END:
            yield events
            events = []
    if events:
        yield events


def _answers(event: str) -> bool:
    piece = _CHAT_PIECE.search(event)
    return piece is None or piece["choice"] is not None


def _ending(events: list[str], *, is_responses: bool) -> Kind | None:
    """What the engine calls the answer; ``None`` if it is a good one."""
    # Nobody pastes the headers: perhaps it was a gateway that ends a cut stream like a whole one.
    headers = {"Content-Type": "text/event-stream", "X-Oneapi-Request-Id": ""}
    reader = ResponsesReader(_OK, headers) if is_responses else AnswerReader(_OK, headers)
    try:
        for event in events:
            reader.feed(f"data: {event}\n\n".encode(), [])
        reader.close([])
    except AttemptError as error:
        return error.failure.kind
    return None
