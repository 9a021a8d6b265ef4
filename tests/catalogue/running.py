"""Every row of the catalogue asked once, many at a time, against one simulator.

Each call has a key of its own, so that the requests it made can be told apart afterwards.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from simulator import CATALOGUE, Simulator
from simulator.routes import ENDPOINTS as PATHS
from tests.catalogue.expectations import SUCCESS, Expected, Name
from tests.catalogue.expected_rows import EXPECTED, EXPECTED_AT_RESPONSES

ENDPOINTS = ("chat", "completions", "responses")
"""Those that answer in words."""

MAX_BEGINNINGS = 10
"""Calls at once that have not reached the gateway."""

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Ask:
    """A row, asked at one endpoint."""

    name: Name
    endpoint: str

    @property
    def expected(self) -> Expected:
        """What it has to end in."""
        differs = EXPECTED_AT_RESPONSES if self.endpoint == "responses" else {}
        return differs.get(self.name) or EXPECTED[self.name]

    @property
    def id(self) -> str:
        """The test's name."""
        model, key = self.name
        return "-".join(filter(None, (model, key if key != "" else "sk-none", self.endpoint)))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended."""

    outcome: str
    text: str = ""
    finish: str = ""
    detail: str = ""
    """The message of a failure, for the reader of a failed test."""


@dataclass(frozen=True, slots=True)
class Got:
    """How a call ended, and the requests that it made."""

    ended: Ended
    requests: int


def asks(chosen: Callable[[Name], bool]) -> list[Ask]:
    """The chosen rows at every endpoint where they happen, each once."""
    found = {
        Ask((row.name, row.key), endpoint): None
        for row in CATALOGUE
        for endpoint in row.endpoints
        if endpoint in ENDPOINTS and (row.name, row.key) in EXPECTED
    }
    return [ask for ask in found if chosen(ask.name)]


def run_all[Case](
    simulator: Simulator,
    cases: Iterable[Case],
    name_of: Callable[[Case], Name],
    ask: Callable[[Case, str], Ended],
    at_once: int,
) -> dict[Case, Got]:
    """Ask all cases, so many at once; `ask` gets the case and the key to ask with.

    Most of those at once wait for something. Few are in their beginnings: how fast calls are
    begun is for the machine to say, or their budgets would be used up by each other.
    """
    keys = {case: _key(name_of(case)[1], next(_NUMBERS)) for case in cases}
    beginnings = _Beginnings(simulator)
    with ThreadPoolExecutor(at_once) as pool:
        ends = {}
        for case, key in keys.items():
            beginnings.wait_for_room()
            ends[case] = pool.submit(ask, case, key)
            beginnings.add(key, ends[case])
        ended = {case: end.result() for case, end in ends.items()}
    # The one empty key is told apart by model and path.
    # The key's own pages, which a call may look at for its message, are no attempts; a save of the
    # provider's form asks for the list of models alone.
    attempts = [one for one in simulator.seen if one.method == "POST"]
    called = {one.key for one in attempts}
    attempts += [one for one in simulator.seen if one.key not in called]
    seen = Counter((one.key, "" if one.key else one.model + one.path) for one in attempts)
    return {
        case: Got(end, seen[keys[case], "" if keys[case] else _place(case, name_of(case))])
        for case, end in ended.items()
    }


class _Beginnings:
    """Calls whose first request the gateway has not seen yet."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._read = 0
        self._calls: dict[str, Future[Ended]] = {}

    def add(self, key: str, call: Future[Ended]) -> None:
        """A call begins."""
        self._calls[key] = call

    def wait_for_room(self) -> None:
        """Wait until so few calls are in their beginnings that another may begin."""
        while len(self._calls) >= MAX_BEGINNINGS:
            time.sleep(0.002)
            seen = self._simulator.seen
            for one in seen[self._read :]:
                self._calls.pop(one.key, None)
            self._read = len(seen)
            self._calls = {key: call for key, call in self._calls.items() if not call.done()}


def _place(case: object, name: Name) -> str:
    endpoint = getattr(case, "endpoint", "")
    return name[0] + next((path for path, (_, at) in PATHS.items() if at == endpoint), "")


def _key(key: str | None, number: int) -> str:
    if key == "":
        return ""
    return f"{key or 'sk-good'}-t{number}"


def judge(got: Got, expected: Expected) -> None:
    """Compare, with everything that explains a difference in one line.

    Raises:
        AssertionError: it ended otherwise, or took another number of requests.
    """
    ended = got.ended
    assert ended.outcome == expected.outcome, f"{got.requests} requests; {ended.detail}"
    assert expected.least <= got.requests <= expected.most, ended.detail
    assert ended.text == expected.text, ended.detail
    if expected.outcome == SUCCESS:
        assert ended.finish == expected.finish


def parameters_of(found: Iterable[Ask]) -> list[object]:
    """Test parameters, each with a readable id."""
    return [pytest.param(ask, id=ask.id) for ask in found]
