"""What the recorded answers of One API and New API have to end in: patterns, first match wins.

A pattern is matched against the gateway and the case, as in `one-api chat-ok-stream`. The answer
is given to every request of a call, so what would be cured by a repeat is not cured here.
"""

from dataclasses import dataclass

from tests.catalogue.expectations import (
    AUTHORIZATION,
    BAD_REQUEST,
    CUT,
    RATE_LIMIT,
    SUCCESS,
    UNAVAILABLE,
    WORDS,
)

type Tokens = tuple[int, int] | None
"""Prompt and completion tokens, None where the gateway sent no usage."""

COUNTED = (11, 7)
"""What the upstream behind both gateways counted."""

THOUGHT = "<think>\nlet me think\n</think>"


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a call ends that gets this answer each time; `least` and `most` count requests.

    `told` says that the answer asks for a longer wait than a short budget holds.
    """

    outcome: str
    least: int = 1
    most: int = 1
    text: str = ""
    finish: str = ""
    usage: Tokens = None
    told: bool = False
    """It tells to wait longer than a short budget."""

    @property
    def waits(self) -> bool:
        """Whether the budget ends it, by repeats or because the wait told is longer."""
        return self.told or self.most == MANY


MANY = 1_000_000


def ok(usage: Tokens = COUNTED, text: str = WORDS, finish: str = "stop") -> Recorded:
    """A success at the first request."""
    return Recorded(SUCCESS, text=text, finish=finish, usage=usage)


def breaks_off(text: str = CUT) -> Recorded:
    """A failure after content, which is not asked for again."""
    return Recorded(UNAVAILABLE, text=text)


def times(outcome: str, requests: int) -> Recorded:
    """A failure after so many requests."""
    return Recorded(outcome, requests, requests)


WAITED = Recorded(RATE_LIMIT, 2, MANY)
TOLD_TOO_LONG = Recorded(RATE_LIMIT, told=True)
"""In upstream's words, where they are passed on: "Please try again in 20s."."""
OVERLOADED = Recorded(UNAVAILABLE, 2, MANY)
BAD = Recorded(BAD_REQUEST)
OWN_KEY = Recorded(AUTHORIZATION)
OWN_QUOTA = Recorded(RATE_LIMIT)
OPERATORS_QUOTA = times(RATE_LIMIT, 2)
OPERATORS_KEY = times(UNAVAILABLE, 2)
NO_CHANNEL = times(UNAVAILABLE, 2)
TIMEOUT = times(UNAVAILABLE, 2)
SERVER = times(UNAVAILABLE, 4)
SILENT = Recorded(UNAVAILABLE)
UNSTREAMED = times(UNAVAILABLE, 5)
"""No content but [DONE], and perhaps usage: one repeat unstreamed, then like a server fault."""

PATTERNS: tuple[tuple[str, Recorded], ...] = (
    # One API has no such endpoint; New API's answers there were recorded whole, not streamed.
    (r"one-api responses-", BAD),
    (r"new-api responses-ok", ok()),
    # Saturated, rate limited, overloaded.
    (r"new-api .*(sat-forever|remap-429|slow-headers-429)", TOLD_TOO_LONG),
    (r"new-api chat-sat-(1-then-ok-blocking|3-then-ok-stream)", TOLD_TOO_LONG),
    (r"new-api chat-sse-error-first-429-stream", TOLD_TOO_LONG),
    (r"sat-quota", OPERATORS_QUOTA),
    (r"sat-(forever|html|empty|anthropic-body|gemini-body|message-only)", WAITED),
    (r"chat-(claude-429|remap-429)", WAITED),
    (r"limit-(second-token|stream-after)", WAITED),
    (r"error-in-200-no-type-blocking|error-in-200-no-type$", WAITED),
    (r"one-api chat-error-in-200-no-type-stream", WAITED),
    (r"chat-claude-529|e503-overloaded|own-system_cpu_overloaded", OVERLOADED),
    (r"new-api chat-claude-error-first-stream|new-api chat-sse-error-first-stream", OVERLOADED),
    (r"error-in-200-blocking|error-in-200$|one-api chat-error-in-200-stream", OVERLOADED),
    (r"new-api chat-error-in-200-string-blocking", OVERLOADED),
    # Keys, quota, permissions.
    (r"-(e401)(-|$)", OPERATORS_KEY),
    (r"chat-e403|e404-html", OPERATORS_KEY),
    (r"own-key-|own-accept-language-en$|own-token-(expired|disabled)", OWN_KEY),
    (r"own-token-(exhausted|nomoney|tiny)|own-user-poor", OWN_QUOTA),
    (r"own-token-(banned|iplimited)|own-model-not-allowed|own-suffix-", BAD),
    (r"own-group-gforbidden", BAD),
    # Models and channels.
    (r"unknown-model-x$|own-model-unknown|own-accept-language-en-nochannel", NO_CHANNEL),
    (r"own-token-nochannel|own-model-(channel-disabled|only-in-vip)|ban-ok-after", NO_CHANNEL),
    (r"own-group-(field-in-body|gauto-unknown-model|gempty)", NO_CHANNEL),
    (r"one-api own-content-type-missing", NO_CHANNEL),
    (r"chat-e404-model|new-api chat-unpriced-model", BAD),
    # Bad requests, also dressed as 500; wrong paths.
    (r"-e400|-e413-html|own-(json|messages|max_tokens|temperature)-", BAD),
    (r"new-api own-(body-too-large|content-type-missing|sensitive-words)", BAD),
    (r"own-path-(double-slash|get-chat|without-v1)|own-accept-encoding-gzip-wrong-path", BAD),
    # A redirect to the same host is followed, to where the answer is.
    (r"own-path-trailing-slash", ok(None)),
    # 204 without a body: no answer at all.
    (r"own-path-options-chat", SERVER),
    # Servers.
    (r"-e408|-e504-html|-e524-html", TIMEOUT),
    (r"-e500-1-then-ok-blocking|-e50\d(-empty|-html)?(-blocking|-stream|$)", SERVER),
    (r"-(close|reset)-without-answer", SERVER),
    (r"-dead-(port|first)|timeout-hang|timeout-stall-blocking|truncated-conn$", SERVER),
    (r"cut-after-content-blocking|html-200(-blocking|$)|empty-body(-blocking|$)", SERVER),
    (r"one-api chat-error-in-200-string-blocking", SERVER),
    (r"limit-redis-down", times(UNAVAILABLE, 1)),
    (r"choices-empty-blocking", SERVER),
    # Refuses to stream, or so it seems.
    (r"one-api chat-(choices-empty|empty-body)-stream", UNSTREAMED),
    (r"one-api chat-(cut-before-content|claude-error-first)-stream", UNSTREAMED),
    (r"new-api chat-(choices-empty|cut-before-content|done-only|empty-body)-stream", UNSTREAMED),
    (r"new-api chat-(html-200|sse-empty|sse-html|error-in-200(-\w+)*)-stream", UNSTREAMED),
    (r"new-api (ping-chat|timeout)-slow-first-token-stream", UNSTREAMED),
    # Cut streams, whatever was added to them.
    (r"chat-(cut|eof)-after-content-stream|chat-claude-cut-stream", breaks_off()),
    (r"chat-sse-error-(after-content|event)-stream", breaks_off()),
    (r"one-api completions-ok-stream|new-api completions-ok-stream", breaks_off(WORDS)),
    (r"one-api (long|chat|timeout)-stall(-after-content)?-stream", breaks_off("你好，")),
    (r"new-api (long|ping-chat)-stall-after-content-stream", breaks_off("你好，")),
    (r"new-api chat-stall-after-content-stream", breaks_off("你好")),
    # Silence.
    (r"chat-hang-|long-hang-|chat-stall-after-content-blocking", SILENT),
    (r"one-api own-body-too-large", SILENT),
    # Successes.
    (r"finish-length-stream$|one-api chat-finish-length-stream$", ok(None, finish="length")),
    (r"finish-length-", ok(finish="length")),
    (r"new-api chat-ok-no-usage", ok((9, 8))),
    (r"new-api completions-ok-no-usage", ok((5, 0))),
    (r"ok-no-usage|include_usage-false", ok(None)),
    (r"new-api chat-think-to-content-stream", ok(text=f"{THOUGHT}\n{WORDS}")),
    (r"one-api chat-(ok-reasoning|think-to-content)-stream", ok(None, text=THOUGHT + WORDS)),
    (r"(ok-reasoning|think-to-content)-", ok(text=THOUGHT + WORDS)),
    (r"one-api .*-stream$", ok(None)),
    (r"slow-first-token-blocking", ok()),
    (r".*-(blocking|stream|include_usage)$|completions-ok$", ok()),
    (r"new-api own-group-gauto-only-in-vip", ok()),
)

LIST_PATTERNS: tuple[tuple[str, Recorded], ...] = (
    (r"info-models-(wrong-key|no-key|expired)", OWN_KEY),
    (r"info-models-exhausted", OWN_QUOTA),
    # `GET /v1/models/{name}` is no list: whatever it says, the URL is not the one to type.
    (r"info-model-one-(own|unknown)", BAD),
    (r"info-model-one-known", BAD),
    (r"info-models-(onlyok|nochannel|gempty|trailing-slash)", Recorded(SUCCESS)),
    (r"ban-models-after|ip-limit-models", Recorded(SUCCESS)),
)
"""Recorded lists of models, as saving the provider's form reads them."""
