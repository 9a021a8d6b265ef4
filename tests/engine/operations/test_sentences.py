"""A long text is cut where a speaker would pause, and nothing of it is lost."""

import random

import pytest

from engine.operations.sentences import MAX_INPUT_CHARACTERS, split_text

CUTS = {
    "fits": ("你好。世界。", 10, ["你好。世界。"]),
    "nothing": ("", 10, []),
    "nothing to speak": (" \n\t\n ", 10, []),
    "as many sentences as fit": ("一二三。四五六！七八九？", 8, ["一二三。四五六！", "七八九？"]),
    "english": ("One two. Three four! Five?", 12, ["One two.", "Three four!", "Five?"]),
    "a point in a number": ("Pay 3.14 euro. Now.", 15, ["Pay 3.14 euro.", "Now."]),
    "a point in an address": ("See a.example.com now.", 14, ["See", "a.example.com", "now."]),
    "quotation marks go along": ("他说：“好。”然后走了。", 8, ["他说：“好。”", "然后走了。"]),
    "brackets too": ("(Yes.) (No.) Maybe.", 12, ["(Yes.) (No.)", "Maybe."]),
    "a paragraph": ("Title\nText that goes on", 17, ["Title", "Text that goes on"]),
    "a comma when a sentence is too long": (
        "一二三，四五六，七八九。",
        9,
        ["一二三，四五六，", "七八九。"],
    ),
    "white space without a comma": ("one two three four", 9, ["one two", "three", "four"]),
    "anywhere at last": ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    "white space at the cut is free": ("Abc. Def. Ghi.", 9, ["Abc. Def.", "Ghi."]),
    "several marks": ("真的吗？！是的……好。", 6, ["真的吗？！", "是的……好。"]),
}


@pytest.mark.parametrize(("text", "longest", "pieces"), CUTS.values(), ids=CUTS)
def test_cut(text: str, longest: int, pieces: list[str]) -> None:
    assert list(split_text(text, longest)) == pieces


@pytest.mark.parametrize("seed", range(20))
def test_no_delta_is_too_long_and_nothing_is_lost(seed: int) -> None:
    rng = random.Random(seed)
    words = [
        "你好",
        "世界",
        "a",
        "word",
        "😀",
        "é",
        "。",
        ". ",
        "，",
        ", ",
        "\n\n",
        "？！",
        "3.14",
        " ",
    ]
    text = "".join(rng.choices(words, k=6000))
    longest = rng.choice([1, 7, 80, 3000, 10_000])
    pieces = list(split_text(text, longest))
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(piece and piece == piece.strip() for piece in pieces)
    assert max(map(len, pieces)) <= longest
    assert max(len(piece.encode()) for piece in pieces) <= MAX_INPUT_CHARACTERS


def test_bytes_count_not_characters() -> None:
    """One API refuses 1,400 Chinese characters (recorded: `speech-too-long`)."""
    pieces = list(split_text("好" * 1400, 4096))
    assert [len(piece) for piece in pieces] == [1365, 35]


def test_lone_surrogate_does_not_stop_it() -> None:
    assert list(split_text("a\ud800b. c", 5)) == ["a\ud800b.", "c"]
