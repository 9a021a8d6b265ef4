"""What a row of the catalogue (``kinds``) holds: what the engine does about a failure."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from engine.errors.messages import Language, Message, Texts, message, texts_of


class Outcome(Enum):
    """What the caller is told in the end; each is one of Dify's exact error classes."""

    RATE_LIMIT = "InvokeRateLimitError"
    AUTHORIZATION = "InvokeAuthorizationError"
    BAD_REQUEST = "InvokeBadRequestError"
    UNAVAILABLE = "InvokeServerUnavailableError"
    CONNECTION = "InvokeConnectionError"


class Affected(Enum):
    """Whose calls fail for the same reason."""

    CALL = "call"
    MODEL = "model"
    KEY = "key"
    GROUP = "group"
    GATEWAY = "gateway"
    DIFY = "dify"


class Step(Enum):
    """Something to do about a failure; what it means in detail is told by the report."""

    WAIT = "wait"
    RETRY_SECONDS = "retry_seconds"
    OTHER_GROUP = "other_group"
    OTHER_MODEL = "other_model"
    SPREAD = "spread"
    CACHE = "cache"
    TOP_UP = "top_up"
    LESS_TOKENS = "less_tokens"
    MORE_TOKENS = "more_tokens"
    KEY = "key"
    PERMISSIONS = "permissions"
    URL = "url"
    API_TYPE = "api_type"
    NAME = "name"
    REQUEST = "request"
    SHORTEN = "shorten"
    NETWORK = "network"
    CERTIFICATE = "certificate"
    OPERATOR = "operator"


class Check(Enum):
    """A question to ask of a gateway that somebody else runs."""

    KEY = "key"
    BALANCE = "balance"
    GROUP = "group"
    MODEL = "model"
    URL = "url"
    INCIDENT = "incident"


class Pause(NamedTuple):
    """Seconds before a repeat: full jitter below ``base`` x 2^n, at most ``cap``, or ``fixed``."""

    base: float = 1.0
    cap: float = 20.0
    fixed: float | None = None


_DEFAULT_PAUSE = Pause()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of failure.

    Attributes:
        name: stable identifier, used in logs and tests, and the key of its texts (``locales``).
        outcome: the class that ends the call.
        affects: whose calls fail for the same reason.
        steps: what to do, in order.
        checks: what to ask of the gateway first.
        repeats: how often a call is repeated after this failure; ``None`` as long as the waiting
            budget lasts.
        pause: how long to wait before a repeat that the server gave no time for.
        slow_repeats: repeats left if the failed attempt took longer than 30 s.
        max_wait_seconds: repeated only if the attempt failed within so many seconds, for later it
            may have been billed.
        names_balance: upstream's words may tell a balance, which is not for every reader.
        condemns_key: the key cannot be used; another one may do.
        condemns_route: the key cannot be used for this model; another one may do.
        is_about_model: the model's name may be wrong.
    """

    name: str
    outcome: Outcome
    affects: Affected
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    repeats: int | None = 0
    pause: Pause = _DEFAULT_PAUSE
    slow_repeats: int | None = None
    max_wait_seconds: float | None = None
    names_balance: bool = False
    condemns_key: bool = False
    condemns_route: bool = False
    is_about_model: bool = False

    def texts(self, language: Language) -> Texts:
        """What a person reads, in that language."""
        return texts_of(self.name, language)

    @property
    def headline(self) -> Message:
        """What happened, in a few words."""
        return message(f"kinds.{self.name}.headline")

    @property
    def is_rejection(self) -> bool:
        """There was no room: the queue learns from it, and says when to come back."""
        return self.repeats is None
