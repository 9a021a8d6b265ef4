"""A gateway's own retry that begins the text anew in one stream, and what only looks like it."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.apis.chat.reader import AnswerReader
from engine.apis.text_answer import Finish
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, kinds

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
BEGIN = {"role": "assistant", "content": ""}

type Fields = dict[str, Any]


def stream(*all_fields: Fields) -> bytes:
    chunks = [{"choices": [{"index": 0, "delta": fields}]} for fields in all_fields]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)


def read(body: bytes) -> tuple[Finish, list[Delta]]:
    reader, deltas = AnswerReader(200, {"X-Oneapi-Request-Id": "1"}), list[Delta]()
    reader.feed(body, deltas)
    return reader.close(deltas), deltas


def words(*texts: str) -> list[Fields]:
    return [{"content": text} for text in texts]


def with_role(*texts: str) -> list[Fields]:
    return [{"role": "assistant", "content": text} for text in texts]


ANEW: dict[str, list[Fields]] = {
    "New API's Claude channel": [BEGIN, *words("a", "b"), BEGIN, *words("a", "b")],
    "twice": [BEGIN, *words("a"), BEGIN, *words("a"), BEGIN, *words("a")],
    "without a first role": [*words("a"), BEGIN, *words("a")],
    "after thoughts in the text": [BEGIN, *words("<think>\nr", "\n</think>\n", "a"), BEGIN],
    "after thoughts whose tag is cut": [*words("<think>r</th", "ink>a"), BEGIN],
}

NOT_ANEW: dict[str, list[Fields]] = {
    "one beginning": [BEGIN, *words("a", "b")],
    "two beginnings before any text": [BEGIN, BEGIN, *words("a")],
    "a role on every delta": [BEGIN, *with_role("a", "b", "", "c", "")],
    "between reasoning and text": [BEGIN, {"reasoning_content": "r"}, BEGIN, *words("a")],
    "within thoughts in the text": [BEGIN, *words("<think>\nr"), BEGIN, *words("\n</think>\na")],
    "an empty delta without role": [BEGIN, *words("a", "", "b")],
    "a role with text": [*words("a"), {"role": "assistant", "content": "b"}],
    "a role without content": [*words("a"), {"role": "assistant"}],
    "a role with null content": [*words("a"), {"role": "assistant", "content": None}],
    "a role with a tool call": [
        *words("a"),
        {
            **BEGIN,
            "tool_calls": [{"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}],
        },
    ],
    "a role with reasoning": [*words("a"), {**BEGIN, "reasoning_content": "r"}, *words("b")],
}


@pytest.mark.parametrize("all_fields", ANEW.values(), ids=ANEW)
def test_second_beginning_ends_the_answer(all_fields: list[Fields]) -> None:
    with pytest.raises(AttemptError) as raised:
        read(stream(*all_fields))
    failure = raised.value.failure
    assert (failure.kind, failure.after_content) == (kinds.TRUNCATED, True)
    assert "anew" in failure.note


def test_nothing_of_the_second_beginning_is_handed_on() -> None:
    reader, deltas = AnswerReader(200, {}), list[Delta]()
    with pytest.raises(AttemptError):
        reader.feed(stream(BEGIN, *words("a", "b"), BEGIN, *words("a", "b")), deltas)
    assert "".join(delta.text for delta in deltas) == "ab"


@pytest.mark.parametrize("all_fields", NOT_ANEW.values(), ids=NOT_ANEW)
def test_what_only_looks_like_it(all_fields: list[Fields]) -> None:
    finish, _ = read(stream(*all_fields))
    assert finish.reason == "stop"


def test_nothing_after_the_finish_reason_spoils_the_answer() -> None:
    finish, _ = read(stream(BEGIN, *words("a")) + stream(BEGIN))
    assert finish.reason == "stop"


def recorded(family: str, case: str) -> bytes:
    for line in (FIXTURES / family / "chat.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if record["case"] == case:
            return str(record["body"]).encode()
    raise LookupError(case)


@pytest.mark.parametrize("family", ["one-api", "new-api"])
@pytest.mark.parametrize(
    ("case", "thought_in_text"),
    [
        ("chat-claude-ok-stream", False),
        ("chat-ok-reasoning-stream", False),
        ("chat-think-to-content-stream", True),
        ("chat-ok-stream-include_usage", False),
    ],
)
def test_recorded_success_is_one(family: str, case: str, thought_in_text: bool) -> None:
    finish, deltas = read(recorded(family, case))
    said = "".join(delta.text for delta in deltas if delta.content_kind is ContentKind.TEXT)
    assert finish.reason == "stop"
    assert said.endswith("你好，this is the upstream.")
    assert said.startswith("<think>") == (thought_in_text and family == "new-api")


@pytest.mark.parametrize("family", ["one-api", "new-api"])
def test_recorded_cut_is_none(family: str) -> None:
    with pytest.raises(AttemptError) as raised:
        read(recorded(family, "chat-claude-cut-stream"))
    assert (raised.value.failure.kind, raised.value.failure.after_content) == (
        kinds.TRUNCATED,
        True,
    )
