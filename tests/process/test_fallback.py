"""Fallback models: asked when the model has no room or no channel, before the first content."""

import re

import pytest

from devtools import Json, Session, user
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded


def asked(rig: Rig) -> list[str]:
    return [one.model for one in rig.seen() if one.method == "POST"]


def models_of(session: Session) -> list[str]:
    """The models named in the chunks, without repetition, in order."""
    return list(dict.fromkeys(chunk["model"] for chunk in session.chunks))


def chat(rig: Rig, model: str, fallback: str, *, stream: bool, budget: float = 4) -> Session:
    return rig.chat(model, budget=budget, stream=stream, fields={"fallback_models": fallback})


def test_it_is_asked_when_the_model_stays_saturated(rig: Rig, stream: bool) -> None:
    session = succeeded(chat(rig, "rix/sat-forever", "rix/ok", stream=stream))
    assert session.text == WORDS
    sent = asked(rig)
    assert sent[-1] == "rix/ok"
    assert set(sent[:-1]) == {"rix/sat-forever"}
    assert models_of(session)[-1] == "rix/ok"
    assert session.chunks[-1]["model"] == "rix/ok"
    times = [one.at for one in rig.seen()]
    assert times[-1] - times[0] >= 0.45 * 4, "half of the budget is the first model's"


def test_it_is_asked_when_there_is_no_channel(rig: Rig, stream: bool) -> None:
    session = succeeded(chat(rig, "rix/unknown-model-x", "rix/ok", stream=stream))
    assert session.text == WORDS
    assert session.chunks[-1]["model"] == "rix/ok"
    assert asked(rig) == ["rix/unknown-model-x", "rix/ok"]


def test_it_is_not_asked_when_the_model_answers_in_time(rig: Rig, stream: bool) -> None:
    session = succeeded(chat(rig, "rix/sat-1-then-ok", "openai/ok", stream=stream, budget=30))
    assert asked(rig) == ["rix/sat-1-then-ok"] * 2
    assert models_of(session) == ["rix/sat-1-then-ok"]


def test_they_are_asked_in_their_order(rig: Rig, stream: bool) -> None:
    fallback = " openai/sat-forever , rix/ok,shell/ok"
    session = succeeded(chat(rig, "rix/sat-forever", fallback, stream=stream))
    assert list(dict.fromkeys(asked(rig))) == ["rix/sat-forever", "openai/sat-forever", "rix/ok"]
    assert session.chunks[-1]["model"] == "rix/ok"


def test_the_last_ones_failure_ends_the_call(rig: Rig, stream: bool) -> None:
    session = chat(rig, "rix/sat-forever", "openai/sat-forever", stream=stream, budget=2)
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert set(asked(rig)) == {"rix/sat-forever", "openai/sat-forever"}


def test_after_content_none_is_asked(rig: Rig, stream: bool) -> None:
    session = chat(rig, "rix/sse-error-after-content-429", "rix/ok", stream=stream)
    assert error_of(session).error_type == "InvokeRateLimitError"
    assert asked(rig) == ["rix/sse-error-after-content-429"]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("new-api/e400", "InvokeBadRequestError"),
        ("rix/e401", "InvokeServerUnavailableError"),
        ("new-api/sensitive-words", "InvokeBadRequestError"),
    ],
)
def test_what_another_model_would_not_mend_is_raised(
    rig: Rig, model: str, kind: str, stream: bool
) -> None:
    assert error_of(chat(rig, model, "rix/ok", stream=stream)).error_type == kind
    assert "rix/ok" not in asked(rig)


def test_a_dead_key_is_dead_for_every_model(rig: Rig) -> None:
    key = new_key("sk-wrong")
    fields = {"fallback_models": "rix/ok"}
    error = error_of(rig.chat("new-api/ok", key=key, budget=4, fields=fields))
    assert error.error_type == "InvokeAuthorizationError"
    assert [one.model for one in rig.seen(key)] == ["new-api/ok"]


def test_the_log_says_which_model_answers(rig: Rig) -> None:
    before = len(rig.plugin.logs)
    succeeded(chat(rig, "rix/sat-99-then-ok", "rix/ok", stream=False, budget=2))
    lines = [line.message for line in rig.plugin.logs[before:]]
    assert [line for line in lines if re.search(r"rix/sat-99-then-ok.*next fallback model", line)]
    assert not [line for line in lines if rig.key in line]


PICTURE = user(
    [
        {"type": "text", "data": "what is this?"},
        {
            "type": "image",
            "format": "png",
            "base64_data": "iVBORw0KGgo=",
            "mime_type": "image/png",
            "url": "",
            "detail": "low",
        },
    ]
)
TOOLS = [{"name": "get_time", "description": "d", "parameters": {"type": "object"}}]


KNOWN_TO_BE_BLIND = "deepseek-v4-flash"
"""Predefined: text only, tools, a context of 1,000,000 tokens."""
KNOWN_TO_SEE = "gpt-5.6-sol"


@pytest.mark.parametrize(
    ("prompt", "passed_over"),
    [
        pytest.param([PICTURE], True, id="an image"),
        pytest.param("汉" * 1_600_000, True, id="too long"),
        pytest.param("hi", False, id="it fits"),
    ],
)
def test_a_fallback_model_known_not_to_fit_is_passed_over(
    rig: Rig, prompt: list[Json] | str, passed_over: bool, stream: bool
) -> None:
    fields = {"fallback_models": f"{KNOWN_TO_BE_BLIND},rix/ok"}
    rig.chat("rix/sat-forever", prompt, budget=2, stream=stream, fields=fields).wait()
    assert (KNOWN_TO_BE_BLIND in asked(rig)) != passed_over
    if passed_over:
        assert asked(rig)[-1] == "rix/ok"


def test_a_fallback_model_is_known_by_its_other_names(rig: Rig) -> None:
    other = f"deepseek/{KNOWN_TO_BE_BLIND}"
    fields = {"fallback_models": f"{other},rix/ok"}
    rig.chat("rix/sat-forever", [PICTURE], budget=2, stream=False, fields=fields).wait()
    assert other not in asked(rig)
    assert asked(rig)[-1] == "rix/ok"


def test_a_fallback_model_known_to_fit_is_asked(rig: Rig) -> None:
    fields = {"fallback_models": KNOWN_TO_SEE}
    rig.chat("rix/sat-forever", [PICTURE], budget=2, tools=TOOLS, fields=fields).wait()
    assert KNOWN_TO_SEE in asked(rig)
