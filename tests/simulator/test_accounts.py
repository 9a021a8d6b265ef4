"""The pages about balance and version are as recorded, key by key."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator import Simulator
from simulator.accounts import OPEN, PAGES
from simulator.client import ask
from tests.catalogue.recorded_kinds import GATEWAYS

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
LEFT_OUT = {"redis-down", "ip-limit", "without-v1"}
"""Parts of the names of cases that need another machine's fault, or 60 calls first."""

HUB_LISTS = {"/api/available_model", "/api/user_group_map"}
STATUS_FIELDS = ("version", "system_name", "quota_per_unit", "start_time", "_qn")


def cases() -> Iterator[Any]:
    for family in ("one-api", "new-api", *GATEWAYS):
        for name in ("billing", "other"):
            for line in (FIXTURES / family / f"{name}.jsonl").read_text("utf-8").splitlines():
                record = json.loads(line)
                path = record["path"].partition("?")[0].removeprefix("/proxy/plain")
                is_page = path in PAGES or f"{path}/" in PAGES or path in OPEN.get(family, {})
                is_left_out = any(part in record["case"] for part in LEFT_OUT)
                if is_page and "body_base64" not in record and not is_left_out:
                    yield pytest.param(family, record, id=f"{family}-{record['case']}")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=3) as sim:
        yield sim


@pytest.mark.parametrize(("family", "record"), list(cases()))
def test_page_is_as_recorded(simulator: Simulator, family: str, record: dict[str, Any]) -> None:
    simulator.reset()
    word = record["case"].rpartition("usage-")[2].rpartition("subscription-")[2]
    key = {"no-key": "", "wrong-key": "sk-wrong", "no-slash": "sk-good"}.get(word, f"sk-{word}")
    base = f"{simulator.origin}/{family}"
    heard = ask(base, record["path"], method="GET", key=key)
    expected = {name.lower(): value for name, value in record["headers"]}
    assert heard.status == record["status"]
    assert heard.headers.get("content-type") == expected.get("content-type")
    assert heard.headers.get("location") == expected.get("location")
    assert ("x-new-api-version" in heard.headers) == ("x-new-api-version" in expected)
    if record["path"] == "/api/status":
        told, recorded = heard.json["data"], json.loads(record["body"])["data"]
        for name in STATUS_FIELDS:
            if name != "start_time" or family not in GATEWAYS:
                assert told.get(name) == recorded.get(name), name
    elif record["path"] in HUB_LISTS:
        first, recorded = heard.json["data"], json.loads(record["body"])["data"]
        assert all(set(one) <= set(next(iter(recorded.values()))) for one in first.values())
    elif record["path"] == "/api/pricing":
        told, recorded = heard.json, json.loads(record["body"])
        entries = [{name for one in page["data"] for name in one} for page in (told, recorded)]
        assert entries[0] <= entries[1]
        assert set(told) <= set(recorded)
    elif record["status"] == 301:
        assert heard.text == record["body"]
    else:
        assert evened(heard.json) == evened(json.loads(record["body"]))


def evened(value: Any) -> Any:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    text = re.sub(r'"(expires_at|timestamp|uptime)": ("[^"]+"|1\d{9})', r'"\1": "time"', text)
    text = re.sub(r"(0\.\d{4})\d{9,}", r"\1", text)
    text = re.sub(r"request id: \w+", "request id", text)
    # The recorder's names of its tokens, with their numbers.
    return json.loads(re.sub(r"令牌 \w+（#\d+）|\[sk-[^\]]+\]", "令牌", text))


@pytest.mark.parametrize("family", ["openai", "cdn"])
@pytest.mark.parametrize("path", PAGES)
def test_a_provider_asked_directly_has_none_of_them(
    simulator: Simulator, family: str, path: str
) -> None:
    assert ask(f"{simulator.origin}/{family}", path, method="GET").status == 404
