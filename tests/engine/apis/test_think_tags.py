"""Thoughts in a text as Dify gets it: blank ones left out, a lone end given its beginning."""

import pytest

from engine.delta import ContentKind, Delta
from models.llm.thoughts import ThinkTags, with_beginning

R, T = ContentKind.REASONING, ContentKind.TEXT

TEXTS: dict[str, tuple[list[tuple[ContentKind, str]], str]] = {
    "thoughts and text": ([(R, "r"), (T, "a")], "<think>\nr\n</think>a"),
    "thoughts alone": ([(R, "r")], "<think>\nr\n</think>"),
    "in turn": (
        [(R, "r"), (T, "a"), (R, "s"), (T, "b")],
        "<think>\nr\n</think>a<think>\ns\n</think>b",
    ),
    "blank thoughts": ([(R, "\n"), (R, " \n"), (T, "a")], "a"),
    "blank thoughts alone": ([(R, "\n\n")], ""),
    "blank thoughts later": ([(T, "a"), (R, "\n"), (T, "b")], "ab"),
    "thoughts that begin blank": ([(R, "\n"), (R, "r"), (T, "a")], "<think>\n\nr\n</think>a"),
    "a blank block in the text": ([(T, "<think>\n\n</think>\n\na")], "a"),
    "a blank block, in pieces": (
        [(T, one) for one in ("<thi", "nk>", "\n", "\n</th", "ink>", "\n\n", "a")],
        "a",
    ),
    "a blank block alone": ([(T, "<think>\n</think>\n")], ""),
    "a block that is not blank": ([(T, "<think>"), (T, "r</think>a")], "<think>r</think>a"),
    "blanks before the text": ([(T, "\n"), (T, "a")], "\na"),
    "blanks alone": ([(T, "\n")], "\n"),
    "what only begins like a tag": ([(T, "<"), (T, "b>")], "<b>"),
    "a tag that stays open": ([(T, "<think"), (T, "")], "<think"),
    "a lone end": ([(T, "r\n</think>\n\na")], "<think>\nr\n</think>\n\na"),
    "a lone end, and nothing before": ([(T, "\n</think>\n\n"), (T, "a")], "a"),
    "an end that is spoken of": ([(T, "close it with `</think>`.")], "close it with `</think>`."),
    "an end after its beginning": ([(T, "<think>r</think>a")], "<think>r</think>a"),
    "a lone end after other text": ([(T, "r"), (T, "\n</think>\na")], "r\n</think>\na"),
}


@pytest.mark.parametrize(("deltas", "text"), TEXTS.values(), ids=TEXTS)
def test_streamed(deltas: list[tuple[ContentKind, str]], text: str) -> None:
    tags = ThinkTags()
    assert "".join([*(tags.text(Delta(*one)) for one in deltas), tags.close()]) == text


def test_text_is_handed_on_at_once() -> None:
    tags = ThinkTags()
    assert tags.text(Delta(T, "a")) == "a"
    assert tags.text(Delta(T, "\n")) == "\n"
    assert tags.text(Delta(R, "r")) == "<think>\nr"


def test_a_whole_text_gets_the_beginning_wherever_its_end_stands() -> None:
    assert with_beginning("r" * 100_000 + "\n</think>\na").startswith("<think>\nr")
    assert with_beginning("a") == "a"
