"""Draw the tables of failures in the documentation: `python -m scripts.failure_table`."""

import sys
from pathlib import Path

from engine.errors import KINDS, Kind, Language

_ROOT = Path(__file__).resolve().parent.parent
PAGES: dict[Language, Path] = {
    "en": _ROOT / "docs" / "troubleshooting.md",
    "zh": _ROOT / "docs" / "zh" / "troubleshooting.md",
}
BEGIN, END = "<!-- failures:begin -->", "<!-- failures:end -->"

_HEADS = {
    "en": "| What happened | Class | Retries | What to do |",
    "zh": "| 发生了什么 | 错误类型 | 重试次数 | 怎么办 |",
}
_REPEATS = {
    "en": (
        "within Max Retry Seconds",
        "none",
        ", after {} s",
        "; {} if it took over 30 s",
        ", if it took under {} s",
    ),
    "zh": (
        "在“最长等待秒数”之内",
        "不重试",
        "，{} 秒后",
        "；耗时超过 30 秒则 {}",
        "，耗时 {} 秒以内",
    ),
}


def repeats_in_words(kind: Kind, language: Language) -> str:
    """How often a call is repeated after this failure."""
    within_budget, none, after, if_slow, if_quick = _REPEATS[language]
    if kind.repeats is None:
        return within_budget
    if not kind.repeats:
        return none
    words = f"{kind.repeats}"
    if kind.pause.fixed:
        words += after.format(f"{kind.pause.fixed:.0f}")
    if kind.slow_repeats is not None and kind.slow_repeats != kind.repeats:
        words += if_slow.format(kind.slow_repeats)
    if kind.max_wait_seconds is not None:
        words += if_quick.format(f"{kind.max_wait_seconds:.0f}")
    return words


_BEHIND = {
    "en": (
        "Behind it stand {labelled} labelled answers of public reports and {known} answers of "
        "gateways and vendors; each is a test."
    ),
    "zh": (
        "表格背后是 {labelled} 条来自公开报告的已标注应答，以及 {known} 条网关和厂商的应答；"
        "每一条都是测试。"
    ),
}
CASES = _ROOT / "tests" / "wild"


def behind(language: Language) -> str:
    """How many answers the table rests on."""
    labelled, known = (
        len((CASES / f"{name}.jsonl").read_text("utf-8").splitlines())
        for name in ("errors", "known")
    )
    return _BEHIND[language].format(labelled=labelled, known=known)


def table(language: Language) -> str:
    """The table in Markdown, a row for each kind."""
    rows = (
        f"| {kind.texts(language).headline} | `{kind.outcome.value}` "
        f"| {repeats_in_words(kind, language)} | {kind.texts(language).remedy} |"
        for kind in KINDS
    )
    return "\n".join((_HEADS[language], "|---|---|---|---|", *rows))


def redrawn(text: str, language: Language) -> str:
    """A page's text with the table, and what stands behind it, as it should be.

    Raises:
        ValueError: the two markers are not there.
    """
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{table(language)}\n\n{behind(language)}\n{END}{after}"


def main() -> int:
    """Redraw the tables in place; tells whether they changed."""
    for language, page in PAGES.items():
        text = page.read_text(encoding="utf-8")
        new = redrawn(text, language)
        page.write_text(new, encoding="utf-8")
        sys.stdout.write(f"{page.name}: {'unchanged' if new == text else 'redrawn'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
