"""`python -m cli explain`: where the text comes from, what is printed, how it ends."""

import json
import re
from pathlib import Path

import pytest

from cli.exits import Exit
from cli.explain.pasted import MAX_WHOLE_CHARACTERS
from cli.main import main
from engine.errors import KINDS, Language, kinds
from tests.cli.commanding import gateway
from tests.cli.test_explain_parts import EXAMPLE
from tests.cli.wrapping import in_dify, official

SATURATED = kinds.SATURATED
QUESTIONS_EN = (
    "Does the key work?",
    "Is there balance?",
    "Which group is the key in?",
    "Does the group have this model?",
    "Is the URL right?",
    "Does the provider announce an incident?",
)


def flat(output: str) -> str:
    """The printed text without its line breaks, as they depend on the width."""
    return re.sub(r"\s+", " ", output)


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == Exit.OK
    return flat(capsys.readouterr().out)


def test_the_example_of_the_readme_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(capsys, "--lang", "en", EXAMPLE)
    for part in (
        "当前分组上游负载已饱和,请稍后再试",
        "The upstream load of the current group is saturated; please try again later.",
        SATURATED.texts("en").headline,
        SATURATED.texts("en").meaning,
        SATURATED.texts("en").remedy,
        SATURATED.texts("en").prevention,
        "HTTP 429, RateLimitReached",
        "certain",
        "Rix API / DMXAPI",
        "Everybody whose key is in this group",
        *QUESTIONS_EN,
        "It carries no request id",
    ):
        assert flat(part) in text
    steps = (
        "1. Wait",
        "2. Raise Max Retry Seconds",
        "3. Create a key of another group",
        "4. Use another model",
        "5. Spread the load",
        "6. Do not pay twice",
    )
    places = [text.index(step) for step in steps]
    assert places == sorted(places)


def test_the_example_of_the_readme_in_chinese_by_itself(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = explained(capsys, EXAMPLE)
    squeezed = text.replace(" ", "")
    for part in (
        SATURATED.texts("zh").headline,
        SATURATED.texts("zh").meaning,
        SATURATED.texts("zh").remedy,
    ):
        assert part in squeezed
    for part in ("影响范围", "怎么办", "如何预防", "网关排查清单", "还有余额吗？", "确定"):
        assert part in squeezed
    assert "译文" not in squeezed


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_dify_and_the_report_use_the_same_words(
    capsys: pytest.CaptureFixture[str], kind: kinds.Kind, lang: Language
) -> None:
    text = f"Resilient Gateway: {kind.texts('en').headline}; try again."
    assert main(["explain", "--json", "--lang", lang, text]) == Exit.OK
    (report,) = json.loads(capsys.readouterr().out)["errors"]
    texts = kind.texts(lang)
    told = (report["cause"], report["meaning"], report["remedy"], report["prevention"])
    assert told == (texts.headline, texts.meaning, texts.remedy, texts.prevention)
    assert report["error_class"] == kind.outcome.value
    assert report["kind"] == kind.name
    assert len(report["steps"]) == len(kind.steps)
    assert len(report["checklist"]) == len(QUESTIONS_EN)


def test_json_holds_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", EXAMPLE]) == Exit.OK
    document = json.loads(capsys.readouterr().out)
    assert document["recognised"] is True
    (report,) = document["errors"]
    assert report["status"] == 429
    assert report["sure"] == "certain"
    assert report["language"] == "zh"


def test_a_text_that_is_not_recognised_has_an_exit_code_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain", "the weather is fine"]) == Exit.NOT_RECOGNISED
    assert "Not recognised" in capsys.readouterr().out
    assert main(["explain", "--lang", "zh", "the weather is fine"]) == Exit.NOT_RECOGNISED
    assert "未能识别" in capsys.readouterr().out
    assert main(["explain", "--json", "今天天气好"]) == Exit.NOT_RECOGNISED
    assert json.loads(capsys.readouterr().out) == {"recognised": False, "errors": []}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_message_of_the_plugin_about_its_form_is_told_apart(
    capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    message = "Resilient Gateway: The API Base URL names no host."
    for text in (message, in_dify(message, "InvokeBadRequestError")):
        assert main(["explain", "--lang", lang, text]) == Exit.NOT_RECOGNISED
        told = "a message of the plugin itself" if lang == "en" else "插件自身的提示"
        assert told in flat(capsys.readouterr().out)


def test_of_a_refused_key_the_known_words_are_shown_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    body = '{"error":{"message":"无效的令牌 shape-of-a-key","type":"one_api_error"}}'
    text = explained(capsys, "--lang", "en", official(401, body))
    assert "无效的令牌" in text
    assert "Invalid token (API key)." in text
    assert "shape" not in text


def test_from_a_file_standard_input_or_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "error.txt"
    file.write_bytes(EXAMPLE.encode())
    for run in (
        gateway("explain", str(file)),
        gateway("explain", stdin=EXAMPLE),
        gateway("explain", "-", stdin=EXAMPLE),
        gateway("explain", EXAMPLE),
    ):
        assert run.returncode == Exit.OK
        assert SATURATED.texts("zh").headline.encode() in run.stdout
        assert run.stderr == b""
    assert gateway("explain", stdin=b"\xff\xfe\x00 nothing").returncode == Exit.NOT_RECOGNISED
    assert gateway("explain", "--nonsense").returncode == Exit.USAGE
    assert gateway("explain", str(tmp_path)).returncode == Exit.NOT_RECOGNISED


def test_no_key_address_or_balance_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    body = json.dumps(
        {
            "error": {
                "message": "用户额度不足, 剩余额度: ＄0.731 sk-abcdefgh12345678 at 10.2.3.4",
                "code": "insufficient_user_quota",
            }
        }
    )
    for arguments in ((), ("--json",)):
        main(["explain", *arguments, in_dify(official(403, body))])
        out = capsys.readouterr().out
        assert "额度不足" in out
        for secret in ("731", "abcdefgh", "10.2.3"):
            assert secret not in out


def test_nothing_that_was_pasted_controls_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    body = json.dumps(
        {"error": {"message": "Overloaded \x1b[31m\u202e [red]boo[/red]", "code": 529}}
    )
    text = explained(capsys, official(529, body))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]boo[/red]" in text


def test_several_errors_are_numbered(capsys: pytest.CaptureFixture[str]) -> None:
    text = explained(
        capsys, "--lang", "en", "status code 401: 无效的令牌\nstatus code 403: 用户已被封禁"
    )
    assert "Error 1 of 2" in text
    assert "Error 2 of 2" in text


@pytest.mark.parametrize(("language", "said"), [("en", "The text is long"), ("zh", "文本很长")])
def test_of_a_long_text_it_says_that_not_all_was_read(
    capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    for noise, is_said in (("", False), ("fine\n" * MAX_WHOLE_CHARACTERS, True)):
        assert main(["explain", "--lang", language, f"{EXAMPLE}\n{noise}"]) == Exit.OK
        assert (said in capsys.readouterr().out) == is_said
