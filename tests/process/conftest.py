"""One plugin and one simulator for each worker; a key of its own for each test."""

from collections.abc import Iterator

import pytest

from devtools import PluginProcess
from simulator import Simulator
from tests.process.rig import ROOT, Rig, new_key


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=7) as sim:
        yield sim


@pytest.fixture(scope="session")
def plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as process:
        yield process


@pytest.fixture
def rig(plugin: PluginProcess, simulator: Simulator) -> Iterator[Rig]:
    yield Rig(plugin, simulator, new_key())
    # Whatever the test was about: stdout is the wire.
    assert plugin.violations == []


@pytest.fixture(params=[False, True], ids=["blocking", "streaming"])
def stream(request: pytest.FixtureRequest) -> bool:
    """Both ways to ask."""
    return bool(request.param)
