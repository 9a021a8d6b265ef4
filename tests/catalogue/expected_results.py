"""What each row has to end in at the endpoints that answer with a document or with sound.

Where the pattern table says nothing it is as for chat, but for words and finish reasons.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from engine.apis.audio.speech import speech_request
from engine.apis.audio.transcription import transcription_request
from engine.apis.embeddings import embeddings_request
from engine.apis.rerank import rerank_request
from engine.operations.moderate import moderation_request
from engine.request import Request
from simulator import CATALOGUE
from simulator.catalogue.audio import AUDIO
from simulator.catalogue.results import RESULTS
from simulator.sound import wave_of
from tests.catalogue.expectations import (
    BAD,
    LONG,
    NOTHING,
    OVERLOADED,
    SERVER,
    SUCCESS,
    TOLD_TOO_LONG,
    UNAVAILABLE,
    WAITED,
    Expected,
    Name,
    fails,
    is_silent,
)
from tests.catalogue.expected_rows import EXPECTED

QUESTIONS: dict[str, Callable[[str], Request[object]]] = {
    "embeddings": lambda model: embeddings_request(model, ["a", "b", "c"]),
    "rerank": lambda model: rerank_request(model, "q", ["a", "b", "c"]),
    "moderations": lambda model: moderation_request(model, ["a", "b", "c"]),
    "transcriptions": lambda model: transcription_request(model, wave_of()),
    "speech": lambda model: speech_request(model, "hi", "alloy"),
}
"""Endpoint -> a good question for a model."""

ONCE = Expected(SUCCESS, 1, 1, LONG)
TWICE = replace(ONCE, least=2, most=2)
# Issue 5: "each malformed answer ... -> a clear error, nothing wrong handed on"; asked for again
# once, as it may have been an accident.
MALFORMED = fails(UNAVAILABLE, 2)

PATTERNS: tuple[tuple[str, Expected], ...] = (
    # Facts §1, 404: One API has no rerank, and says so before it looks at the key.
    (r"rerank one-api/", BAD),
    # Facts §7: New API's rerank turns an error inside a 200 into `results: null`.
    (r"rerank new-api/(error-in-200|choices-empty)", SERVER),
    (r"rerank .*/result-null", SERVER),
    # One API takes another channel for recordings than that of the model, and makes a 500 of all
    # that its upstream refuses: what is no JSON, or has a code that nobody knows, tells no more.
    (r"transcriptions one-api/dead-port", ONCE),
    (r"transcriptions one-api/unknown-model-x", BAD),
    (r"transcriptions one-api/sat-forever", TOLD_TOO_LONG),
    (r"transcriptions one-api/(sat-(empty|html|param-404)|e408|e\d+-html)", SERVER),
    # What comes in place of sound is passed on as it is.
    (r"speech .*/html-200|speech .*/sound-is-page", BAD),
    (r"speech .*/empty-body", MALFORMED),
    (r"speech .*/sound-is-words", SERVER),
    (r"speech .*/voice-nova", BAD),
    # What is written otherwise is read all the same.
    (r"speech .*/sound-in-json|embeddings openai/index-as-text", ONCE),
    (r"/sound-empty|/text-(null|missing)", MALFORMED),
    # The first sound was handed on: nothing is asked for again.
    (r"speech .*/(truncated-conn|(cut|reset)-after-content)", fails(UNAVAILABLE, 1)),
    # Parameters that only chat has are not sent.
    (r"/(needs-max_completion_tokens|refuses-(temperature|max_tokens|stream))", ONCE),
    # "stop" and a finish reason are a matter of words.
    (r"/stop-empty", ONCE),
    # A whole body that breaks off has handed nothing on: it may be asked for again.
    (r"openai/(truncated-conn|cut-before-content|cut-after-content|reset-after-content)", NOTHING),
    # Nothing is asked for unstreamed, as nothing is streamed.
    (r"new-api/error-in-200-no-type", WAITED),
    (r"new-api/error-in-200", OVERLOADED),
    (r"one-api/error-in-200-string", SERVER),
    (r"(new-api|one-api|rix)/(empty-body|html-200)", SERVER),
    # A document, but not the one that was asked for.
    (r"/choices-empty", MALFORMED),
    (r"openai/empty-body", MALFORMED),
    # What halves a batch is a layer above.
    (r"/batch-2", BAD),
    (r"/(context-40|refuses-dimensions)", ONCE),
    (r"/refuses-encoding_format", TWICE),
    (r"/(result|index|vector|score|verdict)-", MALFORMED),
)
"""First match wins; matched against endpoint and model, as in `rerank new-api/ok`."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A row, asked at one endpoint."""

    name: Name
    endpoint: str
    succeeds: bool

    @property
    def id(self) -> str:
        """The test's name."""
        model, key = self.name
        return "-".join(filter(None, (model, key if key != "" else "sk-none", self.endpoint)))

    @property
    def family(self) -> str:
        """The kind of server that does it."""
        return self.name[0].partition("/")[0]

    @property
    def pattern(self) -> str | None:
        """The pattern that decides, if one does."""
        subject = f"{self.endpoint} {self.name[0]}"
        return next((pattern for pattern, _ in PATTERNS if re.search(pattern, subject)), None)

    @property
    def expected(self) -> Expected:
        """What it has to end in."""
        if self.succeeds and (self.endpoint, self.family) != ("rerank", "one-api"):
            return ONCE
        if self.pattern is not None:
            return dict(PATTERNS)[self.pattern]
        found = EXPECTED.get(self.name, ONCE)
        return replace(found, text="", finish="", parameters={})


ODD = {*RESULTS, *AUDIO}
"""Rows that only these endpoints have."""

ASKED = {
    "embeddings": {"one-api", "new-api", "rix", "shell", "cdn", "openai"},
    "rerank": {"new-api", "openai"},
    "moderations": {"one-api", "new-api"},
    "transcriptions": {"one-api"},
    "speech": {"openai"},
}
"""Families to ask: where an error comes from makes no difference to what is asked for, so that all
of them are asked at one endpoint only; it saves half of the time."""


def _asks() -> Iterator[Ask]:
    for row in CATALOGUE:
        for endpoint in row.endpoints:
            if endpoint not in QUESTIONS or is_silent((row.name, row.key)):
                continue
            if row.family in ASKED[endpoint] or row in ODD or row.behaviour == "ok":
                yield Ask((row.name, row.key), endpoint, row.succeeds)


ASKS = list(_asks())
"""Every row, but those that only our own clock ends."""
