"""Limits that tell how long to wait: of one model, or of a key and all its models.

A scenario's field `limit` describes one::

    {"gpt-4o": {"family": "openai", "behaviour": "ok", "limit": {
        "scope": "model", "after": 3, "seconds": 120, "told": 600, "as": "litellm",
        "keys": "sk-told"}}}

The first `after` calls (0) are answered as usual. The next one begins a time of `seconds` in which
all are refused: those of this model with this key, or, with the scope `key`, those of every model
with this key; then it is over for good. Told is what is left of it, or always `told`, as one of
`FORMS` (`header`), a model's limit in the words of a saturation, a key's in those of LiteLLM. With
`keys` it is a limit of the keys that begin so.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simulator.answer import Answer, dump
from simulator.behaviours import saturated
from simulator.call import Call
from simulator.errors import error

type Tell = Callable[[Answer, float], Answer]
"""Adds a wait of so many seconds to a refusal."""


def _header(name: str, unit: float = 1.0, suffix: str = "") -> Tell:
    def tell(answer: Answer, seconds: float) -> Answer:
        value = f"{seconds / unit:.3f}".rstrip("0").rstrip(".")
        return replace(answer, headers=(*answer.headers, (name, value + suffix)))

    return tell


def _sentence(pattern: str) -> Tell:
    def tell(answer: Answer, seconds: float) -> Answer:
        body = _body_of(answer)
        body["error"]["message"] += f" {pattern.format(seconds)}"
        return replace(answer, steps=(dump(body),))

    return tell


def _retry_info(answer: Answer, seconds: float) -> Answer:
    body = _body_of(answer)
    kind = "type.googleapis.com/google.rpc.RetryInfo"
    body["error"]["details"] = [{"@type": kind, "retryDelay": f"{seconds:.3f}s"}]
    return replace(answer, steps=(dump(body),))


def _body_of(answer: Answer) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.body)
    return body


FORMS: dict[str, Tell] = {
    "header": _header("Retry-After"),
    "milliseconds": _header("retry-after-ms", 1e-3),
    "litellm": _header("llm_provider-retry-after"),
    "litellm-ms": _header("llm_provider-retry-after-ms", 1e-3),
    "litellm-reset": _header("llm_provider-x-ratelimit-reset-requests", suffix="s"),
    "retry-info": _retry_info,
    "sentence": _sentence("Please try again in {:.3f}s."),
    "sentence-zh": _sentence("请在 {:.3f} 秒后重试"),
}
"""How servers tell it."""


@dataclass(slots=True)
class _Running:
    """A limit that was reached."""

    spec: dict[str, Any]
    until: float


class Waits:
    """The limits that were reached, by model and key, and by key."""

    def __init__(self) -> None:
        self._calls: Counter[tuple[str, str]] = Counter()
        self._running: dict[tuple[str, str], _Running] = {}

    def refusal(self, call: Call, limit: dict[str, Any] | None, now: float) -> Answer | None:
        """The refusal of a call at that time (monotonic seconds), or None.

        `limit` is the scenario's, of its model.
        """
        if limit is not None and not call.key.startswith(limit.get("keys", "")):
            limit = None
        running = self._find(call, now)
        if running is None and limit is not None:
            running = self._reach(call, limit, now)
        if running is None:
            return None
        spec = running.spec
        answer = _of_key(saturated(call)) if spec.get("scope") == "key" else saturated(call)
        told = float(spec.get("told", running.until - now))
        return FORMS[spec.get("as", "header")](answer, told)

    def _find(self, call: Call, now: float) -> _Running | None:
        for place in (("", call.key), (call.model, call.key)):
            running = self._running.get(place)
            if running is not None and now < running.until:
                return running
        return None

    def _reach(self, call: Call, limit: dict[str, Any], now: float) -> _Running | None:
        place = ("" if limit.get("scope") == "key" else call.model, call.key)
        self._calls[place] += 1
        if self._calls[place] <= int(limit.get("after", 0)):
            return None
        if place in self._running:  # it is over
            return None
        self._running[place] = _Running(limit, now + float(limit["seconds"]))
        return self._running[place]


def _of_key(answer: Answer) -> Answer:
    message = (
        "Rate limit exceeded for api_key: a2bb29ccf925cb99a12030571cb7b0ea. Limit type: requests. "
        "Current limit: 2, Remaining: 0."
    )
    body = error(message, "throttling_error", "429")
    headers = (*answer.headers, ("rate_limit_type", "requests"))
    return replace(answer, headers=headers, steps=(dump(body),))
