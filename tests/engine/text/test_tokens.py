"""Tokens, estimated locally."""

import sys

import pytest

from engine.text.tokens import cut, estimate, weigh


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("a", 1),
        ("abcd", 1),
        ("abcde", 2),
        (" " * 400, 100),
        ("你好", 2),
        ("你好吗？朋", 4),
        ("é" * 10, 8),
        ("😀", 1),
        ("abcd你好吗啊朋", 5),
        ("\x00\n", 1),
    ],
)
def test_estimate(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_longer_text_never_has_fewer() -> None:
    text = "Hello, 世界! " * 50
    counts = [estimate(text[:length]) for length in range(len(text) + 1)]
    assert counts == sorted(counts)


def test_deltas_of_any_cut_add_up_to_the_same() -> None:
    text = "Hello, 世界! " * 50
    for size in (1, 3, 7, 100):
        deltas = [text[start : start + size] for start in range(0, len(text), size)]
        assert sum(map(weigh, deltas)) == pytest.approx(weigh(text))


def test_no_vocabulary_is_loaded() -> None:
    assert estimate("今天天气不错" * 200_000) == 960_000
    assert "tiktoken" not in sys.modules


@pytest.mark.parametrize("text", ["Hello, 世界! " * 50, "a" * 100, "你" * 100, ""])
@pytest.mark.parametrize("tokens", [0, 1, 7, 50, 1000])
def test_cut_leaves_as_much_as_fits(text: str, tokens: int) -> None:
    left = cut(text, tokens)
    assert text.startswith(left)
    assert estimate(left) <= tokens
    assert left == text or estimate(text[: len(left) + 1]) > tokens
