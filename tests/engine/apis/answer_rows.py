"""Answers of HTTP 200 as chunks of bytes, and what each of them is."""

import json
from typing import Any

DONE = b"data: [DONE]\n\n"


def event(document: object, *, ascii_only: bool = False) -> bytes:
    return b"data: " + json.dumps(document, ensure_ascii=ascii_only).encode() + b"\n\n"


def halves(**fields: str) -> bytes:
    return event({"choices": [{"index": 0, "delta": fields}]}, ascii_only=True)


def delta(fields: dict[str, Any] | None = None, reason: object = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": fields, "finish_reason": reason}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [choice], **more})


def text(words: str) -> bytes:
    return delta({"content": words})


def usage() -> bytes:
    counts = {"prompt_tokens": 11, "completion_tokens": 7}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": counts})


def whole(message: dict[str, Any], reason: object = "stop", indent: int | None = None) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": reason}
    counts = {"prompt_tokens": 1, "completion_tokens": 2}
    document = {"object": "chat.completion", "choices": [choice], "usage": counts}
    return json.dumps(document, indent=indent).encode()


STOP = delta({}, "stop")
TOOL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x":1}'}}
CUT_TOOL = {"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"x"'}}
BUSY = event({"error": {"message": "Overloaded", "type": "overloaded_error", "code": "503"}})

SUCCESSES: dict[str, tuple[list[bytes], str, str, str]] = {
    "stop": ([text("a"), text("b"), STOP, DONE], "ab", "", "stop"),
    "without [DONE]": ([text("a"), STOP], "a", "", "stop"),
    "reason beside the text": ([delta({"content": "a"}, "stop")], "a", "", "stop"),
    "length": ([text("a"), delta({}, "length")], "a", "", "length"),
    "length without content": ([delta({}, "length")], "", "", "length"),
    "content_filter": ([text("a"), delta({}, "content_filter")], "a", "", "content_filter"),
    "reasoning only": ([delta({"reasoning_content": "r"}), STOP], "", "r", "stop"),
    "the other reasoning field": ([delta({"reasoning": "r"}), text("a"), STOP], "a", "r", "stop"),
    "both at once": ([delta({"reasoning_content": "r", "content": "a"}), STOP], "a", "r", "stop"),
    "refusal": ([delta({"refusal": "no"}), STOP], "no", "", "stop"),
    "audio": ([delta({"audio": {"data": "AAAA"}}), STOP], "", "", "stop"),
    "audio's words": ([delta({"audio": {"transcript": "hi"}}), STOP], "hi", "", "stop"),
    "empty reasons before": (
        [
            delta({"role": "assistant", "content": "a"}, ""),
            delta({"content": ""}, "stop"),
            delta({}, ""),
        ],
        "a",
        "",
        "stop",
    ),
    "Azure's first event": (
        [event({"object": "", "choices": []}), text("a"), STOP],
        "a",
        "",
        "stop",
    ),
    "null delta": ([delta(None), text("a"), delta(None, "stop")], "a", "", "stop"),
    "content parts": (
        [delta({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}), STOP],
        "ab",
        "",
        "stop",
    ),
    "thinking part": (
        [
            delta({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]}),
            text("a"),
            STOP,
        ],
        "a",
        "r",
        "stop",
    ),
    "completion": (
        [event({"choices": [{"index": 0, "text": "a", "finish_reason": "stop"}]})],
        "a",
        "",
        "stop",
    ),
    "other choices are not read": (
        [
            event({"choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "stop"}]}),
            text("a"),
            STOP,
        ],
        "a",
        "",
        "stop",
    ),
    "whole": ([whole({"content": "a", "reasoning_content": "r"})], "a", "r", "stop"),
    "whole, of several lines": ([whole({"content": "a"}, indent=2)], "a", "", "stop"),
    "a list of several lines": (
        [b"[" + text("a")[6:-2] + b",\n" + STOP[6:-2] + b"]\n"],
        "a",
        "",
        "stop",
    ),
    "whole, cut anywhere": (
        [bytes([one]) for one in whole({"content": "你"}, indent=1)],
        "你",
        "",
        "stop",
    ),
    "error after the reason": ([text("a"), STOP, BUSY], "a", "", "stop"),
    "events joined by a careless proxy": (
        [text("a")[:-1] + text("b")[:-1] + STOP[:-1] + DONE],
        "ab",
        "",
        "stop",
    ),
    "two documents in one event": (
        [text("a")[:-2] + text("b").removeprefix(b"data: ")[:-2] + b" , " + text("c"), STOP],
        "abc",
        "",
        "stop",
    ),
    "a document and the end in one event": (
        [text("a"), STOP[:-2] + b" [DONE]\n\n", text("never")],
        "a",
        "",
        "stop",
    ),
    "a list of documents": (
        [b"data: [" + text("a")[6:-2] + b"," + STOP[6:-2] + b"]\n\n"],
        "a",
        "",
        "stop",
    ),
    "documents encoded twice": ([event(text("a")[6:-2].decode()), STOP], "a", "", "stop"),
    "a mark twice": ([b"data: " + text("a"), b"data: data: " + STOP], "a", "", "stop"),
    "raw line breaks in a text": (
        [text("a|b").replace(b"|", b"\n"), text("c|d").replace(b"|", b"\t"), STOP],
        "a\nbc\td",
        "",
        "stop",
    ),
    "a document in two events": (
        [text("abc")[:60] + b"\n\ndata: " + text("abc")[60:], STOP],
        "abc",
        "",
        "stop",
    ),
    "bytes of a character in two events": (
        [text("|").replace(b"|", b"\xe4\xbd"), text("|").replace(b"|", b"\xa0"), STOP],
        "你",
        "",
        "stop",
    ),
    "halves of a character": (
        [
            halves(reasoning="\ud83d"),
            halves(reasoning="\ude00", content="\ud83d"),
            halves(content="\ude00"),
            STOP,
        ],
        "😀",
        "😀",
        "stop",
    ),
    "half a character at the end": ([halves(content="a\ud83d"), STOP], "a\ufffd", "", "stop"),
    "a whole document after the reason is cut": (
        [text("a"), STOP, text("b")[:-9] + b"\n\n", text("c")],
        "ac",
        "",
        "stop",
    ),
    "an empty error in every chunk": (
        [
            delta({"content": "a"}, error={"message": "", "type": "", "code": None}),
            delta({}, "stop", error={"message": "", "code": 0}),
        ],
        "a",
        "",
        "stop",
    ),
    "an empty error in a choice": (
        [event({"choices": [{"delta": {"content": "a"}, "error": {"message": ""}}]}), STOP],
        "a",
        "",
        "stop",
    ),
    "Gemini's reason": ([text("a"), delta({}, "MAX_TOKENS")], "a", "", "length"),
    "Gemini's filter, after text": ([text("a"), delta({}, "SAFETY")], "a", "", "content_filter"),
    "a full context without content": (
        [delta({}, "model_context_window_exceeded")],
        "",
        "",
        "length",
    ),
    "a reason that is still null": (
        [delta({"content": "a"}, "null"), delta({"content": "b"}, "stop")],
        "ab",
        "",
        "stop",
    ),
    "no reason, but a server's own end": ([text("a"), DONE], "a", "", "stop"),
    "no reason, usage, a server's own end": ([text("a"), usage(), DONE], "a", "", "stop"),
    "no reason, tools, a server's own end": (
        [delta({"tool_calls": [TOOL]}), DONE],
        "",
        "",
        "tool_calls",
    ),
    "whole, without reason": ([whole({"content": "a"}, None)], "a", "", "stop"),
    "whole completion without reason": (
        [b'{"choices": [{"index": 0, "text": "a"}]}'],
        "a",
        "",
        "stop",
    ),
    "whole, of several lines, without reason": (
        [whole({"content": "a"}, None, indent=1)],
        "a",
        "",
        "stop",
    ),
    "thinking": ([delta({"thinking": "r"}), text("a"), STOP], "a", "r", "stop"),
    "reasoning as an object": (
        [delta({"reasoning": {"content": "r"}}), text("a"), STOP],
        "a",
        "r",
        "stop",
    ),
    "details alone": (
        [
            delta({"reasoning_details": [{"type": "reasoning.summary", "summary": "r"}]}),
            delta({"reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}]}),
            text("a"),
            STOP,
        ],
        "a",
        "r",
        "stop",
    ),
    "details that say it again, later": (
        [delta({"reasoning": "r"}), delta({"reasoning_details": [{"text": "r"}]}), text("a"), STOP],
        "a",
        "r",
        "stop",
    ),
    "LiteLLM's blocks": (
        [delta({"thinking_blocks": [{"type": "thinking", "thinking": "r"}]}), text("a"), STOP],
        "a",
        "r",
        "stop",
    ),
    "a content that is a part": (
        [delta({"content": {"type": "text", "text": "a"}}), delta({"content": ["b"]}), STOP],
        "ab",
        "",
        "stop",
    ),
    "index as text": (
        [event({"choices": [{"index": "0", "delta": {"content": "a"}}]}), STOP],
        "a",
        "",
        "stop",
    ),
    "the message again beside the last delta": (
        [
            text("a"),
            event(
                {"choices": [{"delta": {}, "message": {"content": "a"}, "finish_reason": "stop"}]}
            ),
        ],
        "a",
        "",
        "stop",
    ),
    "noise between events": (
        [b"data: keep-alive\n\n", text("a"), b"data: 7\n\n", STOP],
        "a",
        "",
        "stop",
    ),
}

FAILURES: dict[str, tuple[list[bytes], str, str]] = {
    "[DONE] alone": ([DONE], "", "truncated"),
    "end of stream": ([text("a")], "a", "truncated"),
    "nothing at all": ([], "", "truncated"),
    "only pings": ([b": PING\n\n: PING\n\n"], "", "truncated"),
    "empty reason": ([delta({"content": "a"}, "")], "a", "truncated"),
    "choices null": ([event({"id": "", "choices": None})], "", "truncated"),
    "reason error": ([text("a"), delta({}, "error")], "a", "truncated"),
    "stop without content": (
        [delta({"role": "assistant", "content": ""}), STOP, DONE],
        "",
        "empty_answer",
    ),
    "whole, without content": ([whole({"content": ""})], "", "empty_answer"),
    "whole, null content": ([whole({"content": None})], "", "empty_answer"),
    "whole, without reason or content": ([whole({"content": ""}, None)], "", "truncated"),
    "content_filter without content": ([delta({}, "content_filter")], "", "content_refused"),
    "a document cut, then others": (
        [text("a"), text("lost")[:-12] + b"\n\n", text("b"), STOP, DONE],
        "a",
        "truncated",
    ),
    "a document's second half alone": (
        [text("a"), b"data: " + text("lost")[40:], text("b"), STOP],
        "a",
        "truncated",
    ),
    "a document cut, then the end": ([text("a"), text("b")[:-9] + b"\n\n", DONE], "a", "truncated"),
    "a document cut within its event": (
        [text("a"), text("b")[:-9] + b"\n" + text("c"), STOP],
        "a",
        "truncated",
    ),
    "one chunk that is no stream": (
        [b'{"choices": [{"index": 0, "delta": {"content": "a"}}]}'],
        "a",
        "truncated",
    ),
    "a network error": ([text("a"), delta({}, "network_error"), DONE], "a", "truncated"),
    "a reason of an unknown fault": (
        [text("a"), delta({}, "upstream_fault_error")],
        "a",
        "truncated",
    ),
    "a fault, then stop": ([text("a"), delta({}, "abort"), STOP, DONE], "a", "truncated"),
    "the words of a fault": ([text("a"), delta({}, "error"), BUSY], "a", "overloaded"),
    "an error in a choice": (
        [event({"choices": [{"delta": {}, "error": {"code": 429}, "finish_reason": "error"}]})],
        "",
        "rate_limited",
    ),
    "Gemini's filter": ([delta({}, "SAFETY"), DONE], "", "content_refused"),
    "a refusal without words": ([whole({"content": None}, "refusal")], "", "content_refused"),
    "error first": ([BUSY], "", "overloaded"),
    "error first, bare": ([BUSY.removeprefix(b"data: ")], "", "overloaded"),
    "error after pings": ([b": PING\n\n" * 3, BUSY.removeprefix(b"data: ")], "", "overloaded"),
    "error after content": ([text("a"), BUSY], "a", "overloaded"),
    "error beside choices": (
        [event({"error": {"message": "x", "code": 429}, "choices": [{"delta": {"content": "a"}}]})],
        "",
        "rate_limited",
    ),
    "error event": ([b"event: error\n", BUSY], "", "overloaded"),
    "error as string": ([event({"error": "upstream is busy"})], "", "overloaded"),
    "error of several lines": (
        [json.dumps({"error": {"code": 429}}, indent=1).encode()],
        "",
        "rate_limited",
    ),
    "a page": ([b"<!DOCTYPE html>\n<html>\n<title>New API</title>\n</html>"], "", "wrong_url"),
    "a page as data": ([b"data: <html><title>x</title></html>\n\n"], "", "wrong_url"),
    "words": ([b"Internal error"], "", "server_error"),
    "a broken-off tool call": (
        [delta({"tool_calls": [CUT_TOOL]}), delta({}, "tool_calls")],
        "",
        "broken_tool_call",
    ),
}
