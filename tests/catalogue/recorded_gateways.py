"""How a call ends that gets an answer recorded from five more gateways, each time it asks.

What is refused (status 300 and more) follows from its kind (``recorded_kinds``); answers with HTTP
200 have tables of their own here. Patterns as there; first match wins.
"""

import re
from dataclasses import replace

from tests.catalogue.expectations import CUT, RATE_LIMIT, SUCCESS, UNAVAILABLE, WORDS
from tests.catalogue.recorded import (
    BAD,
    NO_CHANNEL,
    OPERATORS_KEY,
    OPERATORS_QUOTA,
    OVERLOADED,
    OWN_KEY,
    OWN_QUOTA,
    SERVER,
    SILENT,
    THOUGHT,
    TIMEOUT,
    UNSTREAMED,
    WAITED,
    Recorded,
    breaks_off,
    ok,
    times,
)
from tests.catalogue.recorded_kinds import REFUSED, row_of
from tests.catalogue.replay import Recording

OUTCOMES: dict[str, Recorded] = {
    "key_refused": OWN_KEY,
    "own_quota": OWN_QUOTA,
    "access_denied": BAD,
    "server_error": SERVER,
    "wrong_api": BAD,
    "no_channel": NO_CHANNEL,
    "model_not_found": BAD,
    "upstream_quota": OPERATORS_QUOTA,
    "too_large": BAD,
    "rate_limited": WAITED,
    "saturated": WAITED,
    "upstream_refused": OPERATORS_KEY,
    "overloaded": OVERLOADED,
    "wrong_url": BAD,
    "context_too_long": BAD,
    "bad_request": BAD,
    "upstream_timeout": TIMEOUT,
}
"""Kind -> how a call ends that meets it every time."""

TOLD_TOO_LONG = Recorded(RATE_LIMIT, told=True)

FIRST: tuple[tuple[str, Recorded], ...] = (
    # All bad keys are refused alike; the key's own page says of this one that it is used up.
    (r"^new-api-2026-08 401 (own-token|info-\w+)-exhausted", OWN_QUOTA),
    # Told to wait for longer than there is time: 60 s, 9 s, 180 s.
    (
        r"^litellm 429 (limit-(key|deployment|precall)-rpm|chat-claude)",
        Recorded(RATE_LIMIT, told=True),
    ),
    (r"^new-api-2026-08 429 ip-limit-", TOLD_TOO_LONG),
    # Upstream's own words, passed on: "Please try again in 20s.".
    (r"^(new-api-2026-08|litellm|gpt-load) 429 \S+-sat-forever", TOLD_TOO_LONG),
    (r"^litellm 429 cooldown-call[12]|(200|429) chat-sse-error-first-429", TOLD_TOO_LONG),
)
"""What more than the kind decides of a refusal."""

EMPTY = times(UNAVAILABLE, 2)
"""`stop` without any content."""

ENDINGS: tuple[tuple[str, Recorded], ...] = (
    # A redirect to the same host is followed, to where the answer is.
    (r" 307 own-path-trailing-slash", ok(None)),
    # 204 without a body: no answer at all.
    (r" 204 own-path-options", SERVER),
    # The web page: a path, or a Base URL, that is none.
    (r"^(new-api-2026-08|one-hub|done-hub) 200 own-path-without-v1", BAD),
    (r"^gpt-load 200 (own-path-without-proxy|\S*html)", BAD),
    # LiteLLM invents a `stop` wherever a stream just ends; half an answer cannot be told from one.
    (r"^litellm 200 chat-eof-after-content", ok((8, 5), CUT)),
    (r"^litellm 200 chat-\S*(html|-in-200|empty|done-only)\S*-stream", EMPTY),
    # An error inside a 200, or as the first event.
    (r"200 chat-error-in-200-no-type-blocking", WAITED),
    (r"200 chat-(error-in-200(-string)?-blocking|\S*error-first-stream)", OVERLOADED),
    (r"^gpt-load 200 chat-error-in-200-no-type", WAITED),
    (r"^gpt-load 200 chat-error-in-200", OVERLOADED),
    # Nothing but what the gateway adds: one repeat unstreamed.
    (
        r"^new-api-2026-08 200 chat-(?!choices-empty-b)\S*(empty|html|in-200|done-only|cut-before)",
        UNSTREAMED,
    ),
    (r"^new-api-2026-08 200 ping-chat-slow-first-token", UNSTREAMED),
    (
        r"hub 200 chat-(done-only|sse-(empty|html)|\S*-200\S*|(choices-)?empty\S*)-stream",
        UNSTREAMED,
    ),
    (r"^gpt-load 200 chat-done-only", UNSTREAMED),
    (r"200 chat-\S*(empty|html|-in-200|done-only|cut-before)", SERVER),
    # gpt-load changes nothing: Anthropic's events at a chat's path, half a body, no body.
    (r"^gpt-load 200 chat-(claude|(cut|trunc)\S*-blocking|reset)", SERVER),
    # Cut streams, whatever was added to them.
    (r"200 \S*chat-\S*(cut|eof|sse-error)-\S*-stream|200 chat-claude-cut-stream", breaks_off()),
    (r"^new-api-2026-08 200 chat-stall-after-content", replace(SILENT, text="你好")),
    (r"200 chat-stall-after-content", replace(SILENT, text="你好，")),
    # Successes.
    (r"200 chat-finish-length", ok(finish="length")),
    (r"200 chat-ok-reasoning", ok(text=THOUGHT + WORDS)),
    (r"^new-api-2026-08 200 chat-ok-no-usage", ok((9, 8))),
    (r"^litellm 200 chat-ok-no-usage-stream", ok((8, 8))),
    (r"hub 200 chat-ok-no-usage-blocking", ok((9, 11))),
    (r"hub 200 chat-ok-no-usage-stream", ok((9, 0))),
    (r"200 chat-ok-no-usage", ok(None)),
    (r"^new-api-2026-08 200 chat-(claude-)?ok\S*-stream$", ok()),
    (r"^gpt-load 200 chat-ok-usage-always-stream$", ok()),
    (r"200 chat-\S+-stream$", ok(None)),
    (r" 200 ", ok()),
)

OK = Recorded(SUCCESS)
MALFORMED = times(UNAVAILABLE, 2)

RESULTS: tuple[tuple[str, Recorded], ...] = (
    # New API's rerank hides what was wrong: it answers without results.
    (r"^new-api-2026-08 200 rerank-error-in-200", SERVER),
    (r"200 \w+-error-in-200-no-type", WAITED),
    (r"200 \w+-error-in-200", OVERLOADED),
    # A page in place of an answer. LiteLLM takes it for what was heard, so its address is right.
    (r"^litellm 200 transcription-html-200", MALFORMED),
    (r"200 \w+-html-200", BAD),
    # one-hub says of nothing what it says of a failure.
    (r"^one-hub 200 speech-empty-body", SERVER),
    (r"200 \w+-empty-body", MALFORMED),
    # LiteLLM keeps `dimensions` to itself: vectors of another length are no answer.
    (r"^litellm 200 embeddings-ok-dimensions", MALFORMED),
    # Fewer than was asked for.
    (r"200 (embeddings-input|rerank-documents)-empty", MALFORMED),
    (r" 200 ", OK),
)
"""At the endpoints that answer with a document or with sound."""

LISTS: tuple[tuple[str, Recorded], ...] = (
    (r" 200 info-model-one-", BAD),
    (r" 200 info-models-gemini", BAD),
    (r" 301 info-models-trailing-slash| 200 ", OK),
)
"""As saving the provider's form reads them. ``GET /models/{name}`` is no list."""


def judged(answer: Recording, table: tuple[tuple[str, Recorded], ...]) -> tuple[str, Recorded]:
    """The pattern that decides how a call ends that gets this answer, and the ending.

    Raises:
        LookupError: no pattern is found in it.
    """
    for pattern, ending in (*FIRST, *table):
        if re.search(pattern, answer.told):
            return pattern, ending
    row = row_of(answer.told) if (answer.status or 0) >= REFUSED else None
    if row is None:
        raise LookupError(f"no pattern for {answer.told}")
    return row[0], OUTCOMES[row[1]]
