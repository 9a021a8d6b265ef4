"""The list of predefined models in the documentation, between two markers."""

from collections.abc import Iterable
from pathlib import Path

from scripts.catalogue.table import Row

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- models:begin -->", "<!-- models:end -->"
PAGES = {"en_US": ROOT / "docs" / "models.md", "zh_Hans": ROOT / "docs" / "zh" / "models.md"}
HEADINGS = {"en_US": ("Type", "Models"), "zh_Hans": ("类型", "模型")}
KINDS = {
    "llm": ("chat", "聊天"),
    "text-embedding": ("embeddings", "文本嵌入"),
    "rerank": ("rerank", "重排序"),
    "speech2text": ("speech to text", "语音转文字"),
    "tts": ("text to speech", "文字转语音"),
    "moderation": ("moderation", "内容审查"),
}
"""Model types in the order in which Dify lists them, in words."""


def redrawn(page: str, language: str, rows: Iterable[Row]) -> str:
    """A page's text with the list as it should be; retired models are left out.

    Raises:
        ValueError: the two markers are not there.
    """
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{_table(language, list(rows))}\n{END}{after}"


def _table(language: str, rows: list[Row]) -> str:
    lines = [f"| {' | '.join(HEADINGS[language])} |", "|---|---|"]
    for kind, words in KINDS.items():
        names = [f"`{row.model}`" for row in rows if row.kind == kind and not row.deprecated]
        if names:
            lines.append(f"| {words[language == 'zh_Hans']} | {', '.join(names)} |")
    return "\n".join(lines)
