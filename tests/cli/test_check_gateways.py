"""`resilient-gateway check` of gateways that are none of the One API family's first ones."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override

import pytest
import yaml

from cli.check.command import chosen_of
from cli.check.models import KNOWN_CHEAP, is_safe_choice, plausible_chat_models
from cli.check.survey import Survey
from cli.exits import Exit
from cli.main import main
from engine.settings import parse_settings

ROOT = Path(__file__).resolve().parents[2]
FULL = {
    "error": {
        "message": "当前分组上游负载已饱和，请稍后再试",
        "type": "system_error",
        "code": "rate_limit_exceeded",
    }
}
KEY_INFO = {
    "info": {
        "spend": 1.5,
        "max_budget": 10.0,
        "rpm_limit": 60,
        "tpm_limit": None,
        "max_parallel_requests": 4,
        "expires": "2027-01-31T00:00:00Z",
        "blocked": False,
    }
}


@contextmanager
def gateway(
    pages: Mapping[str, object], headers: Mapping[str, str], models: list[str]
) -> Iterator[str]:
    """A gateway with these pages, whose models are all full; the origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/models"):
                self._send(200, {"data": [{"id": name} for name in models]})
            elif self.path in pages:
                self._send(200, pages[self.path])
            else:
                self._send(404, {"detail": "Not Found"})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._send(429, FULL)

        def _send(self, status: int, document: object) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GATEWAY_URL", "GATEWAY_KEY", "GATEWAY_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "*")


def checked(capsys: pytest.CaptureFixture[str], url: str) -> tuple[int, dict[str, Any]]:
    end = main(["check", "--url", url, "--key", "sk-good-7f3a9c21", "--lang", "en", "--json"])
    document = json.loads(capsys.readouterr().out)
    return end, {**document, **{one["name"]: one for one in document["outcomes"]}}


@pytest.mark.parametrize(
    ("name", "path", "pages", "headers"),
    [
        ("LiteLLM", "/v1", {"/health/liveliness": "I'm alive!"}, {}),
        ("LiteLLM", "/v1", {}, {"x-litellm-version": "1.108.7"}),
        (
            "one-hub 2026-02",
            "/v1",
            {"/api/status": {"data": {"system_name": "One Hub", "version": "2026-02"}}},
            {"X-Oneapi-Request-Id": "2026"},
        ),
        (
            "done-hub v1.23.18",
            "/v1",
            {"/api/status": {"data": {"system_name": "Done Hub", "version": "v1.23.18"}}},
            {"X-Oneapi-Request-Id": "2026"},
        ),
        (
            "gpt-load",
            "/proxy/main/v1",
            {"/health": {"status": "healthy", "timestamp": "", "uptime": "1h"}},
            {},
        ),
    ],
)
def test_the_gateway_is_named_and_its_saturation_is_no_fault_of_what_was_typed(
    capsys: pytest.CaptureFixture[str],
    name: str,
    path: str,
    pages: dict[str, object],
    headers: dict[str, str],
) -> None:
    with gateway(pages, headers, ["gpt-4o-mini"]) as origin:
        end, told = checked(capsys, origin + path)
    assert told["family"]["text"] == name
    assert told["key"]["verdict"] == "ok"
    assert (told["chat"]["verdict"], told["chat"]["kind"]) == ("busy", "saturated")
    assert end == Exit.BUSY


def test_the_key_s_budget_and_limits_at_litellm(capsys: pytest.CaptureFixture[str]) -> None:
    pages = {"/health/liveliness": "I'm alive!", "/key/info": KEY_INFO}
    with gateway(pages, {}, ["gpt-4o-mini"]) as origin:
        _, told = checked(capsys, f"{origin}/v1")
    assert told["balance"]["text"] == (
        "8.50 left on this key, 1.50 used; limits: 60 requests a minute, 4 calls at once; the key "
        "ends on 2027-01-31"
    )


def test_no_model_is_asked_by_accident(capsys: pytest.CaptureFixture[str]) -> None:
    with gateway({}, {}, ["gpt-5.5", "claude-opus-5"]) as origin:
        _, told = checked(capsys, f"{origin}/v1")
    assert told["chat"]["verdict"] == "skipped"
    assert "--model" in told["chat"]["text"]
    assert told["requests"]["models"] == 0


def test_a_person_is_asked_first_and_the_answer_counts() -> None:
    asked: list[list[str]] = []

    def choose(names: list[str]) -> str:
        asked.append(names)
        return names[-1]

    with gateway({}, {}, ["gpt-5.5", "gpt-4o-mini", "gpt-5.5-audio"]) as origin:
        settings = parse_settings({"endpoint_url": f"{origin}/v1", "api_key": "sk-x"}, "")
        survey = Survey(settings, origin, "en", choose=choose)
        list(survey.run())
    assert asked == [["gpt-4o-mini", "gpt-5.5"]]
    assert survey.asked == "gpt-5.5"


def test_what_an_answer_means() -> None:
    names = ["a", "b"]
    assert [chosen_of(typed, names) for typed in ("", "2", "-", "c", "9")] == [
        "a",
        "b",
        "",
        "c",
        "9",
    ]


def test_cheap_and_known_models_come_first() -> None:
    names = ["gpt-5.5", "vendor/GPT-4o-mini", "new-mini", "o3-deep-research"]
    assert plausible_chat_models(names) == ["vendor/GPT-4o-mini", "new-mini", "gpt-5.5"]
    assert is_safe_choice(["gpt-4o-mini", "gpt-5.5"])
    assert is_safe_choice(["only-one"])
    assert not is_safe_choice(["gpt-5.5", "claude-opus-5"])


@pytest.mark.parametrize("name", KNOWN_CHEAP)
def test_a_known_model_is_one_of_the_catalogue(name: str) -> None:
    row = yaml.safe_load((ROOT / f"models/llm/{name}.yaml").read_text("utf-8"))
    assert row["model"] == name
    assert {"tool-call", "multi-tool-call", "stream-tool-call"} & set(row["features"])
