"""The pipe to the daemon: lines as long as they come, and its end in the middle of calls."""

import pytest

from devtools import PluginProcess
from simulator import Simulator
from tests.process.rig import ROOT, WORDS, Rig, new_key, succeeded


def test_a_line_of_five_mebibytes_is_a_question_like_any_other(rig: Rig) -> None:
    prompt = "x" * (5 << 20)
    assert succeeded(rig.chat("rix/ok", prompt, budget=60)).text == WORDS
    assert len(rig.bodies()[0]["messages"][-1]["content"]) == len(prompt)


@pytest.mark.parametrize("line", [b"\n", b"no json\n", b"[]\n", b'{"event": 1}\n', b"\xff\xfe\n"])
def test_a_line_that_is_no_request_is_passed_over(simulator: Simulator, line: bytes) -> None:
    with PluginProcess(ROOT) as plugin:
        plugin.write(line)
        assert succeeded(Rig(plugin, simulator, new_key()).chat("rix/ok")).text == WORDS


def test_calls_under_way_end_though_the_daemon_asks_no_more(simulator: Simulator) -> None:
    with PluginProcess(ROOT) as plugin:
        rig = Rig(plugin, simulator, new_key())
        sessions = [rig.chat("openai/tokens-20-every-50", str(number)) for number in range(5)]
        sessions[0].wait_for_text()
        plugin.close_stdin()
        for session in sessions:
            assert succeeded(session).text == " token" * 20
        assert len(rig.seen()) == len(sessions)
