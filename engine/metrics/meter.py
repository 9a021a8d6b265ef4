"""The figures themselves: a listener that counts with ``prometheus_client``."""

import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import cast, override

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from engine.admission.other_instances import RouteRef
from engine.apis.embeddings import Embeddings
from engine.apis.text_answer import Finish
from engine.errors import Failure
from engine.metrics.labels import Labels, RouteLabels, labels_of
from engine.observe import Listener
from engine.settings import Settings

TYPES = {
    "chat/completions": "llm",
    "completions": "llm",
    "responses": "llm",
    "embeddings": "text-embedding",
    "rerank": "rerank",
    "moderations": "moderation",
    "audio/speech": "tts",
    "audio/transcriptions": "speech2text",
}
"""Dify's model types, by what is asked."""

ENDS = ("answered", "cached", "abandoned")
"""Outcomes of calls; every other one is the kind of a failure."""

_WAITS = (0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_ANSWERS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
"""Seconds: the daemon ends a call at 600."""

type _Children = dict[tuple[MetricWrapperBase, tuple[str, ...]], MetricWrapperBase]

MAX_FAILURES = 20
"""The latest that the page tells of."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A call that failed.

    Attributes:
        at: seconds since 1970.
        labels: of its route.
        kind: name of the kind of failure.
        en: what happened, in words of ours.
        zh: the same in Chinese.
    """

    at: float
    labels: Labels
    kind: str
    en: str
    zh: str


class Meter(Listener):
    """Counts what happens, by host, model and key; bounded by `RouteLabels`.

    Args:
        registry: what is served.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        route = ("host", "model", "key")
        self._labels = RouteLabels(self._forget)
        self._children: defaultdict[Labels, _Children] = defaultdict(dict)
        self.failures: deque[GivenUp] = deque(maxlen=MAX_FAILURES)

        def counter(name: str, text: str, *more: str) -> Counter:
            name = f"resilient_gateway_{name}"
            return Counter(name, text, (*route, *more), registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *more: str) -> Histogram:
            name = f"resilient_gateway_{name}_seconds"
            labels = (*route, *more)
            return Histogram(name, text, labels, buckets=buckets, registry=registry)

        self._calls = counter(
            "calls", "Calls that ended, by outcome and kind of failure.", "type", "outcome", "kind"
        )
        self._attempts = counter("attempts", "Requests sent to gateways, by outcome.", "outcome")
        self._cached = counter("cache_answers", "Answers and parts from the cache.", "type")
        self._tokens = counter("tokens", "Tokens as gateways counted them.", "direction")
        self._wait = histogram("queue_wait", "Time in the queue before an attempt.", _WAITS)
        self._first = histogram("first_content", "Time to first content.", _ANSWERS, "type")
        self._answer = histogram("answer", "Time to the whole answer.", _ANSWERS, "type")

    def named(self, route: RouteRef) -> Labels:
        """The labels that a route has now."""
        return self._labels.named(route)

    @override
    def call_ended(self, settings: Settings, path: str, outcome: str, seconds: float) -> None:
        labels, kind = self._labels.used(_route(settings)), TYPES.get(path, "other")
        failed = outcome not in ENDS
        ends = ("failed", outcome) if failed else (outcome, "")
        self._child(self._calls, labels, kind, *ends).inc()
        if outcome == "cached":
            self._child(self._cached, labels, kind).inc()
        elif outcome == "answered":
            self._child(self._answer, labels, kind).observe(seconds)

    @override
    def first_content(self, settings: Settings, path: str, seconds: float) -> None:
        labels = self._of_call(settings)
        self._child(self._first, labels, TYPES.get(path, "other")).observe(seconds)

    @override
    def gave_up(self, settings: Settings, failure: Failure) -> None:
        kind = failure.kind
        labels = labels_of(_route(settings))
        given_up = GivenUp(
            time.time(), labels, kind.name, kind.headline.say("en"), kind.headline.say("zh")
        )
        self.failures.append(given_up)

    @override
    def parts_cached(self, settings: Settings, path: str, count: int) -> None:
        labels = self._of_call(settings)
        self._child(self._cached, labels, TYPES.get(path, "other")).inc(count)

    @override
    def tokens(self, settings: Settings, result: object) -> None:
        prompt = completion = 0
        if isinstance(result, Finish) and result.usage is not None:
            prompt, completion = result.usage.prompt_tokens, result.usage.completion_tokens
        elif isinstance(result, Embeddings):
            prompt = result.tokens
        for direction, count in (("prompt", prompt), ("completion", completion)):
            if count:
                self._child(self._tokens, self._of_call(settings), direction).inc(count)

    @override
    def permit_acquired(self, route: RouteRef, waited: float) -> None:
        self._child(self._wait, self._labels.used(route)).observe(waited)

    @override
    def attempt_ended(self, route: RouteRef, outcome: str) -> None:
        self._child(self._attempts, self._labels.named(route), outcome).inc()

    def _of_call(self, settings: Settings) -> Labels:
        return self._labels.named(_route(settings))

    def _child[Metric: MetricWrapperBase](
        self, metric: Metric, labels: Labels, *more: str
    ) -> Metric:
        """The series with these labels; looked up here, as the library takes longer."""
        children = self._children[labels]
        child = children.get((metric, more))
        if child is None:
            child = children[metric, more] = metric.labels(*labels, *more)
        return cast("Metric", child)

    def _forget(self, labels: Labels) -> None:
        for metric, more in self._children.pop(labels, ()):
            metric.remove(*labels, *more)


def _route(settings: Settings) -> RouteRef:
    return RouteRef(settings.endpoint, settings.key_digest, settings.model)
