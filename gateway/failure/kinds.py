"""The kinds of failure: what each means, how often it is repeated, and what a person can do.

A row here is all that ``retry`` (repeats, pause), ``explain`` (texts), the adapters (outcome) and
the README's failure table know of a kind.
"""

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What the caller is told in the end; each is one of Dify's exact error classes."""

    RATE_LIMIT = "InvokeRateLimitError"
    AUTHORIZATION = "InvokeAuthorizationError"
    BAD_REQUEST = "InvokeBadRequestError"
    UNAVAILABLE = "InvokeServerUnavailableError"
    CONNECTION = "InvokeConnectionError"


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds before a repeat: full jitter below ``base`` x 2^n, at most ``cap``, or ``fixed``."""

    base: float = 1.0
    cap: float = 20.0
    fixed: float | None = None


UNTIL_DEADLINE: int | None = None
"""As often as the waiting budget allows; the queue says when."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of failure.

    Attributes:
        name: stable identifier, used in logs and tests.
        outcome: the class that ends the call.
        headline: what happened, in a few words; the point comes first.
        meaning: what that means; may be empty where the headline says all.
        remedy: what a person can do.
        repeats: how often a call is repeated after this failure; ``None`` as long as the waiting
            budget lasts.
        pause: how long to wait before a repeat that the server gave no time for.
        slow_repeats: repeats left if the failed attempt took longer than 30 s.
        within: repeated only if the attempt failed within so many seconds, for later it may have
            been billed.
        names_balance: upstream's words may tell a balance, which is not for every reader.
        condemns_key: the key cannot be used; another one may do.
        is_about_model: the model's name may be wrong.
    """

    name: str
    outcome: Outcome
    headline: str
    meaning: str
    remedy: str
    repeats: int | None = 0
    pause: Pause = Pause()
    slow_repeats: int | None = None
    within: float | None = None
    names_balance: bool = False
    condemns_key: bool = False
    is_about_model: bool = False

    @property
    def is_rejection(self) -> bool:
        """There was no room: the queue learns from it, and says when to come back."""
        return self.repeats is None


SATURATED = Kind(
    "saturated",
    Outcome.RATE_LIMIT,
    "the gateway is saturated",
    "Every upstream channel of this key's group is at its limit; key and settings are fine.",
    "Try again in a few minutes, choose another model or a key of another group, or raise Max "
    "Retry Seconds.",
    repeats=UNTIL_DEADLINE,
)
RATE_LIMITED = Kind(
    "rate_limited",
    Outcome.RATE_LIMIT,
    "the rate limit is reached",
    "More requests or tokens were sent per minute than this account or the gateway's upstream "
    "allows.",
    "Try again in a minute, send fewer calls at once, or raise Max Retry Seconds.",
    repeats=UNTIL_DEADLINE,
)
OVERLOADED = Kind(
    "overloaded",
    Outcome.UNAVAILABLE,
    "the gateway or its upstream is overloaded",
    "It turns calls away for the moment; key and settings are fine.",
    "Try again in a few minutes, choose another model, or raise Max Retry Seconds.",
    repeats=UNTIL_DEADLINE,
)
OWN_QUOTA = Kind(
    "own_quota",
    Outcome.RATE_LIMIT,
    "the quota of this API key or its account is used up",
    "The gateway does not serve this key until it is topped up; waiting does not help.",
    "Top up the account or raise the key's quota at the gateway; a smaller max_tokens can pass a "
    "low balance.",
    names_balance=True,
    condemns_key=True,
)
UPSTREAM_QUOTA = Kind(
    "upstream_quota",
    Outcome.RATE_LIMIT,
    "the gateway operator's upstream account has no quota left",
    "It is the operator's account with the model's provider, not yours.",
    "Tell the gateway's operator, or choose another model or a key of another group.",
    repeats=1,
    names_balance=True,
)
KEY_REFUSED = Kind(
    "key_refused",
    Outcome.AUTHORIZATION,
    "the API key is missing, wrong, disabled or expired",
    "The gateway does not know this key.",
    "Check API Key and API Base URL: a key works only on the site that issued it.",
    condemns_key=True,
)
UPSTREAM_REFUSED = Kind(
    "upstream_refused",
    Outcome.UNAVAILABLE,
    "the gateway's own upstream refuses it",
    "The channel that the gateway's operator set up for this model is not accepted by the model's "
    "provider; your key is fine.",
    "Tell the gateway's operator, or choose another model or a key of another group.",
    repeats=1,
)
ACCESS_DENIED = Kind(
    "access_denied",
    Outcome.BAD_REQUEST,
    "this API key may not do that",
    "The key is known, but its address list, its group, its model list or its owner forbids the "
    "call.",
    "Change the key's permissions at the gateway, or use another key.",
)
NO_CHANNEL = Kind(
    "no_channel",
    Outcome.UNAVAILABLE,
    "the gateway has no channel for this model",
    "The model's name is wrong, the key's group lacks it, or all its channels are switched off.",
    "Check the model's spelling against the gateway's list, or use a key of a group that has it.",
    is_about_model=True,
    repeats=1,
    pause=Pause(fixed=5.0),
)
MODEL_NOT_FOUND = Kind(
    "model_not_found",
    Outcome.BAD_REQUEST,
    "the model is not known or not set up",
    "The gateway or its upstream does not serve a model of this name.",
    "Check the model's spelling against the gateway's list, or choose another model.",
    is_about_model=True,
)
WRONG_URL = Kind(
    "wrong_url",
    Outcome.BAD_REQUEST,
    "the API Base URL does not lead to this API",
    "A web page, a redirect or 'not found' came back instead of an answer.",
    "Check API Base URL; it usually ends in /v1.",
)
CONTENT_REFUSED = Kind(
    "content_refused",
    Outcome.BAD_REQUEST,
    "the content was refused by a filter",
    "The gateway or the model's provider does not process this prompt.",
    "Change the prompt, or choose another model.",
)
CONTEXT_TOO_LONG = Kind(
    "context_too_long",
    Outcome.BAD_REQUEST,
    "the prompt is too long for this model",
    "Messages, tools and answer together exceed the model's context.",
    "Shorten the conversation or the documents in it, lower max_tokens, or choose a model with a "
    "larger context.",
)
TOO_LARGE = Kind(
    "too_large",
    Outcome.BAD_REQUEST,
    "the request is too large",
    "The gateway or a proxy in front of it limits the size of a request.",
    "Send fewer or smaller files, or a shorter prompt.",
)
BAD_REQUEST = Kind(
    "bad_request",
    Outcome.BAD_REQUEST,
    "the request was refused as invalid",
    "A parameter or a message does not suit this model.",
    "Check the model's parameters in the app against what the model accepts.",
)
SERVER_ERROR = Kind(
    "server_error",
    Outcome.UNAVAILABLE,
    "the gateway or its upstream failed",
    "It is a fault on their side; key and settings are fine.",
    "Try again; if it lasts, choose another model or tell the gateway's operator.",
    repeats=3,
    slow_repeats=1,
)
LIMITER_FAILED = Kind(
    "limiter_failed",
    Outcome.UNAVAILABLE,
    "the gateway's own rate limiter is out of order",
    "It fails until the gateway is restarted; repeating does not help.",
    "Tell the gateway's operator (its Redis failed).",
)
UPSTREAM_TIMEOUT = Kind(
    "upstream_timeout",
    Outcome.UNAVAILABLE,
    "the gateway waited too long for its upstream",
    "A proxy on the way gave the call up.",
    "Try again; ask for shorter answers, or choose a faster model.",
    repeats=1,
)
CONNECT_FAILED = Kind(
    "connect_failed",
    Outcome.CONNECTION,
    "no connection to the gateway",
    "Its address could not be found or reached from the machine that runs Dify's plugins.",
    "Check API Base URL, and that this machine may reach it (DNS, firewall, proxy).",
    repeats=3,
)
TLS_FAILED = Kind(
    "tls_failed",
    Outcome.CONNECTION,
    "the gateway's TLS certificate is not accepted",
    "Its certificate is expired, made for another name, or signed by an unknown authority.",
    "Have the certificate put right, or name the authority's file in REQUESTS_CA_BUNDLE.",
)
CONNECTION_LOST = Kind(
    "connection_lost",
    Outcome.CONNECTION,
    "the connection broke before the gateway answered",
    "",
    "Try again; if it lasts, tell the gateway's operator.",
    repeats=2,
    within=5.0,
)
NO_ANSWER = Kind(
    "no_answer",
    Outcome.UNAVAILABLE,
    "the gateway accepted the call and then fell silent",
    "The call may have been billed, so it was not sent again.",
    "Try again; if it lasts, choose another model or tell the gateway's operator.",
)
TIME_LIMIT = Kind(
    "time_limit",
    Outcome.UNAVAILABLE,
    "the answer was not complete within 590 s",
    "Dify ends every call to a plugin at 600 s.",
    "Ask for a shorter answer, or choose a faster model.",
)
EMPTY_ANSWER = Kind(
    "empty_answer",
    Outcome.UNAVAILABLE,
    "the model's answer was empty",
    "The gateway reported success without any content.",
    "Try again, or choose another model.",
    repeats=1,
)
TRUNCATED = Kind(
    "truncated",
    Outcome.UNAVAILABLE,
    "the answer broke off",
    "The gateway ended it without a finish reason, so it is not complete.",
    "Try again; if it lasts, choose another model or tell the gateway's operator.",
    repeats=3,
    slow_repeats=1,
)

QUEUE_FULL = Kind(
    "queue_full",
    Outcome.RATE_LIMIT,
    "too many calls are waiting for the gateway",
    "It takes fewer calls than this Dify sends.",
    "Try again in a few minutes, send fewer calls at once, or add keys of other groups.",
)
QUEUE_TOO_LONG = Kind(
    "queue_too_long",
    Outcome.RATE_LIMIT,
    "the turn of this call does not come in time",
    "Calls wait for each other, because the gateway takes only so many at once.",
    "Try again in a few minutes, send fewer calls at once, add keys of other groups, or raise Max "
    "Retry Seconds.",
)
GATEWAY_SHUT = Kind(
    "gateway_shut",
    Outcome.RATE_LIMIT,
    "the gateway has let nothing through for a minute",
    "Every call, and the last probe too, was refused as saturated.",
    "Try again in a few minutes, choose another model or a key of another group.",
)
KEYS_RESTING = Kind(
    "keys_resting",
    Outcome.RATE_LIMIT,
    "none of the API keys can be used",
    "Each was refused or has used its quota up; they are tried again after five minutes.",
    "Check the keys at the gateway; saving the settings tries them at once.",
)

MALFORMED_ANSWER = Kind(
    "malformed_answer",
    Outcome.UNAVAILABLE,
    "the gateway's answer is not what was asked for",
    "",
    "Check that the model is of this type, and API Base URL; if it lasts, tell the gateway's "
    "operator.",
    repeats=1,
)
BROKEN_TOOL_CALL = Kind(
    "broken_tool_call",
    Outcome.UNAVAILABLE,
    "a tool call in the model's answer is not complete",
    "Its arguments are no valid JSON, often because the answer reached max_tokens.",
    "Raise max_tokens, or try again.",
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
