"""The catalogue of failures: what each kind is, how often it is repeated, whom it affects.

A row here is all that ``retry`` (repeats, pause), the adapters (outcome), the report of
``resilient-gateway explain`` and the documentation's failure tables know of a kind. What people
read of it is in ``locales``, under its name: a new kind is one row here and five lines there.
"""

from collections.abc import Mapping

from engine.errors.kind import Affected, Check, Kind, Outcome, Pause, Step

__all__ = ["KINDS", "UNTIL_DEADLINE", "Kind", "Outcome", "Pause"]

UNTIL_DEADLINE: int | None = None
"""As often as the waiting budget allows; the queue says when."""

_MAKE_ROOM = (
    Step.WAIT,
    Step.RETRY_SECONDS,
    Step.OTHER_GROUP,
    Step.OTHER_MODEL,
    Step.SPREAD,
    Step.CACHE,
)
_QUEUE = (Step.SPREAD, Step.OTHER_GROUP, Step.RETRY_SECONDS, Step.CACHE, Step.WAIT)
_THEIR_FAULT = (Step.WAIT, Step.OTHER_MODEL, Step.OTHER_GROUP, Step.OPERATOR)

SATURATED = Kind(
    "saturated",
    Outcome.RATE_LIMIT,
    Affected.GROUP,
    _MAKE_ROOM,
    (Check.GROUP, Check.INCIDENT),
    repeats=UNTIL_DEADLINE,
)
RATE_LIMITED = Kind(
    "rate_limited",
    Outcome.RATE_LIMIT,
    Affected.KEY,
    (
        Step.WAIT,
        Step.SPREAD,
        Step.RETRY_SECONDS,
        Step.OTHER_GROUP,
        Step.OTHER_MODEL,
        Step.CACHE,
    ),
    (Check.GROUP, Check.INCIDENT),
    repeats=UNTIL_DEADLINE,
)
OVERLOADED = Kind(
    "overloaded",
    Outcome.UNAVAILABLE,
    Affected.GATEWAY,
    (Step.WAIT, Step.RETRY_SECONDS, Step.OTHER_MODEL, Step.OTHER_GROUP, Step.SPREAD, Step.OPERATOR),
    (Check.INCIDENT,),
    repeats=UNTIL_DEADLINE,
)
OWN_QUOTA = Kind(
    "own_quota",
    Outcome.RATE_LIMIT,
    Affected.KEY,
    (Step.TOP_UP, Step.LESS_TOKENS, Step.OTHER_GROUP),
    (Check.BALANCE, Check.KEY),
    names_balance=True,
    condemns_key=True,
)
UPSTREAM_QUOTA = Kind(
    "upstream_quota",
    Outcome.RATE_LIMIT,
    Affected.GROUP,
    (Step.OPERATOR, Step.OTHER_MODEL, Step.OTHER_GROUP, Step.WAIT),
    (Check.INCIDENT, Check.BALANCE),
    repeats=1,
    names_balance=True,
    condemns_route=True,
)
KEY_REFUSED = Kind(
    "key_refused",
    Outcome.AUTHORIZATION,
    Affected.KEY,
    (Step.KEY, Step.URL),
    (Check.KEY, Check.URL),
    condemns_key=True,
)
UPSTREAM_REFUSED = Kind(
    "upstream_refused",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    (Step.OPERATOR, Step.OTHER_MODEL, Step.OTHER_GROUP),
    (Check.INCIDENT, Check.MODEL),
    repeats=1,
    condemns_route=True,
)
ACCESS_DENIED = Kind(
    "access_denied",
    Outcome.BAD_REQUEST,
    Affected.KEY,
    (Step.PERMISSIONS, Step.OTHER_GROUP, Step.OTHER_MODEL),
    (Check.KEY, Check.GROUP, Check.MODEL),
    condemns_route=True,
)
NO_CHANNEL = Kind(
    "no_channel",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    (Step.NAME, Step.OTHER_GROUP, Step.OTHER_MODEL, Step.OPERATOR),
    (Check.MODEL, Check.GROUP, Check.INCIDENT),
    is_about_model=True,
    repeats=1,
    pause=Pause(fixed=5.0),
    condemns_route=True,
)
MODEL_NOT_FOUND = Kind(
    "model_not_found",
    Outcome.BAD_REQUEST,
    Affected.MODEL,
    (Step.NAME, Step.OTHER_MODEL, Step.OTHER_GROUP),
    (Check.MODEL, Check.GROUP),
    is_about_model=True,
    condemns_route=True,
)
WRONG_URL = Kind(
    "wrong_url",
    Outcome.BAD_REQUEST,
    Affected.DIFY,
    (Step.URL, Step.OTHER_MODEL),
    (Check.URL,),
)
WRONG_API = Kind(
    "wrong_api",
    Outcome.BAD_REQUEST,
    Affected.MODEL,
    (Step.API_TYPE, Step.NAME, Step.URL, Step.OTHER_MODEL),
    (Check.MODEL, Check.URL),
)
CONTENT_REFUSED = Kind(
    "content_refused",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.REQUEST, Step.OTHER_MODEL),
    (),
)
CONTEXT_TOO_LONG = Kind(
    "context_too_long",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.SHORTEN, Step.LESS_TOKENS, Step.OTHER_MODEL),
    (),
)
TOO_LARGE = Kind(
    "too_large",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.SHORTEN, Step.OPERATOR),
    (),
)
BAD_REQUEST = Kind(
    "bad_request",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.REQUEST, Step.OTHER_MODEL),
    (Check.MODEL,),
)
SERVER_ERROR = Kind(
    "server_error",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    repeats=3,
    slow_repeats=1,
)
LIMITER_FAILED = Kind(
    "limiter_failed",
    Outcome.UNAVAILABLE,
    Affected.GATEWAY,
    (Step.OPERATOR,),
    (Check.INCIDENT,),
)
UPSTREAM_TIMEOUT = Kind(
    "upstream_timeout",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    (Step.WAIT, Step.LESS_TOKENS, Step.OTHER_MODEL, Step.OPERATOR),
    (Check.INCIDENT,),
    repeats=1,
)
CONNECT_FAILED = Kind(
    "connect_failed",
    Outcome.CONNECTION,
    Affected.DIFY,
    (Step.URL, Step.NETWORK, Step.WAIT),
    (Check.URL, Check.INCIDENT),
    repeats=3,
)
TLS_FAILED = Kind(
    "tls_failed",
    Outcome.CONNECTION,
    Affected.DIFY,
    (Step.CERTIFICATE, Step.URL),
    (Check.URL,),
)
CONNECTION_LOST = Kind(
    "connection_lost",
    Outcome.CONNECTION,
    Affected.CALL,
    (Step.WAIT, Step.NETWORK, Step.OPERATOR),
    (Check.INCIDENT,),
    repeats=2,
    max_wait_seconds=5.0,
)
NO_ANSWER = Kind(
    "no_answer",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
)
TIME_LIMIT = Kind(
    "time_limit",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    (Step.LESS_TOKENS, Step.OTHER_MODEL, Step.SHORTEN),
    (),
)
EMPTY_ANSWER = Kind(
    "empty_answer",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    repeats=1,
)
TRUNCATED = Kind(
    "truncated",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    repeats=3,
    slow_repeats=1,
)

QUEUE_FULL = Kind(
    "queue_full",
    Outcome.RATE_LIMIT,
    Affected.DIFY,
    _QUEUE,
    (Check.GROUP,),
)
QUEUE_TOO_LONG = Kind(
    "queue_too_long",
    Outcome.RATE_LIMIT,
    Affected.DIFY,
    _QUEUE,
    (Check.GROUP,),
)
GATEWAY_SHUT = Kind(
    "gateway_shut",
    Outcome.RATE_LIMIT,
    Affected.GROUP,
    _MAKE_ROOM,
    (Check.INCIDENT, Check.GROUP),
)
KEYS_RESTING = Kind(
    "keys_resting",
    Outcome.RATE_LIMIT,
    Affected.KEY,
    (Step.KEY, Step.TOP_UP, Step.WAIT),
    (Check.KEY, Check.BALANCE),
)

MALFORMED_ANSWER = Kind(
    "malformed_answer",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    (Step.NAME, Step.URL, Step.OTHER_MODEL, Step.OPERATOR),
    (Check.MODEL, Check.URL),
    repeats=1,
)
BROKEN_TOOL_CALL = Kind(
    "broken_tool_call",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    (Step.WAIT, Step.OTHER_MODEL, Step.MORE_TOKENS),
    (),
)

KINDS: tuple[Kind, ...] = (
    QUEUE_FULL,
    QUEUE_TOO_LONG,
    GATEWAY_SHUT,
    KEYS_RESTING,
    SATURATED,
    RATE_LIMITED,
    OVERLOADED,
    OWN_QUOTA,
    UPSTREAM_QUOTA,
    KEY_REFUSED,
    UPSTREAM_REFUSED,
    ACCESS_DENIED,
    NO_CHANNEL,
    MODEL_NOT_FOUND,
    WRONG_URL,
    WRONG_API,
    CONTENT_REFUSED,
    CONTEXT_TOO_LONG,
    TOO_LARGE,
    BAD_REQUEST,
    SERVER_ERROR,
    LIMITER_FAILED,
    UPSTREAM_TIMEOUT,
    CONNECT_FAILED,
    TLS_FAILED,
    CONNECTION_LOST,
    NO_ANSWER,
    TIME_LIMIT,
    EMPTY_ANSWER,
    TRUNCATED,
    MALFORMED_ANSWER,
    BROKEN_TOOL_CALL,
)

CAUSES: Mapping[str, Kind] = {
    "name_not_found": CONNECT_FAILED,
    "port_closed": CONNECT_FAILED,
    "unreachable": CONNECT_FAILED,
    "connect_timeout": CONNECT_FAILED,
    "port_without_tls": CONNECT_FAILED,
    "port_with_tls": CONNECT_FAILED,
    "certificate_expired": TLS_FAILED,
    "certificate_name": TLS_FAILED,
    "certificate_issuer": TLS_FAILED,
    "certificate_file": TLS_FAILED,
    "proxy_password": CONNECT_FAILED,
    "proxy_refuses": CONNECT_FAILED,
    "proxy_socks": CONNECT_FAILED,
    "proxy_without_tls": CONNECT_FAILED,
    "proxy_address": CONNECT_FAILED,
    "proxy_type": CONNECT_FAILED,
    "proxy_unreachable": CONNECT_FAILED,
    "key_unknown": KEY_REFUSED,
    "key_disabled": KEY_REFUSED,
    "key_expired": KEY_REFUSED,
    "key_used_up": OWN_QUOTA,
    "tool_call_cut": BROKEN_TOOL_CALL,
}
"""Causes that are known in a single case and have sentences of their own, and of which kind."""
