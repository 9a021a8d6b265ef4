"""The upstream's failures, by name: refusals with a status, errors inside a 200, broken streams."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator import responses
from simulator.answer import (
    Answer,
    End,
    Framing,
    Headers,
    Step,
    html_answer,
    json_answer,
    no_answer,
)
from simulator.call import Call
from simulator.errors import IN_200, INVALID, JSON_ERRORS, SSE_ERRORS, error
from simulator.pages import cloudflare_page, nginx_page
from simulator.streams import (
    DONE,
    EVENT_STREAM,
    UPSTREAM_HEADERS,
    WORDS,
    answer_with,
    events,
    said,
    sse,
    whole,
)

type Behaviour = Callable[[Call], Answer]

_UPSTREAM: Headers = (("Server", "bad-upstream"),)
_BEFORE_WORDS = {"chat": 1, "responses": responses.BEFORE_WORDS}
"""Events before the first word of a stream."""

_WELCOME = "<!doctype html><title>Welcome</title>"
_PAGES = (404, 413, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526)


def _sse_error(name: str) -> Behaviour:
    def play(call: Call) -> Answer:
        before, failing = SSE_ERRORS[name]
        if not call.stream:
            return whole(call, said(*WORDS))
        pieces = _first_words(call, before) if before else []
        again = pieces if name == "sse-text-repeated" else []
        return sse([*pieces, *again, *failing], done=False)

    return play


def _response_error(name: str) -> Behaviour:
    def play(call: Call) -> Answer:
        if not call.stream or call.endpoint != "responses":
            return whole(call, said(*WORDS))
        return sse(responses.failing(call, name, WORDS), done=False)

    return play


def _json_error(name: str) -> Behaviour:
    status, body, headers = JSON_ERRORS[name]
    return lambda _call: json_answer(status, body, (*_UPSTREAM, *headers))


def _in_200(name: str) -> Behaviour:
    return lambda _call: json_answer(200, IN_200[name], _UPSTREAM)


def _page(status: int) -> Behaviour:
    page = cloudflare_page(status) if status >= 520 else nginx_page(status)
    return lambda _call: html_answer(status, page, _UPSTREAM)


def _first_words(call: Call, count: int = 4) -> list[Step]:
    pieces: list[Step] = [*events(call, said(*WORDS))]
    return pieces[: count + _BEFORE_WORDS.get(call.endpoint, 0)]


def _broken(words: int, end: End) -> Behaviour:
    """A stream that ends after so many words; a whole answer that breaks off halfway."""

    def play(call: Call) -> Answer:
        if call.stream:
            pieces = _first_words(call, words) if words else []
            return sse(pieces, end, done=False)
        answer = whole(call, said(*WORDS))
        if end is End.CLEAN:
            return answer
        half = answer.body[: len(answer.body) // 2 if words else 0]
        return replace(answer, steps=(half,), end=end, framing=Framing.SHORT)

    return play


def _truncated(call: Call) -> Answer:
    """`Content-Length` promises more than comes. A stream has its finish reason by then."""
    if not call.stream:
        return _broken(4, End.CUT)(call)
    steps = (*events(call, said(*WORDS)), DONE)
    return Answer(200, (*EVENT_STREAM, *UPSTREAM_HEADERS), steps, framing=Framing.SHORT)


def _streamed(*steps: Step) -> Behaviour:
    """These steps if a stream was asked for, success if not."""

    def play(call: Call) -> Answer:
        return sse(steps, done=False) if call.stream else whole(call, said(*WORDS))

    return play


def _sse_html(call: Call) -> Answer:
    return html_answer(200, nginx_page(200)) if call.stream else whole(call, said(*WORDS))


_BREAKS: dict[str, Behaviour] = {
    "close-without-answer": lambda _call: no_answer(End.CUT),
    "reset-without-answer": lambda _call: no_answer(End.RESET),
    "dead-port": lambda _call: no_answer(End.RESET),
    "dead-first-then-ok": lambda _call: no_answer(End.RESET),
    "hang": lambda _call: no_answer(End.HANG),
    "cut-before-content": _broken(0, End.CUT),
    "cut-after-content": _broken(4, End.CUT),
    "reset-after-content": _broken(4, End.RESET),
    "eof-after-content": _broken(4, End.CLEAN),
    "stall-after-content": _broken(2, End.HANG),
    "stall-before-content": _broken(0, End.HANG),
    "truncated-conn": _truncated,
    "done-only": _streamed(DONE),
    "sse-empty": _streamed(),
    "sse-html": _sse_html,
    "e500-empty": lambda _call: Answer(500, _UPSTREAM),
    "sat-empty": lambda _call: Answer(429, _UPSTREAM),
    "empty-body": lambda _call: Answer(200, (("Content-Type", "application/json"), *_UPSTREAM)),
    "html-200": lambda _call: html_answer(200, _WELCOME, _UPSTREAM),
    "sat-html": _page(429),
    "sat-param-404": _page(404),
    "remap-429": _json_error("sat-forever"),
}

_REFUSED = {
    "max_tokens": "Use 'max_completion_tokens' instead.",
    "temperature": "Only the default (1) value is supported.",
    "stream": "Streaming is not available.",
    "encoding_format": "Only float is supported.",
    "dimensions": "This model does not support matryoshka representation.",
    "stream_options": "Unrecognized request argument.",
    "max_output_tokens": "",
    "instructions": "",
    "include": "Encrypted content is not supported with this model.",
    "reasoning.summary": "Your organization must be verified to generate reasoning summaries.",
    "text.format": "",
}


def _sent(body: dict[str, Any], name: str) -> bool:
    """Whether a parameter was sent; a dot leads into a group of them.

    A temperature of 0 is present; `stream: false` asks for nothing.
    """
    group, _, field = name.rpartition(".")
    fields = body.get(group) if group else body
    value = fields.get(field) if isinstance(fields, dict) else None
    return value is not None and (name != "stream" or value is not False)


def refusing(*names: str) -> Behaviour:
    """A 400 that names the first of these parameters that is present; success without them."""

    def play(call: Call) -> Answer:
        sent = [name for name in names if _sent(call.body, name)]
        if not sent:
            return answer_with(call, said(*WORDS))
        message = f"Unsupported parameter: '{sent[0]}' is not supported with this model."
        body = error(
            f"{message} {_REFUSED.get(sent[0], '')}", INVALID, "unsupported_parameter", sent[0]
        )
        return json_answer(400, body, _UPSTREAM)

    return play


def refusing_formats(*known: str) -> Behaviour:
    """A model that knows only these types of `response_format`; DeepSeek's words."""

    def play(call: Call) -> Answer:
        wanted = call.body.get("response_format") or {}
        if not wanted or wanted.get("type") in known:
            return answer_with(call, said('{"city":', '"北京"}'))
        body = error("This response_format type is unavailable now", INVALID, INVALID)
        return json_answer(400, body, _UPSTREAM)

    return play


FAILURES: dict[str, Behaviour] = {
    **{name: _json_error(name) for name in JSON_ERRORS},
    **{f"e{status}-html": _page(status) for status in _PAGES},
    **{name: _in_200(name) for name in IN_200},
    **{name: _sse_error(name) for name in SSE_ERRORS},
    **{name: _response_error(name) for name in responses.ENDINGS},
    **_BREAKS,
    "needs-max_completion_tokens": refusing("max_tokens"),
    "refuses-temperature": refusing("temperature"),
    "refuses-stream": refusing("stream"),
    "refuses-stream_options": refusing("stream_options"),
    "refuses-encoding_format": refusing("encoding_format"),
    "refuses-dimensions": refusing("dimensions"),
    "refuses-max_output_tokens": refusing("max_output_tokens"),
    "refuses-instructions": refusing("instructions"),
    "refuses-encrypted-content": refusing("include"),
    "refuses-summaries": refusing("reasoning.summary"),
    "refuses-text-format": refusing("text.format"),
    "refuses-max_tokens-and-temperature": refusing("max_tokens", "temperature"),
    "refuses-json_schema": refusing_formats("json_object", "text"),
    "refuses-response_format": refusing_formats(),
}
"""Everything that fails upstream, by name."""
