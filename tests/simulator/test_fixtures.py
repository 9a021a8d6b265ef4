"""The recorded answers of real gateways are the measure of the simulator.

Each is asked of the simulator again: same family, endpoint, behaviour and form. Ids, times and
names are evened out; status, content type, gateway headers and the whole body must be the same.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.apis.audio.formats import MP3, recognise
from simulator import Simulator
from simulator.client import CHAT, QUESTIONS, Heard, ask
from simulator.results import score_of
from tests.catalogue.newer_asks import Ask, newer_ask
from tests.catalogue.newer_reading import readable
from tests.catalogue.recorded_kinds import GATEWAYS

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
FAMILIES = ("one-api", "new-api", *GATEWAYS)
ENDPOINTS = (
    "chat",
    "completions",
    "responses",
    "models",
    "embeddings",
    "rerank",
    "moderations",
    "audio",
)

LEFT_OUT = {
    "own-accept-encoding-gzip-wrong-path": "the web page is compressed; no /v1 answer ever is",
    "ban-ok-after": "an administrator's act: all channels disabled (body = own-token-nochannel)",
    "timeout-hang-blocking": "an administrator's RELAY_TIMEOUT (body = do_request_failed)",
    "timeout-hang-stream": "an administrator's RELAY_TIMEOUT (body = do_request_failed)",
    "timeout-stall-blocking": "an administrator's RELAY_TIMEOUT (body = read_response_body_failed)",
    "ip-limit-web": "a limit of hundreds of calls by address, which chat does not know",
    "info-models-anthropic": "Anthropic's list, which a header chooses",
    "info-models-gemini": "Gemini's list",
    "info-api-models": "a page of the site's own front end",
    "gpt-load chat-dead-port-blocking": "its pool had another upstream, which was there",
    "gpt-load chat-dead-port-stream-include_usage": "its pool had another upstream",
    "gpt-load chat-sse-error-first-429-stream-include_usage": "upstream said [DONE] after it",
}
"""Cases that are not played, of one gateway or of all, each with its reason."""

SILENCE = 0.25
"""Seconds of silence after all that was recorded, that are a hang (the recorder waited 5 to 330).

Where nothing was recorded, nothing can be awaited: silence is all there is to see.
"""

PATIENCE = 60.0
"""Seconds that an answer may take on a busy machine."""


OVERSIZED = {"Content-Length": str(129 * 1024 * 1024)}
ASKS: dict[str, Ask] = {
    "own-accept-language-en": Ask(key="sk-wrong", headers={"Accept-Language": "en"}),
    "own-accept-language-en-nochannel": Ask(headers={"Accept-Language": "en"}),
    "own-body-too-large": Ask(raw=b"{", headers=OVERSIZED),
    "own-content-type-missing": Ask(headers={"Content-Type": "text/plain"}),
    "own-json-array": Ask(raw=b"[]"),
    "own-json-broken": Ask(raw=b'{"model": "ok"'),
    "own-key-azure-style": Ask(key="", headers={"Api-Key": "sk-good"}),
    "own-key-wrong-stream": Ask(key="sk-wrong"),
    "own-max_tokens-huge": Ask(body={"max_tokens": 2**40}),
    "own-max_tokens-string": Ask(body={"max_tokens": "many"}),
    "own-max_tokens-negative": Ask(body={"max_tokens": -1}),
    "own-messages-empty": Ask(body={"messages": []}),
    "own-messages-wrong-type": Ask(body={"messages": "hi"}),
    "own-temperature-string": Ask(body={"temperature": "hot"}),
    "own-model-not-allowed": Ask(key="sk-onlyok"),
    "own-suffix-normal-user": Ask(key="sk-pinned"),
    "own-suffix-root-channel-off": Ask(key="sk-pinned-off"),
    "own-suffix-root-channel-unknown": Ask(key="sk-pinned-unknown"),
    "own-token-exhausted-first-call": Ask(key="sk-exhausted-send"),
    "own-token-exhausted-second-call": Ask(key="sk-exhausted-send", before=1),
    "own-token-tiny": Ask(key="sk-tiny"),
    "own-token-tiny-huge-max_tokens": Ask(key="sk-tiny", body={"max_tokens": 10_000_000}),
    "own-user-poor-big-max_tokens": Ask(key="sk-poor", body={"max_tokens": 10_000}),
    "own-sensitive-words": Ask("sensitive-words"),
    "own-system_cpu_overloaded-v1_chat_completions": Ask("system-cpu-overloaded"),
    "own-system_cpu_overloaded-v1_chat_completions-stream": Ask("system-cpu-overloaded"),
    "own-group-gauto-unknown-model": Ask(key="sk-auto"),
    "own-group-gempty": Ask(key="sk-nochannel"),
    "own-group-gforbidden": Ask(key="sk-nogroup"),
    "own-group-gauto-only-in-vip": Ask(key="sk-auto"),
    "own-group-field-in-body": Ask("only-in-vip", body={"group": "vip"}),
    "embeddings-input-empty-list": Ask(body={"input": []}),
    "embeddings-input-empty-string": Ask(body={"input": ""}),
    "embeddings-input-missing": Ask(body={"input": None}),
    "embeddings-ok-base64": Ask(body={"input": "a", "encoding_format": "base64"}),
    "embeddings-ok-dimensions": Ask(body={"input": "a", "dimensions": 2}),
    "own-system_cpu_overloaded-v1_embeddings": Ask("system-cpu-overloaded"),
    "own-system_cpu_overloaded-v1_rerank": Ask("system-cpu-overloaded"),
    "rerank-documents-empty": Ask(body={"documents": []}),
    "rerank-query-empty": Ask(body={"query": ""}),
    "rerank-ok-return_documents": Ask(
        body={"documents": sorted("abc", key=score_of, reverse=True), "return_documents": True}
    ),
    "rerank-ok-no-usage": Ask(body={"documents": sorted("ab", key=score_of, reverse=True)}),
    "own-user-nomoney-embeddings": Ask(key="sk-nomoney"),
    "own-user-nomoney-rerank": Ask(key="sk-nomoney"),
    "speech-too-long": Ask(body={"input": "好" * 1400}),
    "limit-redis-down": Ask("rate-limit-check-failed"),
    "chat-e500-1-then-ok-stream": Ask(before=1),
    "chat-sat-1-then-ok-stream": Ask(before=1),
    "ping-chat-sat-3-then-ok-stream": Ask(before=3),
    "chat-unpriced-model-blocking": Ask("unpriced-model"),
    "chat-slow-first-token-blocking": Ask("slow-first-token-80"),
    "chat-slow-first-token-stream": Ask("slow-first-token-80"),
    "chat-slow-headers-blocking": Ask("slow-headers-80"),
    "chat-slow-headers-stream": Ask("slow-headers-80"),
    "chat-ok-slow-blocking": Ask("ok-slow-20"),
    "chat-ok-slow-stream": Ask("ok-slow-20"),
    "ping-chat-hang-stream": Ask("ping-50-hang"),
    "ping-chat-ok-slow-stream": Ask("ping-40-ok-slow-20"),
    "ping-chat-slow-first-token-stream": Ask("ping-20-give-up-80"),
    "ping-chat-slow-headers-429-stream": Ask("ping-20-slow-headers-429-80"),
    "ping-chat-slow-headers-stream": Ask("ping-20-slow-headers-80"),
    "ping-chat-stall-after-content-stream": Ask("ping-20-give-up-after-content-80"),
    "timeout-slow-first-token-stream": Ask("give-up-80"),
    "timeout-stall-stream": Ask("give-up-after-content-80"),
    "new-api long-stall-after-content-stream": Ask("give-up-after-content-80"),
    # The recorded upstream ended completions without a finish reason; `ok` gives one, as OpenAI.
    "completions-ok-stream": Ask("ok-no-finish"),
}
KEYS = {
    "disabled": "sk-disabled",
    "expired": "sk-expired",
    "banned": "sk-banned",
    "iplimited": "sk-iplimited",
    "nochannel": "sk-nochannel",
    "gempty": "sk-nochannel",
    "nomoney": "sk-nomoney",
    "exhausted": "sk-exhausted-send",
    "onlyok": "sk-onlyok",
    "wrong-key": "sk-wrong",
    "no-key": "",
}
"""Words in a case's name that tell the key."""


def recorded() -> Iterator[Any]:
    for family in FAMILIES:
        for endpoint in ENDPOINTS:
            file = FIXTURES / family / f"{endpoint}.jsonl"
            lines = file.read_text("utf-8").splitlines() if file.exists() else []
            for number, line in enumerate(lines):
                record = json.loads(line)
                yield pytest.param(family, record, id=f"{family}-{record['case']}-{number}")


CASES = list(recorded())
PLAYED = [
    case
    for case in CASES
    if not {case.values[1]["case"], f"{case.values[0]} {case.values[1]['case']}"} & set(LEFT_OUT)
]


def test_nearly_every_recorded_answer_is_played() -> None:
    names = {record["case"] for _, record in (case.values for case in CASES)}
    names |= {f"{family} {record['case']}" for family, record in (case.values for case in CASES)}
    assert set(LEFT_OUT) <= names
    assert len(PLAYED) > len(CASES) - 20
    assert len(CASES) > 1700


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=3) as sim:
        yield sim


@pytest.mark.parametrize(("family", "record"), PLAYED)
def test_the_simulator_answers_as_recorded(
    simulator: Simulator, family: str, record: dict[str, Any]
) -> None:
    simulator.reset()
    heard, model = played(simulator, family, record)
    expected = {name.lower(): value for name, value in record["headers"]}
    assert heard.status == record.get("status")
    for name in ("content-type", "location", "x-accel-buffering", "x-new-api-version"):
        assert in_place(heard.headers.get(name)) == in_place(expected.get(name)), name
    if family in GATEWAYS:
        for name in ("retry-after", "llm_provider-retry-after", "rate_limit_type"):
            assert heard.headers.get(name) == expected.get(name), name
        for name in ("x-litellm-call-id", "x-upstream-request-id"):
            assert (name in heard.headers) == (name in expected), name
    for name in (
        "x-oneapi-request-id",
        "content-length",
        "transfer-encoding",
        "openai-processing-ms",
    ):
        assert (name in heard.headers) == (name in expected), name
    if recognise(record["body"].encode()) is not None:
        assert recognise(heard.body) is MP3
    else:
        compare = readable if family in GATEWAYS else comparable
        assert compare(heard.text, model) == compare(record["body"], record.get("model"))
    silent = record["ended"].startswith("client gave up")
    closed = record["ended"].startswith("connection closed")
    ends = {"silence", "limit"} if silent else {"cut"} if closed else {"complete"}
    assert heard.ended in ends


def played(simulator: Simulator, family: str, record: dict[str, Any]) -> tuple[Heard, str]:
    """The simulator's answer in this case, and the model's name that was sent."""
    case = record["case"]
    if family in GATEWAYS:
        how = newer_ask(family, case)
    else:
        how = ASKS.get(f"{family} {case}") or ASKS.get(case) or Ask(key=key_of(case))
    key = how.key
    model = f"{family}/{how.model or record.get('model') or 'ok'}"
    if case.startswith("limit-") and case not in ASKS and family not in GATEWAYS:
        model = f"{family}/limit-success" if record["body"] else f"{family}/limit-empty"
    fields = QUESTIONS.get(record["path"].removeprefix("/proxy/plain"), CHAT)
    body: Any = None
    if record["method"] == "POST":
        body = fields | {"model": model, "stream": bool(record["stream"])} | how.body
        if "include_usage" in case:
            body["stream_options"] = {"include_usage": not case.endswith("false")}
    headers = dict(how.headers)
    silent = record["ended"].startswith("client gave up")
    path = f"/{family}{record['path']}"

    compare = readable if family in GATEWAYS else comparable
    wanted = compare(record["body"], record.get("model"))

    def is_all(body: bytes) -> bool:
        return compare(body.decode(errors="replace"), model) == wanted

    def once() -> Heard:
        return ask(
            simulator.origin,
            path,
            body if how.raw is None else how.raw,
            method=record["method"],
            headers=headers,
            key=key,
            timeout=SILENCE if silent else PATIENCE,
            limit=4 * SILENCE if silent else PATIENCE,
            enough=is_all if silent else None,
            patience=PATIENCE,
        )

    for _ in range(how.before):
        once()
    return once(), model if body else ""


def in_place(value: str | None) -> str | None:
    """A header without the address of the server that sent it."""
    return re.sub(r"^http://127\.0\.0\.1:\d+", "", value) if value else value


def key_of(case: str) -> str:
    words = re.match(r"(?:own-token|info-models)-([\w-]+?)(?:-stream|-second-call)?$", case)
    return KEYS.get(words[1], "sk-good") if words else "sk-good"


def comparable(body: str, model: str | None) -> tuple[Any, bool]:
    """The body without what differs from call to call, and whether it has signs of life."""
    return evened(body, model), ": PING" in body


def evened(body: str, model: str | None) -> Any:
    """The body without signs of life, ids, times, addresses and numbers of its own."""
    if model:
        for name in (model, model.rpartition("/")[2]):
            body = re.sub(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", "MODEL", body)
    body = re.sub(r"20\d{12}\w{12,31}", "RID", body)
    body = re.sub(r'"created":\s?\d{10}', '"created":0', body)
    body = re.sub(r"127\.0\.0\.1:\d+(/i/[\w-]+/ch\d)?", "UPSTREAM", body)
    body = body.replace(": PING\n\n", "")  # where they fall is a matter of milliseconds
    body = re.sub(r'"embedding":(\[[^\]]*\]|"[^"]*")', _evened_vector, body)
    body = re.sub(r'"relevance_score":[\d.]+', '"relevance_score":0', body)
    body = re.sub(r'"document":\{"text":"\w+"\}', '"document":{"text":"T"}', body)
    body = re.sub(r"(need quota|需要预扣费额度): ＄[\d.]+", r"\1: ＄N", body)
    if body.startswith("{"):
        value = json.loads(body)
        if isinstance(value.get("data"), list) and '"embedding":' not in body:
            names = {json.dumps(sorted(set(one))) for one in value["data"]}
            return value | {"data": sorted(names)}
        return json.dumps(value, ensure_ascii=False)
    return body


def _evened_vector(match: re.Match[str]) -> str:
    """How many numbers there are, or how much base64: the simulator's belong to their texts."""
    vector = json.loads(match[1])
    kind = "base64" if isinstance(vector, str) else "numbers"
    return f'"embedding":"{kind} {len(vector)}"'
