"""What people pasted where they asked for help, and what is no gateway's error at all."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.exits import Exit
from cli.explain.host import HOST_ERRORS, host_error_in
from cli.explain.read import read_errors
from cli.main import main

ROOT = Path(__file__).resolve().parents[2]
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests/wild/pasted.jsonl").read_text("utf-8").splitlines()
]
STATUSES = {
    "429": "rate_limited",
    "HTTP 524": "upstream_timeout",
    "(HTTP 503)": "server_error",
    "402 Insufficient Balance": "upstream_quota",
    "429 Too Many Requests": "rate_limited",
    "HTTP/1.1 403 Forbidden": "upstream_refused",
    "Request failed with status code 401": "key_refused",
    "AxiosError: Request failed with status code 502": "server_error",
    "Credentials validation failed with status code 404": "wrong_url",
    "请求失败，状态码：504": "upstream_timeout",
    "错误代码：429": "rate_limited",
}
STRANGERS = (
    "How do I fix error 429?",
    "The server has 500 users and 429 items.",
    "I got a 404 on my blog yesterday",
    "error 1045 (28000): Access denied for user 'root'@'localhost'",
    "npm ERR! 404 Not Found",
    "ConnectionError: Redis",
    "HTTP 429 means that too many requests were sent",
    "状态码 429 是什么意思？",
    "Traceback (most recent call last):\n  x = 400 / 0\nZeroDivisionError: division by zero",
)
HOST: dict[str, str] = {
    "PluginDaemonInternalServerError: killed by timeout": "killed_by_timeout",
    "no available node, plugin not found": "plugin_not_running",
    "plugin langgenius/openai:0.0.1@ab not found": "plugin_not_running",
    "plugin verification has been enabled, and the plugin you want to install has a bad "
    "signature": "signature_refused",
    "failed to launch plugin: failed to install dependencies: exit status 1": "dependencies_failed",
    "PluginDaemonInternalServerError: failed to launch plugin: ModuleNotFoundError: No module "
    "named 'socksio'": "launch_failed",
    "Failed to request plugin daemon, status: 502": "daemon_unreachable",
    'PluginInvokeError: {"error_type":"RuntimeError","message":"can\'t start new thread"}': (
        "too_few_threads"
    ),
    "plugin daemon: Error:Field validation for 'Voice' failed on the 'required' tag": (
        "field_missing"
    ),
    '{"code":"provider_not_initialize","message":"Model credentials is not initialized."}': (
        "credentials_missing"
    ),
    "Access token is invalid": "app_key_refused",
    'PluginInvokeError: {"args":{},"error_type":"KeyError","message":"choices"}': "plugin_fault",
}


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_what_people_paste(capsys: pytest.CaptureFixture[str], case: dict[str, Any]) -> None:
    end = main(["explain", "--json", case["text"]])
    document = json.loads(capsys.readouterr().out)
    kind = document["errors"][0]["kind"] if document["errors"] else "none"
    assert kind in (case["kind"], *case.get("also", ()))
    assert end == (Exit.OK if document["recognised"] else Exit.NOT_RECOGNISED)
    if says := case.get("says"):
        assert says.lower() in json.dumps(document["errors"][0], ensure_ascii=False).lower()


@pytest.mark.parametrize("text", STATUSES)
def test_a_status_alone_is_what_it_most_likely_is(text: str) -> None:
    (found,) = read_errors(text)
    assert found.failure.kind.name == STATUSES[text]
    assert found.sure.value == "likely"


@pytest.mark.parametrize("text", STRANGERS)
def test_a_number_in_prose_is_no_status(text: str) -> None:
    assert read_errors(text) == []
    assert host_error_in(text) is None


@pytest.mark.parametrize("text", HOST)
def test_errors_of_dify_and_its_daemon(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["explain", "--json", "--lang", "zh", text]) == Exit.NOT_RECOGNISED
    document = json.loads(capsys.readouterr().out)
    assert document["errors"] == []
    assert document["host"]["name"] == HOST[text]
    main(["explain", "--lang", "zh", text])
    printed = re.sub(r"\s", "", capsys.readouterr().out)
    assert re.sub(r"\s", "", document["host"]["remedy"]) in printed


def test_every_error_of_the_host_has_an_example() -> None:
    assert set(HOST.values()) == {error.name for error in HOST_ERRORS}
