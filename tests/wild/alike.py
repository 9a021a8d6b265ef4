"""Answers that nobody has reported yet, each a near relation of one that somebody has."""

import json
from typing import Any

from devtools import Json
from tests.wild_runner import Case

END = "data: [DONE]\n\n"
OF_THE_FAMILY = {"X-Oneapi-Request-Id": "2026120100"}
USED: Json = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


def event(document: Json) -> str:
    """One event; characters beyond ASCII are escaped, so that halves of them can be written."""
    return f"data: {json.dumps(document)}\n\n"


def delta(reason: str | None = None, **fields: Any) -> str:
    return event({"choices": [{"index": 0, "delta": fields, "finish_reason": reason}]})


def say(text: str) -> str:
    return delta(content=text)


def call(arguments: object, name: str | None = "f", call_id: str | None = "a") -> str:
    one = {"index": 0, "id": call_id, "function": {"name": name, "arguments": arguments}}
    return delta(tool_calls=[one])


def whole(message: Json, reason: str | None = "stop", **more: Any) -> str:
    choice = {"index": 0, "message": message, "finish_reason": reason, **more}
    return json.dumps({"choices": [choice], "usage": USED})


def answer(text: str, finish: str = "stop", **more: Any) -> Json:
    return {"text": text, "finish": finish, "error": None, **more}


def fails(kind: str, error: str = "InvokeServerUnavailableError", **more: Any) -> Json:
    return {"error": error, "kind": kind, **more}


def calls(*arguments: Json) -> Json:
    return {"error": None, "tool_calls": [{"name": "f", "arguments": one} for one in arguments]}


STOP = delta("stop")
CALLED = delta("tool_calls")
REFUSED = "InvokeBadRequestError"

STREAMS: dict[str, tuple[str, Json]] = {
    "a-cut-chunk": (
        say("Hello ") + say("lost")[:40] + "\n\n" + say("!") + STOP + END,
        fails("truncated", text="Hello "),
    ),
    "a-mark-twice": ("".join(f"data: {one}" for one in (say("a"), STOP, END)), answer("a")),
    "documents-joined-by-their-mark": (say("a").strip() + say("b") + STOP + END, answer("ab")),
    "halves-with-other-things-between": (
        say("\ud83d") + delta(role="assistant") + ": PING\n\n" + say("\ude00") + STOP + END,
        answer("😀"),
    ),
    "half-a-character-in-a-thought": (
        delta(reasoning="r\ud83d") + say("a") + STOP + END,
        answer("<think>\nr\ufffd\n</think>a"),
    ),
    "half-a-character-in-an-error": (
        event({"error": {"message": "bad \ud83d face", "code": 400}}) + END,
        fails("bad_request", REFUSED, says="bad \ufffd face", sent=1),
    ),
    "sensitive-empty": (delta("sensitive") + END, fails("content_refused", REFUSED, sent=1)),
    "sensitive-after-text": (say("a") + delta("sensitive") + END, answer("a", "content_filter")),
    "max-tokens": (say("a") + delta("MAX_TOKENS") + END, answer("a", "length")),
    "no-resources": (
        say("a") + delta("insufficient_system_resource") + END,
        fails("truncated", text="a", says="insufficient_system_resource"),
    ),
    "no-reason": (say("a") + END, answer("a")),
    "no-reason-no-end": (say("a"), fails("truncated", text="a")),
    "arguments-null-text-then-true-ones": (
        call("null") + call('{"a":1}', None, None) + CALLED + END,
        calls({"a": 1}),
    ),
    "two-calls-one-id-one-index": (
        call('{"a":1}') + call('{"a":2}') + CALLED + END,
        calls({"a": 1}, {"a": 2}),
    ),
    "blank-block": (say("<think>\n\n</think>\n\n") + say("a") + STOP + END, answer("a")),
    "blank-thoughts": (delta(reasoning_content="\n\n") + say("a") + STOP + END, answer("a")),
    "lone-end-of-thoughts": (
        say("r\n</think>\n\na") + STOP + END,
        answer("<think>\nr\n</think>\n\na"),
    ),
    "usage-of-groq": (
        say("a") + event({"choices": [], "x_groq": {"usage": USED}}) + STOP + END,
        answer("a", usage=[3, 5]),
    ),
    "usage-after-the-end": (
        say("a") + STOP + END + event({"choices": [], "usage": USED}),
        answer("a", usage=[3, 5]),
    ),
    "usage-as-text": (
        say("a") + STOP + event({"choices": [], "usage": {"prompt_tokens": "3"}}) + END,
        answer("a"),
    ),
}

WHOLE: dict[str, tuple[str, Json]] = {
    "whole-without-reason": (whole({"content": "a"}, None), answer("a", usage=[3, 5])),
    "whole-lone-end": (
        whole({"content": "r\n</think>\na"}),
        answer("<think>\nr\n</think>\na"),
    ),
    "whole-error-in-its-choice": (
        whole({"content": ""}, "error", error={"code": 429, "message": "slow down, please"}),
        fails("rate_limited", "InvokeRateLimitError", says="slow down, please"),
    ),
    "whole-two-calls-one-id": (
        whole(
            {
                "content": None,
                "tool_calls": [
                    {"id": "a", "function": {"name": "f", "arguments": {"a": one}}}
                    for one in (1, 2)
                ],
            },
            "tool_calls",
        ),
        calls({"a": 1}, {"a": 2}),
    ),
}

BEHIND_THE_FAMILY: dict[str, tuple[str, Json]] = {
    "no-reason-behind-the-family": (say("a") + END, fails("truncated", text="a")),
    "whole-behind-the-family": (whole({"content": "a"}, None), answer("a")),
}

CASES = [
    *(Case(name, "tools", True, raw.encode(), told) for name, (raw, told) in STREAMS.items()),
    *(Case(name, "tools", False, raw.encode(), told) for name, (raw, told) in WHOLE.items()),
    *(
        Case(name, "chat", True, raw.encode(), told, headers=OF_THE_FAMILY)
        for name, (raw, told) in BEHIND_THE_FAMILY.items()
    ),
]
