"""What the recorded answers of all endpoints but chat's have to end in.

As in ``recorded``: the first pattern that is found in the gateway and the case decides, and the
answer is given to every request of a call.
"""

from tests.catalogue.expectations import SUCCESS, UNAVAILABLE
from tests.catalogue.recorded import (
    BAD,
    NO_CHANNEL,
    OPERATORS_KEY,
    OPERATORS_QUOTA,
    OVERLOADED,
    OWN_QUOTA,
    SERVER,
    TIMEOUT,
    TOLD_TOO_LONG,
    WAITED,
    Recorded,
)

OK = Recorded(SUCCESS)
MALFORMED = Recorded(UNAVAILABLE, 2, 2)

PATTERNS: tuple[tuple[str, Recorded], ...] = (
    # What comes in place of sound, and in New API of a text, is passed on as it is.
    (r"(speech|new-api transcription)-empty-body", MALFORMED),
    (r"(speech|transcription)-html-200", BAD),
    (r"speech-too-long", BAD),
    # One API takes another channel than that of the model, and retells errors as a 500.
    (r"one-api transcription-dead-port", OK),
    (r"one-api transcription-unknown-model-x", BAD),
    (r"one-api transcription-e404-html", SERVER),
    (r"sat-quota", OPERATORS_QUOTA),
    (r"(new-api .*|one-api transcription-)sat-forever", TOLD_TOO_LONG),
    (r"sat-(forever|html)|limit-embeddings-after", WAITED),
    # New API's rerank hides what was wrong; the others pass it on.
    (r"rerank-error-in-200-no-type", SERVER),
    (r"error-in-200-no-type", WAITED),
    (r"error-in-200|e503-overloaded|own-system_cpu_overloaded", OVERLOADED),
    (r"e401|e404-html", OPERATORS_KEY),
    (r"e400|(documents|query)-empty|input-missing", BAD),
    # One API has no rerank at all.
    (r"one-api own-user-nomoney-rerank", BAD),
    (r"own-user-nomoney", OWN_QUOTA),
    (r"unknown-model-x", NO_CHANNEL),
    (r"e524-html", TIMEOUT),
    (r"e500|close-without-answer|dead-port|empty-body|html-200|truncated-conn", SERVER),
    # One vector less than was asked for.
    (r"embeddings-input-empty-list", MALFORMED),
    (r"ok|input-empty-string", OK),
)
