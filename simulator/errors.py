"""The upstream's error bodies, by name: with a status of their own, inside a 200, within a stream.

They are those that the recorded upstream sent (tests/fixtures), or that the facts name.
"""

from collections.abc import Sequence
from typing import Any

from simulator.answer import Headers
from simulator.streams import event


def error(
    message: str, kind: str | None = None, code: Any = None, param: str | None = None
) -> dict[str, Any]:
    """An error in OpenAI's envelope."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


RATE_LIMITED = error(
    "Rate limit reached for gpt-x in organization org-x on requests per min (RPM): Limit 3, Used 3,"
    " Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits"
    " to learn more.",
    "requests",
    "rate_limit_exceeded",
)
_QUOTA = error(
    "You exceeded your current quota, please check your plan and billing details. For more"
    " information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
    "insufficient_quota",
    "insufficient_quota",
)
_OVERLOADED = error(
    "The server is currently overloaded with other requests. Sorry about that! You can retry your"
    " request, or contact us through our help center at help.openai.com if the error persists.",
    "server_error",
    "overloaded",
)
_SERVER_ERROR = error(
    "The server had an error while processing your request. Sorry about that!", "server_error"
)
_CONTEXT = error(
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000"
    " tokens. Please reduce the length of the messages.",
    "invalid_request_error",
    "context_length_exceeded",
    "messages",
)
_ANTHROPIC_BUSY = {
    "type": "error",
    "error": {
        "type": "rate_limit_error",
        "message": "This request would exceed your organization's rate limit.",
    },
}
_GEMINI_BUSY = {
    "error": {
        "code": 429,
        "message": "Resource has been exhausted (e.g. check quota).",
        "status": "RESOURCE_EXHAUSTED",
    }
}
INVALID = "invalid_request_error"

JSON_ERRORS: dict[str, tuple[int, Any, Headers]] = {
    "sat-forever": (429, RATE_LIMITED, ()),
    "sat-quota": (429, _QUOTA, ()),
    "sat-anthropic-body": (429, _ANTHROPIC_BUSY, ()),
    "sat-gemini-body": (429, _GEMINI_BUSY, ()),
    "sat-message-only": (429, {"message": "TPM limit reached"}, ()),
    "sat-detail": (429, {"detail": "too many requests"}, ()),
    "sat-rejected": (
        429,
        error(
            "Request was rejected due to rate limiting. Details: TPM limit reached.",
            "",
            "bad_response_status_code",
        ),
        (),
    ),
    "e400": (
        400,
        error(
            "Unsupported parameter: 'max_tokens' is not supported with this model."
            " Use 'max_completion_tokens' instead.",
            INVALID,
            "unsupported_parameter",
            "max_tokens",
        ),
        (),
    ),
    "e400-context": (400, _CONTEXT, ()),
    "e400-masked": (
        400,
        error(
            "see https://api.example.com/v1/docs?x=1 or 10.1.2.3 or help.example.org;"
            " model gpt-4.1-mini, mail a@b.cn",
            INVALID,
            "bad",
        ),
        (),
    ),
    "e401": (
        401,
        error(
            "Incorrect API key provided: sk-abcd********wxyz. You can find your API key at"
            " https://platform.openai.com/account/api-keys.",
            INVALID,
            "invalid_api_key",
        ),
        (),
    ),
    "e401-anthropic": (
        401,
        {
            "type": "error",
            "error": {"type": "authentication_error", "message": "invalid x-api-key"},
        },
        (),
    ),
    "e402": (402, error("Insufficient Balance", "unknown_error", "invalid_request_error"), ()),
    "e403": (
        403,
        error(
            "Country, region, or territory not supported",
            "request_forbidden",
            "unsupported_country_region_territory",
        ),
        (),
    ),
    "e403-permission": (403, error("permission denied", "permission_error"), ()),
    "e404-model": (
        404,
        error(
            "The model `gpt-x` does not exist or you do not have access to it.",
            INVALID,
            "model_not_found",
        ),
        (),
    ),
    "e408": (408, error("Request timeout", "timeout", "request_timeout"), ()),
    "e422": (422, error("temperature: out of range", INVALID, "invalid_value", "temperature"), ()),
    "e500": (500, _SERVER_ERROR, ()),
    "e500-overloaded": (500, error("Service is overloaded, try later", "server_error"), ()),
    "e502-overloaded": (502, error("upstream is overloaded", "server_error", "overloaded"), ()),
    "e503-overloaded": (503, _OVERLOADED, (("Retry-After", "5"),)),
    "e503-rate-limit": (503, error("Rate limit exceeded, too many requests", "server_error"), ()),
    "e529": (
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        (),
    ),
}
"""name -> status, body, headers. What a gateway makes of it is the gateway's affair."""

_BUSY = "upstream is busy, try later"
IN_200: dict[str, Any] = {
    "error-in-200": error(_BUSY, "server_error", "busy"),
    "error-in-200-no-type": {"error": {"message": _BUSY, "code": 429}},
    "error-in-200-string": {"error": "upstream is busy"},
    "error-in-200-message": {"message": _BUSY},
    "error-in-200-msg": {"code": 1302, "msg": _BUSY},
    "error-in-200-err": {"err": _BUSY},
    "error-in-200-error_msg": {"error_code": 18, "error_msg": _BUSY},
    "error-in-200-detail": {"detail": _BUSY},
    "error-in-200-header": {"header": {"code": 10013, "message": _BUSY}},
    "error-in-200-response": {"response": {"error": {"message": _BUSY}}},
    "error-in-200-success-false": {"success": False, "message": _BUSY},
    "error-in-200-quota": _QUOTA,
    "error-in-200-429": RATE_LIMITED,
    "choices-empty": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1760000000,
        "model": "m",
        "choices": [],
        "usage": {"prompt_tokens": 5, "completion_tokens": 0, "total_tokens": 5},
    },
}
"""Bodies of a 200 that is none, whether a stream was asked for or not."""

_SSE_OVERLOADED = error("The server is overloaded", "server_error", "overloaded")
_SSE_SERVER_ERROR = error(
    "The server had an error while processing your request", "server_error", "overloaded"
)
_ANTHROPIC_OVERLOADED = {
    "type": "error",
    "error": {"type": "overloaded_error", "message": "Overloaded"},
}
_BARE = b'{"error":{"message":"Overloaded","type":"overloaded_error","param":"","code":"503"}}\n\n'

SSE_ERRORS: dict[str, tuple[int, Sequence[bytes]]] = {
    "sse-error-first": (0, (event(_SSE_OVERLOADED),)),
    "sse-error-first-429": (0, (event(RATE_LIMITED),)),
    "sse-error-first-400": (0, (event(_CONTEXT),)),
    "sse-error-first-401": (0, (event(JSON_ERRORS["e401"][1]),)),
    "sse-error-first-quota": (0, (event(_QUOTA),)),
    "sse-error-event-first": (0, (b"event: error\n" + event(_ANTHROPIC_OVERLOADED),)),
    "sse-error-typed-first": (0, (event(_ANTHROPIC_OVERLOADED),)),
    "sse-error-no-type": (0, (event(IN_200["error-in-200-no-type"]),)),
    "sse-error-string": (0, (event({"error": "upstream is busy"}),)),
    "sse-error-message": (0, (event({"message": _BUSY}),)),
    "sse-error-msg": (0, (event({"code": 1302, "msg": _BUSY}),)),
    "sse-error-err": (0, (event({"err": _BUSY}),)),
    "sse-error-error_msg": (0, (event({"error_code": 18, "error_msg": _BUSY}),)),
    "sse-error-detail": (0, (event({"detail": _BUSY}),)),
    "sse-error-header": (0, (event({"header": {"code": 10013, "message": _BUSY}}),)),
    "sse-error-response": (0, (event({"response": {"error": {"message": _BUSY}}}),)),
    "sse-bare-error": (0, (_BARE,)),
    "sse-choices-null": (0, (event({"id": "", "model": "", "choices": None}),)),
    "sse-error-after-content": (4, (event(_SSE_SERVER_ERROR),)),
    "sse-error-after-content-429": (4, (event(RATE_LIMITED),)),
    "sse-error-event": (4, (b"event: error\n" + event(_ANTHROPIC_OVERLOADED),)),
    "sse-bare-error-after-content": (4, (_BARE,)),
    "sse-text-repeated": (4, (_BARE,)),
}
"""name -> how many words come before it, the failing events."""
