"""This plugin's own messages, pasted back: recognised by their headlines, in both languages."""

import pytest

from cli.explain.finding import Sure
from cli.explain.read import read_errors
from cli.explain.report import report_on
from engine.errors import KINDS, Failure, Kind, kinds
from engine.errors.explanation import RefusedKey, explain, explain_keys
from engine.errors.messages import language_of
from tests.cli.wrapping import WRAPPINGS

CHINESE = "当前分组上游负载已饱和，请稍后再试"
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def message(kind: Kind, words: str) -> str:
    failure = Failure(kind, 429, words=words, request_id="20261124rid")
    return explain(failure, (language_of(words),))


@EACH_KIND
@pytest.mark.parametrize("words", ["", "Try later", CHINESE], ids=["no words", "en", "zh"])
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_own_message_is_recognised(kind: Kind, words: str, wrapping: str) -> None:
    text = WRAPPINGS[wrapping](message(kind, words), kind.outcome.value)
    found = read_errors(text)
    assert [one.failure.kind for one in found] == [kind]
    assert found[0].sure is Sure.CERTAIN
    assert found[0].ours
    assert found[0].failure.status == 429
    assert found[0].request_ids == ("20261124rid",)


@EACH_KIND
def test_own_message_is_recognised_where_it_is_cut_off(kind: Kind) -> None:
    text = message(kind, "")
    assert kind.texts("en").headline in text
    whole = text.index(kind.texts("en").headline) + len(kind.texts("en").headline)
    assert [one.failure.kind for one in read_errors(text[:whole])] == [kind]
    for end in range(whole):
        assert {one.failure.kind for one in read_errors(text[:end])} <= {kind}


@pytest.mark.parametrize("words", ["no", CHINESE], ids=["en", "zh"])
def test_message_about_several_keys_names_each_reason(words: str) -> None:
    reasons = (Failure(kinds.KEY_REFUSED, 401, "no"), Failure(kinds.OWN_QUOTA, 403, words))
    language = language_of(words)
    text = explain_keys([RefusedKey(2, "wxyz", one) for one in reasons], 3, (language,))
    assert (CHINESE in text, text.startswith("韧性网关")) == (False, words == CHINESE)
    assert [one.failure.kind.name for one in read_errors(text)] == ["key_refused", "own_quota"]


@EACH_KIND
@pytest.mark.parametrize(("words", "language"), [("no", "en"), (CHINESE, "zh")])
def test_it_is_explained_in_its_own_language(kind: Kind, words: str, language: str) -> None:
    """Also where nothing of the upstream's words may be repeated, as of a refused key."""
    (found,) = read_errors(message(kind, words))
    assert report_on(found).language == language
