"""No part of a key is told to anybody, however it is echoed, and what stands around it stays."""

import base64
import json
import random
import re
import traceback
import urllib.parse
import uuid
from collections.abc import Callable

import pytest

from engine.errors import AttemptError, Failure, GatewayError, kinds
from engine.errors.explanation import explain
from engine.errors.redact import log_words, public_words, without_secrets
from engine.errors.secrets import MASK, redact
from engine.settings import Settings, parse_settings
from engine.settings.secrets import secrets_of

SEED = 20261201
ROUNDS = 12_000
SHORTEST_RUN = 8
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HEX = "0123456789abcdef"
WORDS = ("correct", "horse", "battery", "staple", "river", "meadow", "harbor", "lantern")
CHINESE = "密钥令牌网关模型渠道账户余额请求错误稍后重试联系管理员山水花鸟风月"

type Rng = random.Random


def some(rng: Rng, letters: str, count: int) -> str:
    return "".join(rng.choices(letters, k=count))


KEYS: dict[str, Callable[[Rng], str]] = {
    "UUID": lambda rng: str(uuid.UUID(int=rng.getrandbits(128))),
    "words": lambda rng: "-".join(rng.sample(WORDS, 4)),
    "letters": lambda rng: some(rng, BASE64URL[:52], 24),
    "digits": lambda rng: some(rng, "0123456789", 12),
    "OpenAI": lambda rng: f"sk-proj-{some(rng, BASE64URL, 48)}",
    "base64": lambda rng: base64.b64encode(rng.randbytes(30)).decode(),
    "base64 with an end": lambda rng: base64.b64encode(rng.randbytes(31)).decode(),
    "JWT": lambda rng: ".".join(
        [
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            some(rng, BASE64URL, 60),
            some(rng, BASE64URL, 43),
        ]
    ),
    "Zhipu": lambda rng: f"{some(rng, HEX, 32)}.{some(rng, BASE64URL[:62], 16)}",
    "Chinese": lambda rng: some(rng, CHINESE, 12),
    "marks": lambda rng: some(rng, "ab1!@#$%^&*()_+=|:;?/~", 20),
}


def part(rng: Rng, key: str, place: str) -> str:
    length = rng.randint(SHORTEST_RUN, max(SHORTEST_RUN, len(key) - 1))
    start = {"head": 0, "tail": len(key) - length}.get(place, rng.randint(0, len(key) - length))
    return key[start : start + length]


ECHOES: dict[str, Callable[[Rng, str], str]] = {
    "whole": lambda _rng, key: key,
    "quoted": lambda rng, key: rng.choice(["'{}'", '"{}"', "“{}”", "[{}]", "`{}`"]).format(key),
    "spaced": lambda rng, key: rng.choice([" ", "\n", "\u200b", "` "]).join(key),
    "in blocks": lambda rng, key: " ".join(_blocks(key, rng.randint(2, 5))),
    "head": lambda rng, key: f"{part(rng, key, 'head')}...",
    "tail": lambda rng, key: f"…{part(rng, key, 'tail')}",
    "middle": lambda rng, key: f"…{part(rng, key, 'middle')}***",
    "twice": lambda rng, key: f"{part(rng, key, 'head')}***{part(rng, key, 'tail')}",
    "encoded for a URL": lambda _rng, key: urllib.parse.quote(key, safe=""),
    "wholly encoded for a URL": lambda _rng, key: "".join(f"%{byte:02x}" for byte in key.encode()),
    "encoded twice": lambda _rng, key: urllib.parse.quote(urllib.parse.quote(key, safe="")),
    "escaped for JSON": lambda _rng, key: json.dumps(json.dumps(f"{key}/").replace("/", "\\/")),
    "escaped for HTML": lambda _rng, key: "".join(f"&#{ord(letter)};" for letter in key),
    "bytes": lambda _rng, key: repr(key.encode()),
    "base64": lambda rng, key: base64.b64encode(f"{rng.choice('abc')}:{key}".encode()).decode(),
    "capitals": lambda _rng, key: key.upper(),
}


def _blocks(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]


def leaks(text: str, key: str) -> list[str]:
    """Runs of the key in a text, read in every way in which they may be echoed above."""
    readings = {text.lower(), *_unescaped(text)}
    squeezed = ["".join(one.split()).replace("\u200b", "").replace("`", "") for one in readings]
    runs = {key[at : at + SHORTEST_RUN].lower() for at in range(len(key) - SHORTEST_RUN + 1)}
    return [run for run in runs if any(run in one for one in (*readings, *squeezed))]


def _unescaped(text: str) -> list[str]:
    unquoted = urllib.parse.unquote(text)
    return [unquoted.lower(), urllib.parse.unquote(unquoted).lower()]


def test_no_run_of_a_key_is_left_by_the_ten_thousand() -> None:
    rng = random.Random(SEED)
    before, after = "the upstream (gemma:2b) refused → ", " ← at 12:30 UTC, 请稍后再试"
    for number in range(ROUNDS):
        key = KEYS[rng.choice(list(KEYS))](rng)
        how = rng.choice(list(ECHOES))
        echo = ECHOES[how](rng, key)
        other = KEYS["UUID"](rng)
        told = redact(f"{before}{echo}{after}", [other, key, "short"])
        where = f"round {number}, {how}: {key} in {told}"
        assert told.startswith(before), where
        assert told.endswith(after), where
        assert MASK in told, where
        assert not leaks(told, key), where


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("echo", ECHOES)
def test_nobody_reads_it(kind: str, echo: str) -> None:
    """As a person and the log are told, the markup taken out."""
    rng = random.Random(f"{SEED} {kind} {echo}")
    keys = [KEYS[kind](rng) for _ in range(3)]
    settings = Settings("https://a.example/v1", keys[0], "m", api_keys=tuple(keys))
    echoes = " and ".join(ECHOES[echo](rng, key) for key in keys)
    words = f"Quota of {echoes} is used up"
    raw = Failure(kinds.RATE_LIMITED, 429, words, words, words, words, note=words)
    failure = without_secrets(raw, secrets_of(settings))
    error = GatewayError(failure, explain(failure, ("en",)))
    told = [public_words(failure), log_words(failure), error.text, repr(error), repr(failure)]
    told += traceback.format_exception(AttemptError(failure))
    assert not [(text, found) for text in told for key in keys if (found := leaks(text, key))]
    assert re.search(r"“Quota of .*\[key\].* is used up”", error.text)


KEPT = (
    "pull model registry.ollama.ai/library/gemma:2b: not found",
    "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M is gated",
    "InternalError.Algo.InvalidParameter: Range of max_tokens",
    "Throttling.AllocationQuota",
    "java.net.SocketTimeoutException: timeout",
    "System.Net.Http.HttpRequestException was thrown",
    "litellm.exceptions.BadRequestError: no",
    "messages.0.content.1.text is required",
    "tools.0.custom.input_schema.type: Field required",
    "data.0.id is missing",
    "relay.go:345 and app.py:12",
    "google.rpc.RetryInfo",
    "key-value pairs, a Bearer token is needed",
    "claude-3.5-sonnet, gpt-4.1.mini, qwen2.5-vl",
)


@pytest.mark.parametrize("words", KEPT)
def test_what_only_looks_like_a_key_or_an_address_stays(words: str) -> None:
    assert public_words(Failure(kinds.BAD_REQUEST, 400, words=words)) == words


HIDDEN = {
    "Post api.acme-corp.cn/v1 failed": "acme",
    "host gw.internal.lan is down": "lan",
    "请求api.acme.com失败": "acme",
    "no route to API.ACME.COM": "ACME",
    "dial one-api.default.svc.cluster.local failed": "one-api",
    "api.acme.com.Please retry": "acme",
    "gateway.acme.xyz:8443/v1 refused": "acme",
    "new-api:3000 refused": "new-api",
}


@pytest.mark.parametrize(("words", "hidden"), HIDDEN.items())
def test_addresses_are_hidden(words: str, hidden: str) -> None:
    assert hidden in words
    assert hidden not in public_words(Failure(kinds.SERVER_ERROR, 500, words=words))


def test_a_key_that_is_a_word_hides_that_word_alone_and_nothing_of_ours() -> None:
    settings = Settings("https://a.example/v1", "model-gateway", "m")
    words = "the model-gateway has no model gateway-7"
    failure = without_secrets(Failure(kinds.SATURATED, 429, words=words), secrets_of(settings))
    text = explain(failure, ("en",))
    assert "“the [key] has no model gateway-7”" in text
    assert text.startswith("Resilient Gateway: the gateway is saturated; ")


def test_what_a_call_keeps_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """All keys of the form, headers, secrets in the body by their names, proxies' passwords."""
    monkeypatch.setenv("HTTP_PROXY", "'http://me:p%40ssword-1@10.0.0.1:80'")
    form = {
        "endpoint_url": "https://a.example/v1",
        "api_key": "sk-first-11111111, sk-second-22222222",
        "extra_headers": '{"X-Team": "team-of-search"}',
        "extra_body": '{"litellm": [{"api_key": "sk-body-33333333"}], "style": "plain-english"}',
    }
    settings = parse_settings(form, "m")
    words = (
        "sk-first-11111111 sk-second-22222222 team-of-search sk-body-33333333 p%40ssword-1 "
        "p@ssword-1 plain-english"
    )
    failure = without_secrets(Failure(kinds.SERVER_ERROR, words=words), secrets_of(settings))
    assert failure.words == f"{' '.join([MASK] * 6)} plain-english"
    assert not [one for one in ("11111111", "22222222", "team", "3333") if one in repr(settings)]


def test_a_short_key_is_none() -> None:
    assert redact("x has none, 1234567", ["x", "none", "1234567", ""]) == "x has none, 1234567"
