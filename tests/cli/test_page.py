"""What the page of the commands shows is what they print."""

import re
from pathlib import Path

import pytest

from cli.exits import Exit
from cli.main import main
from simulator import Simulator
from tests.cli.test_explain_parts import EXAMPLE

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cli.md"
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])
_TIME = re.compile(r"\d ms|\d s\b|\d 秒")


def shown(language: str, command: str) -> list[str]:
    """The lines that the page shows of a command in a language, without the command itself."""
    text = PAGE.read_text("utf-8")
    begin = rf"^```\n\$ \S+ -m cli {command} --lang {language}\b"
    (block,) = re.findall(rf"{begin}.*\n((?:.*\n)*?)```$", text, re.M)
    return [line for line in str(block).splitlines() if line]


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


@LANGUAGES
def test_explain_prints_what_is_shown(capsys: pytest.CaptureFixture[str], language: str) -> None:
    assert main(["explain", "--lang", language, EXAMPLE]) == Exit.OK
    lines = printed(capsys)
    assert shown(language, "explain")
    assert [line for line in shown(language, "explain") if line not in lines] == []


@LANGUAGES
def test_check_prints_what_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("GATEWAY_KEY", "sk-limited")
    monkeypatch.delenv("GATEWAY_MODEL", raising=False)
    with Simulator(seed=1) as simulator:
        url = f"{simulator.origin}/new-api/v1"
        assert main(["check", "--url", url, "--lang", language]) == Exit.OK
    port = simulator.origin.rpartition(":")[2]
    lines = [_flat(line.replace(port, "8000")) for line in printed(capsys)]
    told = [_flat(line) for line in shown(language, "check")]
    steady = [line for line in told if not _TIME.search(line)]
    assert len(steady) > len(told) / 2
    assert [line for line in steady if line not in lines] == []


def _flat(line: str) -> str:
    """The line whatever its columns' width and the time at its end: a fast one shows none."""
    return re.sub(r" \d+ ms$", "", re.sub(r"[ ─]{2,}", " ", line).strip())


def test_every_exit_code_is_explained() -> None:
    text = PAGE.read_text("utf-8")
    codes = {int(code) for code in re.findall(r"^\| (\d) \| ", text, re.M)}
    assert codes == {code.value for code in Exit if code is not Exit.INTERRUPTED}
