"""What the SDK imports without need is imported when it is needed, and then works."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from devtools import SimulatorProcess, predefined, user
from devtools.wire import envelope

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0

# What was imported is asked once.
pytestmark = pytest.mark.xdist_group("postponed")


@pytest.fixture(scope="module")
def imported() -> set[str]:
    """The modules of a plugin that has started."""
    return set(_run("print(*sys.modules)").split())


def _run(program: str) -> str:
    command = [sys.executable, "-c", f"import main, sys\n{program}"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    "module", ["flask.app", "jinja2", "httpx._client", "h11._connection", "yarl._url"]
)
def test_a_plugin_over_a_pipe_starts_without(imported: set[str], module: str) -> None:
    assert "main" in imported
    assert module not in imported


def test_the_first_use_brings_the_module_itself() -> None:
    told = _run(
        "from dify_plugin.file import file\n"
        "held = file.httpx\n"
        "raised = held.UnsupportedProtocol\n"
        "import httpx\n"
        "print(httpx is not held, raised is httpx.UnsupportedProtocol, held.get is httpx.get)\n"
    )
    assert told.split() == ["True", "True", "True"]


def test_a_name_taken_out_of_a_module_works_too() -> None:
    told = _run(
        "from dify_plugin import plugin\n"
        "print(plugin.URL('http://debug.example:5003/x').port, 'yarl._url' in sys.modules)\n"
    )
    assert told.split() == ["5003", "True"]


@pytest.fixture
def serverless() -> Iterator[str]:
    """The plugin as a serverless host starts it: its SDK then needs the web server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "INSTALL_METHOD": "serverless",
        "SERVERLESS_HOST": "127.0.0.1",
        "SERVERLESS_PORT": str(port),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "main"],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    origin = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_serves(origin, process)
        yield origin
    finally:
        process.kill()
        process.wait()


def _wait_until_it_serves(origin: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(f"{origin}/health", timeout=PATIENCE).raise_for_status()
        except requests.ConnectionError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def test_a_serverless_host_can_run_it(serverless: str) -> None:
    with SimulatorProcess() as simulator:
        data = {
            "type": "model",
            "action": "invoke_llm",
            "user_id": "u1",
            "provider": "resilient_gateway",
            "model_type": "llm",
            "model": "rix/ok",
            "credentials": predefined(simulator.base_url),
            "prompt_messages": [user("hello")],
            "model_parameters": {},
            "tools": None,
            "stop": None,
            "stream": True,
        }
        body = json.loads(envelope("S", data))
        answer = requests.post(f"{serverless}/invoke", json=body, timeout=PATIENCE)
    events = [json.loads(line) for line in answer.text.split("\n\n") if line.strip()]
    assert answer.status_code == 200
    assert {event["session_id"] for event in events} == {"S"}
    kinds = [event["data"]["type"] for event in events]
    assert kinds[-1] == "end"
    assert "error" not in kinds
    deltas = [event["data"]["data"]["delta"] for event in events[:-1]]
    assert "".join(delta["message"]["content"] for delta in deltas).strip()
    assert deltas[-1]["finish_reason"] == "stop"
