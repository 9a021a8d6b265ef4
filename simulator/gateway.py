"""Which answer a request gets: routing, the gateway's own refusals, capacity, then the upstream.

`Gateway.plan` decides; it does no I/O. The order is the one of the real gateways: overload, path,
key, request, capacity, upstream.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from simulator import accounts, models
from simulator.answer import Answer
from simulator.behaviours import behave, refused, saturated
from simulator.call import Call
from simulator.checks import fault_of
from simulator.families import DEFAULT, FAMILIES, Family
from simulator.form import body_of
from simulator.http11 import Request
from simulator.keys import fault_of_key
from simulator.replies import with_service
from simulator.routes import Route, wrong_path
from simulator.scenario import CrowdedModel, Scenario, spec_of
from simulator.waits import Waits

_POOLS = {"nogroup": "group-unknown", "nokeys": "group-empty"}
"""Groups of gpt-load that are not there, or have no key left."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer, and what to do (at that time) when it has ended or been cut short."""

    answer: Answer
    finished: Callable[[float], None] | None = None


class Gateway:
    """All the families at one address. It remembers how often each model was asked for."""

    def __init__(self, seed: int, scenario: Scenario, clock: Callable[[], float]) -> None:
        self._seed = seed
        self._scenario = scenario
        self._clock = clock
        for name, spec in scenario.items():
            if spec.get("family", DEFAULT) not in FAMILIES:
                raise ValueError(f"scenario of {name!r}: no such family")
            if "capacity" in spec:
                CrowdedModel.build(name, spec, seed)  # a mistake in it is told now, not later
        self.reset()

    def reset(self) -> None:
        """Forget every count and every model's state."""
        self._calls: Counter[tuple[str, str]] = Counter()
        self._keys: Counter[str] = Counter()
        self._rng = random.Random(f"{self._seed}/request ids")
        self._waits = Waits()
        self.crowded: dict[tuple[str, str], CrowdedModel] = {}

    def plan(self, request: Request, route: Route, origin: str) -> Plan:
        """The answer to a request.

        `route` is where it goes, `origin` the address of this server.
        """
        body = body_of(request)
        fields = body if isinstance(body, dict) else {}
        model = fields.get("model")
        model = model if isinstance(model, str) else ""
        spec = self._spec(model)
        family, behaviour = _split(spec.get("behaviour") or model, route.family)
        family = spec.get("family", family)
        rid = FAMILIES[family].request_id(self._rng)
        call = Call(
            family,
            "ok" if route.redirected else behaviour,
            model,
            route.key,
            route.endpoint,
            route.path,
            fields,
            rid=rid,
            origin=origin,
            language=request.headers.get("accept-language", ""),
        )
        plan = self._refused(call, request, route, body) or self._routed(call, route, spec)
        return _marked(plan, FAMILIES[family], rid)

    def _spec(self, model: str) -> dict[str, Any]:
        """The scenario of this model: by its whole name, else as its name spells it out."""
        head, _, tail = model.partition("/")
        return self._scenario.get(model) or spec_of(tail if head in FAMILIES else model) or {}

    def _refused(self, call: Call, request: Request, route: Route, body: Any) -> Plan | None:
        """What the gateway says before it looks for an upstream, or None."""
        family = FAMILIES[call.family]
        if call.behaviour.startswith("system-"):
            return Plan(refused(call, call.behaviour))
        page = accounts.open_page(family.name, route.path)
        if (answer := page or wrong_path(request, route, family)) is not None:
            return Plan(answer)
        if route.endpoint in accounts.NAMES:
            fault = accounts.refusal_of(call)
            return Plan(refused(call, fault) if fault else accounts.page(call))
        self._keys[route.key] += 1
        if route.group in _POOLS and route.key not in {"", "sk-wrong"}:
            return Plan(refused(call, _POOLS[route.group]))
        fault = fault_of_key(
            route.key,
            again=self._keys[route.key] > 1,
            endpoint=route.endpoint,
            behaviour=call.behaviour,
        )
        if fault is not None:
            return Plan(refused(call, fault))
        checked = family.is_gateway and route.endpoint != "models"
        answer = fault_of(call, request, body, family) if checked else None
        return Plan(answer) if answer is not None else None

    def _routed(self, call: Call, route: Route, spec: dict[str, Any]) -> Plan:
        if route.endpoint == "models":
            return Plan(_listed(call, route))
        if (refusal := self._waits.refusal(call, spec.get("limit"), self._clock())) is not None:
            return Plan(refusal)
        self._calls[call.model, call.key] += 1
        call = replace(call, nth=self._calls[call.model, call.key])
        return self._admitted(call, spec) if "capacity" in spec else Plan(behave(call))

    def _admitted(self, call: Call, spec: dict[str, Any]) -> Plan:
        """The answer of a model with a capacity: success that takes its time, or a saturation."""
        now = self._clock()
        key = "" if spec.get("scope") == "account" else call.key
        place = self.crowded.get((call.model, key))
        if place is None:
            name = f"{call.model}/{key}" if key else call.model
            place = CrowdedModel.build(name, spec, self._seed)
            self.crowded[call.model, key] = place
        seconds = place.enter(now, call.text_size)
        if seconds is not None:
            answer = FAMILIES[call.family].translate(call, with_service(call, seconds))
            return Plan(answer, place.leave)
        answer = replace(saturated(call), delay=place.reject_latency)
        wait = place.retry_after(now)
        if wait is not None:
            told = ("Retry-After", f"{wait:.3f}".rstrip("0").rstrip("."))
            answer = replace(answer, headers=(*answer.headers, told))
        return Plan(answer)


def _split(model: str, family: str) -> tuple[str, str]:
    """The family and the behaviour that a model's name asks for."""
    head, slash, tail = model.partition("/")
    return (head, tail) if slash and head in FAMILIES else (family, model)


def _marked(plan: Plan, family: Family, rid: str) -> Plan:
    """The plan with the family's headers on its answer; redirects carry none (facts §7)."""
    if not plan.answer.status or 300 <= plan.answer.status < 400:
        return plan
    headers = (*plan.answer.headers, *family.headers(rid))
    return replace(plan, answer=replace(plan.answer, headers=headers))


def _listed(call: Call, route: Route) -> Answer:
    if route.rest:
        return models.one(call.family, route.rest)
    names: tuple[str, ...] = models.MODELS
    if call.key.startswith("sk-onlyok") and call.family != "one-hub":
        names = ("ok",)
    elif call.key.startswith("sk-nochannel"):
        names = ()
    return models.listing(call.family, names)
