"""The fields that only chat models have: understood, or refused with what may be typed."""

import pytest
from dify_plugin.entities.model import ModelFeature

from engine.settings import SettingsError
from models.likeness import Catalogue
from models.llm.capabilities import CHOICES as DECLARING
from models.llm.form import parse_form
from models.llm.schema import customizable_schema

CHOICES = {
    "mode": ("chat", "completion"),
    **{variable: ("auto", *values) for variable, values in DECLARING.items()},
}


@pytest.mark.parametrize("typed", ["", "chat", "completion"])
def test_mode(typed: str) -> None:
    assert parse_form({"mode": typed}).mode == (typed or "chat")


@pytest.mark.parametrize("variable", CHOICES)
def test_choice(variable: str) -> None:
    for typed in ("", None, *CHOICES[variable]):
        parse_form({variable: typed})
    with pytest.raises(SettingsError, match=" must be ") as no:
        parse_form({variable: "functions"})
    assert no.value.variable == variable


def test_only_the_old_words_for_tools_are_said_in_the_old_form() -> None:
    for typed in ("", *CHOICES["function_calling_type"]):
        form = parse_form({"function_calling_type": typed})
        assert form.function_calls == (typed == "function_call")


@pytest.mark.parametrize("variable", ["context_size", "max_tokens_to_sample"])
def test_number_of_tokens_is_checked(variable: str) -> None:
    parse_form({variable: "128000"})
    with pytest.raises(SettingsError, match="whole number") as no:
        parse_form({variable: "128k"})
    assert no.value.variable == variable


@pytest.mark.parametrize(
    ("typed", "mode"), [("", "chat"), ("chat_completions", "chat"), ("responses", "responses")]
)
def test_api_type(typed: str, mode: str) -> None:
    assert parse_form({"api_type": typed}).mode == mode


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("mode", "completion", "api_type"),
        ("audio_support", "support", "audio_support"),
        ("video_support", "support", "video_support"),
        ("vision_support", "support_video", "vision_support"),
    ],
)
def test_what_the_responses_api_does_not_have_is_refused(
    field: str, value: str, named: str
) -> None:
    parse_form({"api_type": "chat_completions", field: value})
    with pytest.raises(SettingsError, match="API Type") as no:
        parse_form({"api_type": "responses", field: value})
    assert no.value.variable == named


def test_the_responses_api_has_only_the_new_words_for_tools() -> None:
    form = {"api_type": "responses", "function_calling_type": "function_call"}
    assert not parse_form(form).function_calls


def test_completions_may_be_chosen_as_the_api_type() -> None:
    """And in the words of `openai_api_compatible`, which forms that were saved before have."""
    assert parse_form({"api_type": "completion"}).mode == "completion"
    assert parse_form({"api_type": "completion"}) == parse_form({"mode": "completion"})
    now, former = (
        customizable_schema("m", form, Catalogue(()))
        for form in ({"api_type": "completion"}, {"mode": "completion"})
    )
    assert now == former


def test_one_choice_says_that_images_and_videos_are_taken() -> None:
    now, former = (
        customizable_schema("m", form, Catalogue(()))
        for form in (
            {"vision_support": "support_video"},
            {"vision_support": "support", "video_support": "support"},
        )
    )
    assert now == former
    assert {ModelFeature.VISION, ModelFeature.VIDEO} <= set(now.features or ())


@pytest.mark.parametrize(
    ("form", "has_video"),
    [
        ({"vision_support": "support"}, False),
        ({"vision_support": "no_support"}, False),
        ({"vision_support": "no_support", "video_support": "support"}, True),
        ({"vision_support": "support", "video_support": "no_support"}, False),
        ({"vision_support": "auto", "video_support": "support"}, True),
    ],
)
def test_videos_that_a_former_form_declared_still_count(
    form: dict[str, str], has_video: bool
) -> None:
    """They had a field of their own; without it, the choice of images speaks for both."""
    features = customizable_schema("m", form, Catalogue(())).features or ()
    assert (ModelFeature.VIDEO in features) is has_video


def test_one_choice_says_that_tool_calls_do_not_stream() -> None:
    now, former = (
        customizable_schema("m", form, Catalogue(()))
        for form in (
            {"function_calling_type": "tool_call_unstreamed"},
            {"function_calling_type": "tool_call", "stream_function_calling": "not_supported"},
        )
    )
    assert now == former
    assert ModelFeature.TOOL_CALL in (now.features or ())
    assert ModelFeature.STREAM_TOOL_CALL not in (now.features or ())
