"""An answer comes back as it was, or not at all."""

import pytest

from engine.apis.chat.request import CHAT_REUSE
from engine.apis.text_answer import Finish
from engine.apis.tool_calls import ToolCall
from engine.apis.usage import Usage
from engine.cache.entry import read_entry, write_entry
from engine.delta import ContentKind, Delta

PIECES = [
    Delta(ContentKind.REASONING, "hm"),
    Delta(ContentKind.TEXT, "你好\ud83d"),
    Delta(ContentKind.TEXT, "!"),
]
FINISH = Finish(
    "stop", usage=Usage(3, 5), fingerprint="fp", reasoning_blocks={"thinking_blocks": [{"a": 1}]}
)


def written(finish: Finish = FINISH, at: float = 1000.0) -> bytes:
    entry = write_entry(CHAT_REUSE, PIECES, finish, lambda: at)
    assert entry is not None
    return entry


@pytest.mark.parametrize("finish", [FINISH, Finish("stop")])
def test_text_reasoning_reason_and_tokens_come_back(finish: Finish) -> None:
    assert read_entry(CHAT_REUSE, written(finish), 60, lambda: 1059.0) == (PIECES, finish)


def test_sound_is_not_kept() -> None:
    assert write_entry(CHAT_REUSE, [*PIECES, Delta(ContentKind.SOUND, sound=b"x")], FINISH) is None


def test_it_is_not_older_than_its_reader_allows() -> None:
    """Its writer may have allowed more."""
    assert read_entry(CHAT_REUSE, written(), 60, lambda: 1060.0) is None


@pytest.mark.parametrize(
    "finish",
    [
        Finish("length"),
        Finish("content_filter"),
        Finish("tool_calls", (ToolCall("1", "f", "{}"),)),
        Finish("stop", (ToolCall("1", "f", "{}"),)),
    ],
)
def test_only_an_answer_that_came_to_its_own_end_is_kept(finish: Finish) -> None:
    assert write_entry(CHAT_REUSE, PIECES, finish) is None


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b"\x80\x04\x95",
        b"[]",
        b"{}",
        b'{"at": 1000}',
        b'{"at": "x", "texts": [], "result": {}}',
        b'{"at": 1000, "texts": [["pictures", "x"]], "result": {"usage": null}}',
        b'{"at": 1000, "texts": [], "result": {"usage": {"a": 1}, "fingerprint": ""}}',
        b'{"at": 1000, "texts": [], "result": {"usage": [1], "fingerprint": ""}}',
        b'{"at": 1000, "texts": [], "result": 7}',
    ],
)
def test_what_cannot_be_read_is_no_answer(entry: bytes) -> None:
    assert read_entry(CHAT_REUSE, entry, 60, lambda: 1001.0) is None
