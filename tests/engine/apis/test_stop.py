"""Stop words, applied on this side of the wire."""

import pytest

from engine.apis.stop import StopWords

CASES = [
    (["END"], "one END two", "one ", True),
    (["END"], "one EN two", "one EN two", False),
    (["END"], "ENENDX", "EN", True),
    (["\nObservation:"], "Act\nObservation: x", "Act", True),
    (["b", "abc"], "xabcb", "xa", True),
    (["终点"], "到了终点站", "到了", True),
    (["END"], "one EN", "one EN", False),
    ([], "one END", "one END", False),
]


@pytest.mark.parametrize(("words", "text", "expected", "met"), CASES)
@pytest.mark.parametrize("step", [1, 2, 3, 100])
def test_cut_anywhere_it_lets_through_the_same(
    words: list[str], text: str, expected: str, met: bool, step: int
) -> None:
    stop = StopWords(words)
    let_through = "".join(stop.take(text[at : at + step]) for at in range(0, len(text), step))
    assert let_through + stop.rest() == expected
    assert stop.met is met
    assert stop.take("more") == ("" if met else "more")


def test_only_what_may_be_a_stop_word_is_held_back() -> None:
    stop = StopWords(["END"])
    assert stop.take("one E") == "one "
    assert stop.take("nd") == "End"
