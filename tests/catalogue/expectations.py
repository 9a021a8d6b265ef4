"""How a call may end: what a caller is told, and how many requests the gateway sees.

Written from the issue's text, not from the engine. Where the catalogue of facts and the issue
differ in a number, the issue's counts.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

WORDS = "你好，this is the upstream."
"""What the simulator's upstream says where nothing else is asked of it."""

CUT = "你好，this is"
"""The part of it that arrives before a failure after content."""

NO_LIMIT = math.inf

SUCCESS = "success"
RATE_LIMIT = "InvokeRateLimitError"
AUTHORIZATION = "InvokeAuthorizationError"
BAD_REQUEST = "InvokeBadRequestError"
UNAVAILABLE = "InvokeServerUnavailableError"
CONNECTION = "InvokeConnectionError"
REFUSED = "CredentialsValidateFailedError"

SHORT = 8.0
"""Seconds: the budget of a recorded kind that is waited out to its end; one asks for 9 s."""

WAITED_OUT = 16.0
"""Seconds: the same of the catalogue's rows, of which hundreds are asked at once."""

BRIEF = 3.0
"""Seconds: a budget shorter than any wait that a gateway asks for here."""

LONG = 60.0
"""Seconds: the budget of a kind whose repeats are counted; it is never used up."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How a call ends.

    Attributes:
        outcome: `success`, or the name of the class on the wire.
        least: requests that the gateway sees at least.
        most: requests that it sees at most.
        budget: `max_retry_seconds` to ask with.
        text: what the answer says; empty text before most failures.
        finish: the finish reason of a success.
        parameters: model parameters to ask with.
    """

    outcome: str
    least: int
    most: float
    budget: float = LONG
    text: str = ""
    finish: str = ""
    parameters: dict[str, object] = field(default_factory=dict)


def fails(outcome: str, requests: int, budget: float = LONG) -> Expected:
    return Expected(outcome, requests, requests, budget)


def succeeds(
    requests: int = 1, *, text: str = WORDS, finish: str = "stop", **parameters: object
) -> Expected:
    return Expected(SUCCESS, requests, requests, LONG, text, finish, parameters)


def breaks_off(outcome: str = UNAVAILABLE, text: str = CUT) -> Expected:
    """After content: what was received is handed on, then the failure; nothing is replayed."""
    return Expected(outcome, 1, 1, LONG, text)


# Issue 3: "Saturated, rate limited, overloaded: wait and retry, in the end InvokeRateLimitError
# (429 family) or InvokeServerUnavailableError."
WAITED = Expected(RATE_LIMIT, 2, NO_LIMIT, WAITED_OUT)
OVERLOADED = Expected(UNAVAILABLE, 2, NO_LIMIT, WAITED_OUT)
# Issue 3: "A longer Retry-After gives up at once instead of sleeping in vain."
TOLD_TOO_LONG = fails(RATE_LIMIT, 1, BRIEF)
OVERLOADED_TOLD_TOO_LONG = fails(UNAVAILABLE, 1, BRIEF)
# Issue 3: "Quota or balance used up: no waiting (one repeat where it is the gateway operator's
# account)."
OWN_QUOTA = fails(RATE_LIMIT, 1)
OPERATORS_QUOTA = fails(RATE_LIMIT, 2)
# Issue 3: "InvokeAuthorizationError only for the user's own missing, wrong or expired key"
OWN_KEY = fails(AUTHORIZATION, 1)
# Issue 3: "A 401 in upstream's wording behind a gateway is the operator's key: one repeat"
OPERATORS_KEY = fails(UNAVAILABLE, 2)
# Issue 3: "Address not allowed, banned user, disabled group, ... bad request, content refused,
# wrong model or URL, also when dressed as 500 or as an HTML 200. None is retried."
BAD = fails(BAD_REQUEST, 1)
# Issue 3: "No channel for the model in this group: one repeat after 5 s"
NO_CHANNEL = fails(UNAVAILABLE, 2)
# Where the key's own list lacks the model, that is said at once.
NOT_LISTED = fails(UNAVAILABLE, 1)
# Issue 3: "rate_limit_check_failed (the gateway's own Redis): none."
LIMITER = fails(UNAVAILABLE, 1)
# Issue 3: "Other 5xx and HTML from a proxy: up to 3 quick repeats; 504 and 524 at most one."
SERVER = fails(UNAVAILABLE, 4)
TIMEOUT = fails(UNAVAILABLE, 2)
# Issue 3: "A connection that breaks after the request was sent and before any byte: at most 2"
LOST = fails(CONNECTION, 3)
# Issue 3: "`stop` without any content is a failure (one repeat, then InvokeServerUnavailableError)"
STOP_EMPTY = fails(UNAVAILABLE, 2)
# Facts §2: no finish reason and no content is transient; counted like any other server fault.
NOTHING = fails(UNAVAILABLE, 4)
# "... unless the gateway refuses to stream: one repeat unstreamed", which succeeds,
UNSTREAMED = succeeds(2)
# or fails as a server fault of its own, with its own 3 repeats.
UNSTREAMED_SERVER = fails(UNAVAILABLE, 5)
UNSTREAMED_OVERLOADED = replace(OVERLOADED, least=3)
UNSTREAMED_WAITED = replace(WAITED, least=3)
# "Reading: 300 s between bytes"; "later the call may have been billed and is not sent again".
SILENT = fails(UNAVAILABLE, 1)

type Name = tuple[str, str | None]
"""A row's model and its key (None is any good one)."""


@dataclass(frozen=True, slots=True)
class Line:
    """Some rows with one expectation: these behaviours in each of these families."""

    expected: Expected
    families: str
    behaviours: str
    key: str | None = None

    def rows(self) -> Iterator[Name]:
        for family in self.families.split():
            for behaviour in self.behaviours.split():
                yield f"{family}/{behaviour}", self.key


def table(lines: tuple[Line, ...]) -> dict[Name, Expected]:
    """One expectation for each row.

    Raises:
        ValueError: a row is listed twice.
    """
    found: dict[Name, Expected] = {}
    for line in lines:
        for row in line.rows():
            if row in found:
                raise ValueError(f"listed twice: {row}")
            found[row] = line.expected
    return found


SILENT_BEHAVIOURS = ("hang", "stall-", "ping-50-hang")
"""Rows that end by our own clock alone, after 300 or 590 s: they are asked with shorter ones."""


def is_silent(name: Name) -> bool:
    """Whether nothing but our own clock ends a call to this row."""
    behaviour = name[0].partition("/")[2]
    return behaviour.startswith(SILENT_BEHAVIOURS) or name[1] == "sk-silent"
