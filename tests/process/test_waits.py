"""Waits that a server tells: of a model or of a key, kept to, tried, and told to people."""

import itertools
import re
import time
from collections.abc import Callable, Iterator

import pytest

from devtools import Json, PluginProcess, Session
from engine.admission.limits.tuning import SHARED_MODELS
from simulator import Simulator
from simulator.waits import FORMS
from tests.process.early_shedding import SECONDS
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded

LIMITS: dict[str, dict[str, object]] = {
    "told": {"limit": {"seconds": 600}},
    "told-once": {"limit": {"seconds": 600, "keys": "sk-told"}},
    "overloaded": {"family": "openai", "behaviour": "e503-overloaded-ra-600"},
    "key-told": {"limit": {"scope": "key", "seconds": 600}},
    "mistaken": {"limit": {"seconds": 3, "told": 600}},
    "doubtful": {"limit": {"seconds": 3, "told": 300}},
    "half-a-minute": {"limit": {"seconds": 30}},
    "free": {},
    "also-free": {},
    **{f"told-{number}": {"limit": {"seconds": 600}} for number in range(SHARED_MODELS)},
    **{f"as-{form}": {"limit": {"seconds": 1.5, "as": form}} for form in FORMS},
}
for _spec in LIMITS.values():
    _spec.setdefault("family", "rix")
    _spec.setdefault("behaviour", "ok")

# Its processes are started once.
pytestmark = pytest.mark.xdist_group("protocol-waits")


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulator]:
    with Simulator(seed=5, scenario=LIMITS) as simulator:
        yield simulator


@pytest.fixture
def waits(plugin: PluginProcess, gateway: Simulator) -> Iterator[Rig]:
    yield Rig(plugin, gateway, new_key())
    assert plugin.violations == []


@pytest.fixture(scope="module")
def hasty_plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT, entrypoint="tests.process.early_shedding") as plugin:
        yield plugin


@pytest.fixture
def hasty(hasty_plugin: PluginProcess, gateway: Simulator) -> Rig:
    """It tries a longer wait once in two seconds, instead of once in a minute."""
    return Rig(hasty_plugin, gateway, new_key())


def asked(rig: Rig, *keys: str) -> list[str]:
    """Models that were asked for with these keys, in order."""
    wanted = keys or (rig.key,)
    return [one.model for one in rig.simulator.seen if one.key in wanted]


type Ask = Callable[[Rig, str, Json], Session]

OTHER_TYPES: dict[str, Ask] = {
    "embedding": lambda rig, model, form: rig.plugin.embed(model, ["a"], credentials=form),
    "query": lambda rig, model, form: rig.plugin.embed(
        model, ["a"], credentials=form, input_type="query"
    ),
    "rerank": lambda rig, model, form: rig.plugin.rerank(model, "q", ["a", "b"], credentials=form),
    "moderation": lambda rig, model, form: rig.plugin.moderate(model, "a", credentials=form),
    "speech": lambda rig, model, form: rig.plugin.speak(model, "a", credentials=form),
    "transcription": lambda rig, model, form: rig.plugin.transcribe(
        model, b"RIFF", credentials=form
    ),
}


def test_a_wait_told_for_one_model_leaves_the_others_alone(waits: Rig, stream: bool) -> None:
    """Of every type; the text is that of the failure, with the seconds left."""
    first = error_of(waits.chat("told", budget=20, stream=stream))
    second = error_of(waits.chat("told", budget=20, stream=stream))
    for error in (first, second):
        assert error.error_type == "InvokeRateLimitError"
        assert "the gateway is saturated" in error.message
        assert re.search(r"asks to wait (600|5\d\d) s", error.message)
        assert "Other models of this key are not affected." in error.message
    assert asked(waits) == ["told"], "the second call was refused without a request"
    assert succeeded(waits.chat("free", budget=20, stream=stream)).text == WORDS
    form = waits.form(max_retry_seconds="20")
    for ask in OTHER_TYPES.values():
        succeeded(ask(waits, "free", form))


def test_the_kind_of_failure_is_kept(waits: Rig, stream: bool) -> None:
    for _ in range(2):
        error = error_of(waits.chat("overloaded", budget=20, stream=stream))
        assert error.error_type == "InvokeServerUnavailableError"
        assert "overloaded" in error.message
    assert asked(waits) == ["overloaded"]


def test_a_limit_of_the_key_holds_for_all_its_models(waits: Rig, stream: bool) -> None:
    error_of(waits.chat("key-told", budget=20, stream=stream))
    error = error_of(waits.chat("free", budget=20, stream=stream))
    assert re.search(r"asks to wait (600|5\d\d) s", error.message)
    assert "All models of this key are affected." in error.message
    assert "Other models" not in error.message
    assert asked(waits) == ["key-told"]
    assert succeeded(waits.chat("free", key=new_key(), stream=stream)).text == WORDS


def test_several_models_told_at_the_same_time_are_the_keys_limit(waits: Rig, stream: bool) -> None:
    told = [f"told-{number}" for number in range(SHARED_MODELS)]
    for model in told[:-1]:
        error_of(waits.chat(model, budget=20, stream=stream))
    succeeded(waits.chat("free", budget=20, stream=stream))
    key = new_key()
    for model in told:
        error_of(waits.chat(model, budget=20, stream=stream, key=key))
    error = error_of(waits.chat("free", budget=20, stream=stream, key=key))
    assert "All models of this key are affected." in error.message
    assert asked(waits, key) == told


@pytest.mark.parametrize("form", FORMS)
def test_a_short_wait_is_kept_to_however_it_is_told(waits: Rig, form: str, stream: bool) -> None:
    session = succeeded(waits.chat(f"as-{form}", budget=20, stream=stream))
    assert session.text == WORDS
    first, second = (one.at for one in waits.seen())
    assert second - first >= 1.5


def test_those_who_wait_for_one_model_hold_up_nobody(waits: Rig, stream: bool) -> None:
    waiting = [waits.chat("half-a-minute", budget=60, stream=stream) for _ in range(5)]
    assert waits.simulator.wait_for(lambda _: "half-a-minute" in asked(waits))
    for model in ("free", "also-free") * 3:
        succeeded(waits.chat(model, budget=60, stream=stream))
    assert not any(session.done for session in waiting)


def test_a_longer_wait_is_tried_once_in_a_while_until_one_passes(hasty: Rig, stream: bool) -> None:
    """Told to wait ten minutes, it could have been asked again after three seconds."""
    began = time.monotonic()
    error_of(hasty.chat("mistaken", budget=20, stream=stream))
    refused = 0
    while (session := hasty.chat("mistaken", budget=1, stream=stream).wait()).error is not None:
        assert "the gateway is saturated" in session.error.message
        refused += 1
        assert time.monotonic() - began < 60
        time.sleep(0.05)
    assert session.text == WORDS
    at = [one.at for one in hasty.seen()]
    assert refused > len(at), "most were told without a request"
    assert all(later - earlier >= SECONDS for earlier, later in itertools.pairwise(at))
    for _ in range(3):
        succeeded(hasty.chat("mistaken", budget=1, stream=stream))


def test_the_calls_that_wait_are_served_when_one_has_passed(hasty: Rig, stream: bool) -> None:
    """They may wait longer than was told, and need not: one of them tries it."""
    sessions = [hasty.chat("doubtful", budget=480, stream=stream) for _ in range(3)]
    assert hasty.simulator.wait_for(lambda _: bool(asked(hasty)))
    sessions += [hasty.chat("doubtful", budget=480, stream=stream) for _ in range(6)]
    for session in sessions:
        assert session.wait(120.0).error is None
    began = min(one.at for one in hasty.seen())
    # At once three, as the gateway was not known; then one by one, the second of which passes.
    assert len([one for one in hasty.seen() if one.at < began + 2 * SECONDS]) <= 4


@pytest.mark.parametrize("model", ["told", "half-a-minute"])
def test_fallback_models_are_asked_at_once(waits: Rig, model: str, stream: bool) -> None:
    """Not after half of the budget, though half of it would be 10 s."""
    fields = {"fallback_models": "free"}
    for known in (False, True):
        session = waits.chat(model, budget=20, stream=stream, fields=fields)
        assert succeeded(session).text == WORDS
        assert session.events[-1].at - session.sent_at < 10
        assert asked(waits) == ([model, "free", "free"] if known else [model, "free"])


def test_the_next_key_is_asked_at_once_and_then_the_fallback_models(
    waits: Rig, stream: bool
) -> None:
    keys = [new_key(), new_key()]
    fields = {"fallback_models": "also-free"}

    def ask() -> Session:
        return waits.chat("told", key=",".join(keys), budget=20, stream=stream, fields=fields)

    assert succeeded(ask()).text == WORDS
    assert asked(waits, *keys) == ["told", "told", "also-free"]
    assert {one.key for one in waits.simulator.seen if one.key in keys} == set(keys)
    assert succeeded(ask()).text == WORDS
    assert asked(waits, *keys) == ["told", "told", "also-free", "also-free"]


@pytest.mark.parametrize("kind", OTHER_TYPES)
def test_the_next_key_serves_every_type_of_model(waits: Rig, kind: str) -> None:
    told, good = new_key("sk-told"), new_key()
    form = waits.form(f"{told},{good}", max_retry_seconds="20")
    for _ in range(4):
        succeeded(OTHER_TYPES[kind](waits, "told-once", form))
    assert len(asked(waits, told)) <= 1
    assert len(asked(waits, good)) == 4
    # Alone, that key is refused for this model and asked for another.
    alone = waits.form(told, max_retry_seconds="20")
    error = error_of(OTHER_TYPES[kind](waits, "told-once", alone))
    assert "Other models of this key are not affected." in error.message
    assert asked(waits, told) == ["told-once"]
    succeeded(OTHER_TYPES[kind](waits, "free", alone))
