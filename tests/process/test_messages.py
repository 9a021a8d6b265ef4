"""What a person reads: one short paragraph, the point first, and nothing that is not theirs."""

import re

import pytest

from tests.process.paragraph import LONGEST, faults_of
from tests.process.rig import Rig, error_of, new_key
from tests.process.scripted import Scripted, answering

LONGEST_TRACEBACK = 6 * 1024
"""Bytes: frames of the SDK and of ours, and the message twice."""

MODELS = (
    "rix/sat-forever",
    "new-api/sat-forever",
    "openai/sat-forever-ra-120",
    "rix/sat-quota",
    "rix/e401",
    "one-api/e400-masked",
    "new-api/e400-masked",
    "openai/e400-masked",
    "one-api/do-request-failed",
    "one-api/dead-port",
    "one-api/reset-without-answer",
    "new-api/key-exhausted",
    "new-api/key-exhausted-again",
    "one-api/key-exhausted-again",
    "rix/key-exhausted",
    "cdn/e502-html",
    "cdn/e524-json",
    "openai/html-200",
    "openai/close-without-answer",
    "rix/redirect-307-other",
    "rix/unknown-model-x",
    "new-api/system-cpu-overloaded",
    "openai/sse-error-after-content",
    "openai/cut-after-content",
    "openai/stop-empty",
    "openai/e400",
)
KEYS = ("sk-nomoney", "sk-tiny", "sk-poor", "sk-exhausted", "sk-iplimited", "sk-banned", "sk-wrong")


def test_every_message_is_one_short_paragraph(rig: Rig, stream: bool) -> None:
    # What one key was told to wait holds for all of its calls: so each has its own.
    calls = {model: rig.chat(model, key=new_key(), stream=stream, budget=1) for model in MODELS}
    for family in ("one-api", "new-api", "shell", "rix"):
        for kind in KEYS:
            name = f"{family} {kind}"
            calls[name] = rig.chat(f"{family}/ok", key=new_key(kind), stream=stream, budget=1)
    for name, session in calls.items():
        message = error_of(session).message
        assert faults_of(message) == [], f"{name}: {message}"
        assert "Tried" not in message, f"{name}: {message}"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("rix/sat-forever", ["saturated", "HTTP 429", "当前分组上游负载已饱和，请稍后再试"]),
        ("openai/e400", ["HTTP 400", "'max_tokens' is not supported", "'max_completion_tokens'"]),
        ("new-api/sensitive-words", ["HTTP 500", "sensitive_words_detected"]),
        ("rix/e400-context", ["HTTP 400", "maximum context length is 8192 tokens"]),
        ("openai/sat-forever-ra-120", ["HTTP 429", "120 s"]),
        ("rix/unknown-model-x", ["HTTP 503", "no channel", "rix/unknown-model-x"]),
        ("new-api/system-cpu-overloaded", ["HTTP 503", "system cpu overloaded"]),
    ],
)
def test_status_and_upstreams_own_words(rig: Rig, model: str, words: list[str]) -> None:
    message = error_of(rig.chat(model, budget=1)).message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    "model",
    [
        "rix/sat-forever",
        "one-api/e500",
        "new-api/e400",
        "rix/redis-down",
        "new-api/sse-error-after-content",
        "one-api/cut-after-content",
        "one-api/eof-after-content",
        "new-api/ok-no-finish",
        "rix/stop-empty",
    ],
)
def test_the_gateways_request_id_is_told(rig: Rig, model: str) -> None:
    """Also where the answer broke off: the header came with its beginning."""
    message = error_of(rig.chat(model, budget=1)).message
    assert re.search(r"Request id: 20\d{12}\w+\.$", message)


def test_whose_quota_is_told(rig: Rig) -> None:
    own = error_of(rig.chat("new-api/ok", key=new_key("sk-nomoney"))).message
    operators = error_of(rig.chat("rix/sat-quota")).message
    assert "the API key's or account's quota" in own
    assert "operator" not in own.split("Tried")[0]
    assert "operator's" in operators


def test_nothing_is_left_of_addresses_that_a_gateway_masked(rig: Rig) -> None:
    """New API writes `***.***.com` and `***.***.***.***` (facts §7)."""
    for model in ("new-api/e400-masked", "new-api/e503-overloaded", "new-api/sat-forever"):
        message = error_of(rig.chat(model, budget=1)).message
        assert not re.search(r"(^|[\s“])\.{2,}\w*", message), message


SECRETS = {
    "a key without the usual beginning": ("Key {key} may not use this model", "{key}"),
    "the name of a token": ("令牌 shop of Ann（#9）额度已用尽", "Ann"),
    "the name of a token, in one word": ("令牌 anns-shop（#9）额度已用尽", "anns-shop"),
    "a balance": ("余额不足, 剩余额度: ＄12.345678", "12.345678"),
    "an address in a private network": ("dial tcp 10.1.2.3:8080: i/o timeout", "10.1.2.3"),
    "a name in a private network": (
        "dial tcp: lookup gpu-box-7 on 10.0.0.2:53: no such host",
        "gpu-box-7",
    ),
    "a name and a port": ("Post http://gpu-box-7:8000/v1: EOF", "gpu-box-7"),
    "a name and a port without a scheme": ("connect to gpu-box-7:8000 refused", "gpu-box-7"),
    "an address of version 6": ("dial tcp [fd00::7]:80: refused", "fd00::7"),
    "a mail address": ("ask ann@shop.example.com", "ann@"),
    "an organisation": ("in organization org-AbC123xyz on requests", "org-AbC123xyz"),
}


@pytest.mark.parametrize(("words", "secret"), SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_is_not_for_every_reader(rig: Rig, words: str, secret: str, status: int) -> None:
    # Not every gateway's keys begin with `sk-`.
    key = f"Zx9mK2pQ7rT4{new_key('vW8yB1nC')}"
    body = {"error": {"message": words.format(key=key), "type": "new_api_error", "code": ""}}
    with Scripted(answering(status, body, ("X-Oneapi-Request-Id", "20260101000000123"))) as server:
        session = rig.chat("m", key=key, budget=0, fields={"endpoint_url": server.base_url})
        error = error_of(session)
        assert len(server.asked) == 1
    assert secret.format(key=key) not in error.message
    assert key not in str(error.args)
    assert key not in rig.plugin.output


def test_a_page_is_never_quoted(rig: Rig) -> None:
    page = "<html><head><title>Intranet of ACME</title></head><body>db01 is down</body></html>"
    for status in (200, 404, 502):
        with Scripted(answering(status, page)) as server:
            session = rig.chat("m", budget=0, fields={"endpoint_url": server.base_url})
            message = error_of(session).message
        assert "ACME" not in message
        assert "db01" not in message


@pytest.mark.parametrize("text", ["饱和" * 5000, "a" * 20_000, "line\nline\n" * 900, "&" * 9000])
@pytest.mark.parametrize("status", [429, 400, 500, 200])
def test_endless_words_are_cut(rig: Rig, text: str, status: int) -> None:
    body = {"error": {"message": text, "type": "t", "code": "c" * 5000, "param": "p" * 5000}}
    headers = ("X-Oneapi-Request-Id", "r" * 3000)
    with Scripted(answering(status, body, headers)) as server:
        session = rig.chat("m", budget=0, fields={"endpoint_url": server.base_url})
        error = error_of(session)
    assert faults_of(error.message) == []
    assert text[:100].split("\n", maxsplit=1)[0][:4] in error.message
    assert len(str(error.args).encode()) < LONGEST_TRACEBACK + 4 * LONGEST


def test_what_travels_beside_the_message(rig: Rig, stream: bool) -> None:
    """The SDK adds a traceback; nothing of ours may be chained to it."""
    for model in ("rix/sat-forever", "openai/cut-after-content", "rix/e400", "openai/dead-port"):
        error = error_of(rig.chat(model, stream=stream, budget=0))
        traceback = error.args["traceback"]
        assert len(traceback.encode()) < LONGEST_TRACEBACK
        assert traceback.count("Traceback (most recent call last)") == 1
        assert "During handling of" not in traceback
        assert "direct cause" not in traceback
        assert rig.key not in traceback
        assert error.args["description"] == error.message
