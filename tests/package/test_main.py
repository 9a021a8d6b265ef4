"""`main.py` before it serves: quick to load, and its log in the wire's form."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _run(program: str) -> str:
    """What a fresh interpreter prints that has only imported `main`."""
    command = [sys.executable, "-c", f"import main\n{program}"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout


def test_importing_main_prints_nothing() -> None:
    """Stdout is the wire."""
    assert _run("") == ""


def test_the_sdk_reads_yaml_with_the_c_parser() -> None:
    told = _run(
        "import yaml\n"
        "from dify_plugin.core.utils.yaml_loader import load_yaml_file\n"
        "seen = []\n"
        "class Seen(yaml.SafeLoader):\n"
        "    def __init__(self, stream):\n"
        "        seen.append(isinstance(self, yaml.CSafeLoader))\n"
        "        super().__init__(stream)\n"
        "yaml.SafeLoader = Seen\n"
        "name = load_yaml_file('manifest.yaml')['name']\n"
        "print(name, seen, yaml.__with_libyaml__)\n"
    )
    assert told.split() == ["resilient_gateway", "[True]", "True"]


def test_the_engine_logs_through_the_wire_once() -> None:
    told = _run(
        "import logging\n"
        "main._send_log_to_daemon()\n"
        "logging.getLogger('gateway').debug('not this')\n"
        "logging.getLogger('gateway.retry').info('waiting %d s', 3)\n"
    )
    (line,) = told.splitlines()
    event = json.loads(line)
    assert event["event"] == "log"
    assert event["data"]["level"] == "INFO"
    assert event["data"]["message"] == "waiting 3 s"
