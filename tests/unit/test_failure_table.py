"""The README's failure table is the engine's catalogue."""

from scripts.failure_table import README, redrawn


def test_readme_shows_the_catalogue() -> None:
    text = README.read_text(encoding="utf-8")
    assert redrawn(text) == text, "run `python -m scripts.failure_table`"
