"""How LiteLLM's proxy words and wraps errors, and what it makes of upstream's headers."""

from dataclasses import dataclass
from typing import Any

from simulator.answer import Answer, Headers, dump
from simulator.call import Call

JSON: Headers = (("content-type", "application/json"),)
"""Its headers are in small letters."""

_HOP_BY_HOP = frozenset({"connection", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Named:
    """What a status becomes: the exception's name, what it says of itself, the error's type."""

    exception: str
    says: str
    kind: str = "internal_server_error"
    status: int = 0
    """Of the answer; 0 is the upstream's."""


THROTTLED = Named("RateLimitError", "RateLimitError: ", "throttling_error")
BAD = "invalid_request_error"
NAMED: dict[int, Named] = {
    400: Named("BadRequestError", "", BAD),
    401: Named("AuthenticationError", "AuthenticationError: ", "authentication_error"),
    402: Named("APIError", "APIError: ", BAD),
    403: Named("APIError", "APIError: ", "permission_error"),
    404: Named("NotFoundError", "NotFoundError: ", BAD),
    408: Named("Timeout", "Timeout Error: ", BAD),
    413: Named("APIError", "APIError: ", BAD),
    429: THROTTLED,
    500: Named("InternalServerError", "InternalServerError: "),
    502: Named("BadGatewayError", "BadGatewayError: "),
    503: Named("ServiceUnavailableError", "ServiceUnavailableError: "),
    504: Named("Timeout", "Timeout Error: "),
}
"""Status of upstream -> how it is told."""

LOST = Named("APIConnectionError", "APIConnectionError: ")
OTHER = Named("APIError", "APIError: ")


def trailer(model: str) -> str:
    """What ends every error of a model that was called."""
    return f"LiteLLM: model group '{model}' failed with the error above. No fallback was attempted."


def provider_headers(up: Answer) -> Headers:
    """Upstream's headers under LiteLLM's prefix, and the copies that it makes of some."""
    names = [(name.lower(), value) for name, value in up.headers]
    theirs = [(f"llm_provider-{name}", value) for name, value in names if name not in _HOP_BY_HOP]
    copied = [pair for pair in names if pair[0].startswith("x-ratelimit-")]
    return (*copied, *theirs)


def told(
    call: Call,
    status: int,
    message: str,
    kind: str | None,
    headers: Headers = (),
    param: Any = None,
) -> Answer:
    """An error of a call, with the trailer that all but moderation's have."""
    said = message if call.endpoint == "moderations" else f"{message}\n\n{trailer(call.model)}"
    error = {"message": said, "type": kind, "param": param, "code": str(status)}
    return Answer(status, (*JSON, *headers), (dump({"error": error}),))
