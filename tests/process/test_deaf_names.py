"""A name server that does not answer: the calls that need it fail in time, and others go on."""

from collections.abc import Iterator

import pytest

from devtools import PluginProcess
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, new_key, succeeded

CALLS = 40


@pytest.fixture
def deaf(simulator: Simulator) -> Iterator[Rig]:
    with PluginProcess(ROOT, entrypoint="tests.process.deaf") as plugin:
        yield Rig(plugin, simulator, new_key())


def test_names_that_hang_hold_up_no_other_gateway(deaf: Rig) -> None:
    forms = [
        deaf.form(new_key(), endpoint_url=f"https://gw{number}.hangs.example/v1")
        for number in range(CALLS)
    ]
    hanging = [deaf.plugin.chat("m", credentials=form) for form in forms]
    port = deaf.simulator.base_url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost"):
        form = deaf.form(endpoint_url=f"http://{host}:{port}")
        assert succeeded(deaf.plugin.chat("rix/ok", credentials=form)).text == WORDS
    assert not any(session.done and session.error is None for session in hanging)
