"""The fields of a transcription model's form."""

import pytest

from engine.settings import SettingsError
from models.speech2text.form import TranscriptionForm, parse_form


@pytest.mark.parametrize(
    ("credentials", "form"),
    [
        ({}, TranscriptionForm("", "")),
        ({"language": "", "initial_prompt": None}, TranscriptionForm("", "")),
        ({"language": "auto"}, TranscriptionForm("", "")),
        (
            {"language": " zh ", "initial_prompt": " 术语，Dify "},
            TranscriptionForm("zh", "术语，Dify"),
        ),
        ({"language": "yue"}, TranscriptionForm("yue", "")),
        ({"language": "zh-Hans-CN"}, TranscriptionForm("zh-Hans-CN", "")),
    ],
)
def test_form(credentials: dict[str, object], form: TranscriptionForm) -> None:
    assert parse_form(credentials) == form


@pytest.mark.parametrize("typed", ["Chinese", "中文", "z", "zh en", "zh,en"])
def test_language_that_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(SettingsError, match="a code such as zh or en") as raised:
        parse_form({"language": typed})
    assert raised.value.variable == "language"
