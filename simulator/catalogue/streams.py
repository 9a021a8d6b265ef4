"""Facts §2 and what §7 adds to it: failures after HTTP 200 in a stream, and broken connections."""

from simulator.catalogue.row import Row, rows

_DONE = "§2: [DONE] proves nothing, success is a finish reason"
_PASSED = "§2: NA passes the error event through, then usage and [DONE]"
_DROPPED = "§2: OA drops the error event, only [DONE] is left"
_SHAPES = "§2: other shapes of errors seen"
_JSON = "§2, §7: upstream answers a stream with JSON"
_CHAT = ("chat",)
_FIRST = "sse-error-first sse-error-first-429 sse-error-first-400 sse-error-first-quota"
_LATE = "sse-error-after-content sse-error-after-content-429 sse-error-event"

_RESPONSES = ("responses",)
_SPEAKERS = "new-api rix openai"
"""Families that have `/v1/responses`."""

STREAMS: tuple[Row, ...] = (
    *rows("one-api new-api rix", "cut-before-content", _DONE, in_stream=True),
    *rows("one-api new-api rix", "cut-after-content eof-after-content", _DONE, in_stream=True),
    *rows("one-api new-api rix", "done-only sse-empty sse-html", _DONE, in_stream=True),
    *rows("one-api new-api rix", "ok-no-finish", _DONE, in_stream=True),
    *rows("one-api new-api", "claude-cut", _DONE, in_stream=True, endpoints=_CHAT),
    *rows("new-api rix openai", _FIRST, _PASSED, in_stream=True),
    *rows("new-api rix openai", _LATE, _PASSED, in_stream=True),
    *rows("one-api", _FIRST, _DROPPED, in_stream=True),
    *rows("one-api", _LATE, _DROPPED, in_stream=True),
    *rows("one-api", "claude-error-first", _DROPPED, in_stream=True, endpoints=_CHAT),
    *rows("new-api", "sse-choices-null", "§2: force-format makes it choices null", in_stream=True),
    *rows("new-api rix openai", "sse-bare-error", "§2: no data: prefix", in_stream=True),
    *rows("new-api rix", "sse-bare-error-after-content", "§2: no data: prefix", in_stream=True),
    *rows(
        "new-api",
        "claude-error-after-content",
        "§2: NA Claude channel, a bare error",
        in_stream=True,
        endpoints=_CHAT,
    ),
    *rows(
        "new-api",
        "claude-restart sse-text-repeated",
        "§2, §7: NA with retries repeats the text in one stream",
        in_stream=True,
        endpoints=_CHAT,
    ),
    *rows(
        "new-api",
        "ping-50-slow-headers-429-200 ping-50-slow-headers-e500-200",
        "§2: pings, then a late error is HTTP 200 and bare JSON",
        in_stream=True,
    ),
    *rows("one-api", "error-in-200 choices-empty", _JSON + ": 200 and param 200", in_stream=True),
    *rows("one-api", "ok-json-for-stream", _JSON + ": even a good one", in_stream=True),
    *rows("new-api", "error-in-200 choices-empty empty-body", _JSON + ": usage", in_stream=True),
    *rows("new-api", "ok-json-for-stream", _JSON + ": usage, [DONE], no content", in_stream=True),
    *rows("openai rix", "sse-error-event-first sse-error-typed-first", _SHAPES, in_stream=True),
    *rows("openai rix", "sse-error-no-type sse-error-string", _SHAPES, in_stream=True),
    *rows("openai rix", "sse-error-message sse-error-msg sse-error-err", _SHAPES, in_stream=True),
    *rows("openai rix", "sse-error-error_msg sse-error-detail", _SHAPES, in_stream=True),
    *rows("openai rix", "sse-error-header sse-error-response", _SHAPES, in_stream=True),
    *rows("openai rix", "sse-error-first-401", _SHAPES, in_stream=True),
    *rows(
        "rix", "sse-error-first-429-1-then-ok", "§2: first event, then the answer", in_stream=True
    ),
    *rows("new-api one-api", "give-up-200", "§7: STREAMING_TIMEOUT, no content", in_stream=True),
    *rows(
        "new-api one-api",
        "give-up-after-content-200",
        "§7: STREAMING_TIMEOUT after content, then [DONE]",
        in_stream=True,
    ),
    *rows("rix openai", "stop-empty", "a stop without content", in_stream=True),
)

RESPONSES: tuple[Row, ...] = (
    *rows(
        _SPEAKERS,
        "failed-first failed-first-429 failed-first-flagged failed-without-error",
        "OpenAI: response.failed before content",
        in_stream=True,
        endpoints=_RESPONSES,
    ),
    *rows(
        _SPEAKERS,
        "error-event-first error-event-first-429",
        "OpenAI: an error event before content",
        in_stream=True,
        endpoints=_RESPONSES,
    ),
    *rows(
        _SPEAKERS,
        "failed-after-content failed-after-content-429 error-event-after-content",
        "OpenAI: the same after content",
        in_stream=True,
        endpoints=_RESPONSES,
    ),
    *rows(
        _SPEAKERS,
        "incomplete-otherwise cancelled-after-content",
        "OpenAI: a terminal event that is no success",
        in_stream=True,
        endpoints=_RESPONSES,
    ),
    *rows(
        _SPEAKERS,
        "begins-anew",
        "§2: another channel begins the answer anew",
        in_stream=True,
        endpoints=_RESPONSES,
    ),
    *rows(
        "openai rix",
        "refuses-max_output_tokens refuses-summaries refuses-encrypted-content",
        "400 naming it until it is gone",
        endpoints=_RESPONSES,
    ),
)
"""What only the Responses API does."""

CONNECTIONS: tuple[Row, ...] = (
    *rows("openai", "close-without-answer reset-without-answer", "closed before any byte"),
    *rows("cdn", "close-without-answer reset-without-answer", "closed before any byte"),
    *rows("one-api new-api openai", "hang", "§7: a hang lasts for ever"),
    *rows("new-api", "ping-50-hang", "§7: a hang with pings", in_stream=True),
    *rows("one-api new-api openai", "stall-before-content", "silence after the headers"),
    *rows("one-api new-api openai", "stall-after-content", "§7: a stall hides the newest text"),
    *rows("openai", "cut-before-content cut-after-content", "the socket closed in the body"),
    *rows("openai", "reset-after-content", "the socket reset in the body"),
    *rows("openai", "eof-after-content", "a clean end without a finish reason", in_stream=True),
    *rows("rix", "redirect-307-same redirect-308-same", "a redirect on the same host"),
    *rows("rix", "redirect-307-other redirect-308-other", "a redirect to another host"),
)
