"""The upstream's successes, by name, and the odd ways in which they are sent."""

import json
import re
from collections.abc import Callable
from functools import cache

from simulator.answer import Answer, End, Framed, Framing, Pause, Step
from simulator.call import Call
from simulator.streams import (
    DONE,
    EVENT_STREAM,
    UPSTREAM_HEADERS,
    WORDS,
    Delta,
    Reply,
    answer_with,
    chunk,
    event,
    events,
    said,
    spaced,
    sse,
    whole,
)

type Behaviour = Callable[[Call], Answer]

BIG_EVENT = 2 * 1024 * 1024
"""Bytes of text in the one event of `ok-big-event`."""

_TOKENS_IN_A_BLOCK = 200


def _texts(words: tuple[str, ...] = WORDS) -> list[Delta]:
    return [{"content": word} for word in words]


_REASONED = [{"content": None, "reasoning_content": word} for word in ("let ", "me ", "think")]

_REASONING = Reply(
    [*_REASONED, {"role": "assistant", "content": ""}, *_texts()],
    first={"role": "assistant", "content": "", "reasoning_content": ""},
)


def _tool(index: int | None, name: str = "", arguments: str = "", call_id: str = "") -> Delta:
    piece: Delta = {"index": index} if index is not None else {}
    if call_id:
        piece |= {"id": call_id, "type": "function"}
    piece["function"] = ({"name": name} if name else {}) | {"arguments": arguments}
    return {"tool_calls": [piece]}


def _tools(*deltas: Delta) -> Reply:
    return Reply(deltas, "tool_calls", first={"role": "assistant", "content": None})


_WEATHER = '{"city":"北京","unit":"celsius"}'
_CLOCK = '{"zone":"Asia/Shanghai"}'

_OTHER_REASONING = Reply([{"reasoning": "let me think"}, *_texts()])

REPLIES: dict[str, Reply] = {
    "ok": said(*WORDS),
    "ok-no-usage": said(*WORDS, usage="never"),
    "ok-usage-always": said(*WORDS, usage="always"),
    "ok-gzip": said(*WORDS),  # no gateway passes compression on: facts §7
    "only-in-vip": said(*WORDS),
    "unpriced-model": said(*WORDS),
    "finish-length": said(*WORDS, finish="length"),
    "finish-content-filter": said(*WORDS, finish="content_filter"),
    "finish-content-filter-empty": said(finish="content_filter"),
    "finish-length-empty": said(finish="length"),
    "stop-empty": said(),
    "ok-no-finish": said(*WORDS, finish=None),
    "ok-reasoning": _REASONING,
    "think-to-content": _REASONING,
    "ok-reasoning-field": _OTHER_REASONING,
    "ok-reasoning-only": Reply(_REASONED),
    "ok-think-inline": said("<think>", "let me think", "</think>", *WORDS),
    "ok-big-event": said("大" * (BIG_EVENT // 3)),
    "ok-refusal": Reply([{"refusal": "I cannot "}, {"refusal": "help with that."}]),
    "ok-parts": Reply([{"content": [{"type": "text", "text": word}]} for word in WORDS]),
    "ok-role-every-chunk": Reply([{"role": "assistant", **text} for text in _texts()]),
    "ok-tools": _tools(
        _tool(0, "get_weather", "", "call_1"),
        *(_tool(0, arguments=_WEATHER[at : at + 6]) for at in range(0, len(_WEATHER), 6)),
    ),
    "ok-tools-whole": _tools(_tool(0, "get_weather", _WEATHER, "call_1")),
    "ok-tools-parallel": _tools(
        _tool(0, "get_weather", "", "call_1"),
        _tool(1, "get_time", "", "call_2"),
        _tool(0, arguments=_WEATHER[:9]),
        _tool(1, arguments=_CLOCK[:7]),
        _tool(0, arguments=_WEATHER[9:]),
        _tool(1, arguments=_CLOCK[7:]),
    ),
    "ok-tools-no-ids": _tools(
        _tool(0, "get_weather", _WEATHER[:9]),
        _tool(0, arguments=_WEATHER[9:]),
        _tool(1, "get_time", _CLOCK),
    ),
    "ok-tools-all-index-0": _tools(
        _tool(0, "get_weather", _WEATHER, "call_1"), _tool(0, "get_time", _CLOCK, "call_2")
    ),
    "ok-tools-no-index": _tools(
        _tool(None, "get_weather", _WEATHER, "call_1"), _tool(None, "get_time", _CLOCK, "call_2")
    ),
    "ok-tools-no-arguments": _tools(_tool(0, "get_time", "", "call_1")),
    "ok-tools-finish-stop": Reply(
        [_tool(0, "get_weather", _WEATHER, "call_1")],
        first={"role": "assistant", "content": None},
    ),
    "ok-function-call": Reply(
        [
            {"function_call": {"name": "get_weather", "arguments": ""}},
            *({"function_call": {"arguments": _WEATHER[at : at + 9]}} for at in range(0, 32, 9)),
        ],
        "function_call",
        first={"role": "assistant", "content": None},
    ),
    "ok-text-and-tools": Reply(
        [*_texts(), _tool(0, "get_weather", _WEATHER, "call_1")], "tool_calls"
    ),
}
"""What is said, by name; `finish` tells the rest."""


def _azure_first(call: Call) -> Answer:
    """Azure opens with the verdict of its prompt filter: an event without choices."""
    filtered = {"prompt_index": 0, "content_filter_results": {}}
    opening = {"id": "", "object": "", "created": 0, "model": "", "choices": []}
    first = event(opening | {"prompt_filter_results": [filtered]})
    return sse([first, *events(call, said(*WORDS))])


def _comments(call: Call) -> Answer:
    pieces = events(call, said(*WORDS))
    return sse([b": keep-alive\n\n", *(step for one in pieces for step in (one, b": still\n\n"))])


def _crlf(call: Call) -> Answer:
    pieces = [*events(call, said(*WORDS)), DONE]
    return sse([piece.replace(b"\n", b"\r\n") for piece in pieces], done=False)


def _no_blank_line(call: Call) -> Answer:
    return sse([*events(call, said(*WORDS)), b"data: [DONE]"], done=False)


def _finish_without_blank_line(call: Call) -> Answer:
    pieces = events(call, said(*WORDS))
    return sse([*pieces[:-1], pieces[-1].rstrip(b"\n")], done=False)


def _no_space(call: Call) -> Answer:
    pieces = [*events(call, said(*WORDS)), DONE]
    return sse([piece.replace(b"data: ", b"data:", 1) for piece in pieces], done=False)


def _multi_line(call: Call) -> Answer:
    """Each event's JSON spread over several `data:` lines, as the standard allows."""
    out = []
    for piece in events(call, said(*WORDS)):
        value = json.loads(piece.partition(b"data: ")[2])
        lines = json.dumps(value, indent=1, ensure_ascii=False).splitlines()
        out.append("".join(f"data: {line}\n" for line in lines).encode() + b"\n")
    return sse(out)


def _split_writes(call: Call) -> Answer:
    """Three bytes at a time: every Chinese character and many a line is torn apart."""
    data = b"".join([*events(call, said(*WORDS)), DONE])
    pieces = [data[at : at + 3] for at in range(0, len(data), 3)]
    return sse([step for piece in pieces for step in (piece, Pause(0.0002))], done=False)


def _close_delimited(call: Call) -> Answer:
    steps = (*events(call, said(*WORDS)), DONE)
    return Answer(200, (*EVENT_STREAM, *UPSTREAM_HEADERS), steps, framing=Framing.CLOSE)


def _no_done(call: Call) -> Answer:
    return sse(events(call, said(*WORDS)), done=False)


def _whole(call: Call) -> Answer:
    return whole(call, said(*WORDS))


STREAMED: dict[str, Behaviour] = {
    "ok-azure-first": _azure_first,
    "ok-comments": _comments,
    "ok-crlf": _crlf,
    "ok-no-blank-line": _no_blank_line,
    "ok-finish-without-blank-line": _finish_without_blank_line,
    "ok-no-space": _no_space,
    "ok-multi-line": _multi_line,
    "ok-split-writes": _split_writes,
    "ok-close-delimited": _close_delimited,
    "ok-json-for-stream": _whole,
    "no-done": _no_done,
}
"""Odd forms of the stream; without `stream` these answer like `ok`."""


@cache
def _block(model: str, endpoint: str, count: int) -> bytes:
    """So many equal token events, each in a chunk of its own, as one piece of bytes."""
    call = Call("", "", model, "", endpoint, "", {})
    one = chunk(call, {"content": " token"})
    return b"%x\r\n%b\r\n" % (len(one), one) * count


def tokens(call: Call, count: int, every: float) -> Answer:
    """`count` tokens, as fast as the client reads, or one `every` so many seconds."""
    if not call.stream:
        return whole(call, said(" token" * count))
    if every or call.endpoint == "responses":
        pieces = events(call, said(*[" token"] * count))
        return sse(spaced(pieces, every))

    def steps() -> list[Step]:
        full, rest = divmod(count, _TOKENS_IN_A_BLOCK)
        opening, *closing = events(call, said())
        if call.endpoint == "completions":
            opening, closing = b"", [opening, *closing]
        block = Framed(_block(call.model, call.endpoint, _TOKENS_IN_A_BLOCK))
        last = Framed(_block(call.model, call.endpoint, rest))
        return [opening, *([block] * full), last, *closing, DONE]

    headers = (*EVENT_STREAM, *UPSTREAM_HEADERS)
    return Answer(200, headers, steps(), End.CLEAN, Framing.CHUNKED)


def echo(call: Call, every: float = 0.0) -> Answer:
    """The last message, word by word."""
    words = re.findall(r"\s*\S+|\s+$", call.prompt)
    pieces = [part for word in words for part in (re.findall(r"\s*\S{1,4}", word) or [word])]
    return answer_with(call, said(*pieces or ["(nothing)"]), every)


def slow_first_token(call: Call, seconds: float) -> Answer:
    """Headers at once, silence, then success."""
    if not call.stream:
        answer = whole(call, said(*WORDS))
        return Answer(answer.status, answer.headers, (Pause(seconds), *answer.steps))
    return sse([Pause(seconds), *events(call, said(*WORDS))])


def give_up(call: Call, words: int, seconds: float) -> Answer:
    """Some words, silence, and then the gateway's own timeout cuts the stream."""
    if not call.stream:
        return Answer(0, end=End.CUT, delay=seconds)
    pieces = events(call, said(*WORDS[:words], finish=None, usage="never")) if words else []
    return sse([*pieces, Pause(seconds)], End.CUT, done=False)


def with_service(call: Call, seconds: float) -> Answer:
    """Success that occupies the model for so many seconds: the first quarter in silence."""
    reply = said(*WORDS)
    if not call.stream:
        answer = whole(call, reply)
        return Answer(answer.status, answer.headers, answer.steps, delay=seconds)
    pieces = events(call, reply)
    return sse(spaced(pieces, seconds * 0.75 / len(pieces)), delay=seconds * 0.25)
