"""The harness against the barest plugin there is: a real process, no server."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import PluginDiedError, PluginProcess, Session, SessionEndedError, SimulatorProcess
from devtools.output import Output

BARE = Path(__file__).resolve().parents[2] / "bench/peers/bare"


@pytest.fixture(scope="module")
def plugin() -> Iterator[PluginProcess]:
    with PluginProcess(BARE, provider="bare") as process:
        yield process


def test_start_gives_the_manifest_then_heartbeats(plugin: PluginProcess) -> None:
    assert plugin.manifest is not None
    assert plugin.manifest["name"] == "bare"
    assert plugin.heartbeats
    assert plugin.violations == []


def test_a_stream_arrives_chunk_by_chunk(plugin: PluginProcess) -> None:
    session = plugin.chat("any", credentials={})
    events = list(session)
    assert [event.kind for event in events] == ["stream", "stream", "stream", "end"]
    assert session.text == "Hello from nobody."
    assert session.finish_reason == "stop"
    assert session.usage is not None
    assert session.error is None
    arrivals = [session.sent_at, *(event.at for event in events)]
    assert arrivals == sorted(arrivals)


def test_many_sessions_at_once_keep_apart(plugin: PluginProcess) -> None:
    sessions = [plugin.chat("any", credentials={}, stream=bool(i % 2)) for i in range(100)]
    assert {session.wait().text for session in sessions} == {"Hello from nobody."}
    assert len({session.id for session in sessions}) == 100


def test_deferred_output_is_complete_after_leaving(plugin: PluginProcess) -> None:
    with plugin.deferred():
        sessions = [plugin.chat("any", credentials={}) for _ in range(100)]
        plugin.wait_deferred_ends(100)
        assert not any(session.events for session in sessions)
    assert {session.text for session in sessions} == {"Hello from nobody."}
    assert all(session.done for session in sessions)
    assert plugin.chat("any", credentials={}).wait().text == "Hello from nobody."


def test_other_calls_have_one_value(plugin: PluginProcess) -> None:
    assert plugin.num_tokens("any", "hi", credentials={}).wait().value == {"num_tokens": 1}
    form = {"api_key": "k"}
    saved = {"result": True, "credentials": form}
    assert plugin.validate_provider(form).wait().value == saved
    assert plugin.validate_model("any", form).wait().value == saved
    assert plugin.schema("any", form).wait().value == {"model_schema": None}


def test_an_error_carries_its_type(plugin: PluginProcess) -> None:
    session = plugin.invoke("invoke_llm", model_type="llm").wait()
    assert session.error is not None
    assert session.error.error_type == "ValidationError"
    assert "Traceback" in plugin.output
    with pytest.raises(SessionEndedError, match="ValidationError"):
        session.wait_for_text()


def test_death_wakes_whoever_waits() -> None:
    process = PluginProcess(BARE, provider="bare", entrypoint="no_such_module")
    with pytest.raises(PluginDiedError, match="no_such_module"):
        process.wait_ready()
    process.close()


def test_close_ends_open_sessions() -> None:
    with PluginProcess(BARE, provider="bare") as process:
        silent = Session("s", 0.0)
        process._output.sessions["s"] = silent
    with pytest.raises(PluginDiedError):
        silent.wait()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"print() in plugin code", "not a message"),
        (b"[1]", "not a message"),
        (b'{"event":"log","data":{}}', "not a message"),
        (b'{"event":"session","session_id":"x","data":{"type":"end","data":{}}}', "no open"),
        (b'{"event":"error","data":{}}', "unknown event"),
    ],
)
def test_what_breaks_the_protocol_is_kept(line: bytes, problem: str) -> None:
    output = Output()
    output.feed(b'{"name":"manifest"}\n\n', 0.0)
    output.feed(line[:5], 1.0)
    assert output.violations == []
    output.feed(line[5:] + b"\n", 1.0)
    assert len(output.violations) == 1
    assert problem in output.violations[0]


def test_an_event_before_the_manifest_is_a_violation() -> None:
    output = Output()
    output.feed(b'{"event":"heartbeat","session_id":null,"data":{}}\n', 0.0)
    assert "before the manifest" in output.violations[0]


def test_a_line_that_would_kill_the_plugin_is_a_violation() -> None:
    output = Output()
    output.feed(b'{"name":"' + b"x" * 5_242_880 + b'"}\n', 0.0)
    assert "the daemon kills" in output.violations[0]


def test_the_simulator_runs_as_a_process_and_counts() -> None:
    with SimulatorProcess(seed=1) as sim:
        before = sim.stats()["connections"]
        with urllib.request.urlopen(_chat(sim.base_url), timeout=60.0) as answer:
            assert answer.status == 200
        sim.wait_for(lambda stats: stats["posts"] == {"ok": 1})
        assert sim.stats()["connections"] == before + 1
        sim.reset()
        assert sim.stats()["posts"] == {}
        with pytest.raises(TimeoutError):
            sim.wait_for(lambda stats: stats["posts"] == {"ok": 1}, timeout=0.1)


def _chat(base_url: str) -> urllib.request.Request:
    body = {"model": "ok", "messages": [{"role": "user", "content": "hi"}]}
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-any"}
    return urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), headers
    )
