"""A key's list of models: asked for once a minute, and what it says of a model that it lacks."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from engine.call.model_list import is_listed
from engine.call.model_lists import KEPT_SECONDS, MAX_LISTS, ModelLists
from engine.errors import Failure, Kind
from engine.errors.kinds import MODEL_NOT_FOUND, NO_CHANNEL, SATURATED
from engine.http.transport import Transport
from engine.settings import Settings
from tests.process.scripted import Scripted, answering
from tests.support.details import details

NAMES = ("gpt-4.1-mini", "whisper-1")
LIST = {"object": "list", "data": [{"id": name} for name in NAMES]}
MISSING = Failure(NO_CHANNEL, 503)


@dataclass
class Clock:
    """Seconds of a test."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def explained(lists: ModelLists, settings: Settings, failure: Failure = MISSING) -> Failure:
    return lists.explained(Transport(), settings, failure, time.monotonic() + 60)


def settings_for(server: Scripted, model: str = "gpt-4.1-mni", key: str = "sk-a") -> Settings:
    return Settings(server.base_url, key, model)


@pytest.mark.parametrize("kind", [NO_CHANNEL, MODEL_NOT_FOUND])
def test_a_model_that_is_not_listed_is_final_and_has_near_names(kind: Kind) -> None:
    with Scripted(answering(200, LIST)) as server:
        failure = explained(ModelLists(), settings_for(server), replace(MISSING, kind=kind))
    assert failure.final
    assert "gpt-4.1-mini" in details(failure)
    assert "gpt-4.1-mini" in details(failure, "zh")
    assert "whisper" not in details(failure)


def test_a_model_that_is_listed_stays_as_it_was() -> None:
    with Scripted(answering(200, LIST)) as server:
        assert explained(ModelLists(), settings_for(server, "whisper-1")) == MISSING


@pytest.mark.parametrize("failure", [Failure(SATURATED, 429), replace(MISSING, after_content=True)])
def test_other_failures_ask_for_nothing(failure: Failure) -> None:
    with Scripted(answering(200, LIST)) as server:
        assert explained(ModelLists(), settings_for(server), failure) == failure
        assert server.asked == []


@pytest.mark.parametrize(
    ("status", "body"), [(404, ""), (401, {"error": "no"}), (200, {"data": []}), (200, "<html>")]
)
def test_without_a_list_a_failure_stays_as_it_was(status: int, body: object) -> None:
    with Scripted(answering(status, body)) as server:
        lists = ModelLists()
        for _ in range(3):
            assert explained(lists, settings_for(server)) == MISSING
        assert len(server.asked) == 1, "also of that it is not asked for again at once"


def test_calls_that_fail_at_once_share_one_request() -> None:
    with Scripted(answering(200, LIST)) as server, ThreadPoolExecutor(8) as threads:
        lists = ModelLists()
        found = list(
            threads.map(lambda _: details(explained(lists, settings_for(server))), range(16))
        )
        assert len(set(found)) == 1
        assert found[0]
        assert len(server.asked) == 1


def test_a_list_is_old_after_a_minute_and_each_key_has_its_own() -> None:
    clock = Clock(time.monotonic())
    with Scripted(answering(200, LIST)) as server:
        lists = ModelLists(clock)
        for step in (0.0, KEPT_SECONDS - 1, 1.0):
            clock.now += step
            explained(lists, settings_for(server))
        explained(lists, settings_for(server, key="sk-b"))
        assert len(server.asked) == 3


def test_only_so_many_are_kept() -> None:
    with Scripted(answering(200, LIST)) as server:
        lists = ModelLists()
        for number in range(MAX_LISTS + 1):
            explained(lists, settings_for(server, key=f"sk-{number}"))
        explained(lists, settings_for(server, key="sk-1"))
        assert len(server.asked) == MAX_LISTS + 1
        explained(lists, settings_for(server, key="sk-0"))
        assert len(server.asked) == MAX_LISTS + 2


@pytest.mark.parametrize(
    ("model", "listed"),
    [("gpt-4o", True), ("openai/gpt-4o", True), ("openai/", True), ("GPT-4o", False), ("o", False)],
)
def test_patterns_of_a_list_are_understood(model: str, listed: bool) -> None:
    assert is_listed(model, ["gpt-4o", "openai/*"]) is listed
