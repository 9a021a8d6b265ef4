"""The report for the clipboard: Markdown in which nothing that was pasted is markup."""

import json

from cli.explain.page import explain


def test_it_holds_all_of_the_report() -> None:
    answer = json.loads(explain("status code 401: 无效的令牌", "en"))
    (error,) = answer["errors"]
    assert answer["markdown"].startswith(f"### {error['title']}\n")
    for fact in error["facts"]:
        assert f"- **{fact['label']}**: " in answer["markdown"]
    for section in error["sections"]:
        assert f"**{section['title']}**" in answer["markdown"]
    assert "\n1. " in answer["markdown"]
    assert "`resilient-gateway check`" in answer["markdown"]
    assert answer["notes"] == []


def test_what_was_pasted_is_neither_markup_nor_a_mention() -> None:
    text = 'status code 529: {"error":{"message":"Overloaded [a](b) <b> *c* @everyone"}}'
    markdown = json.loads(explain(text, "en"))["markdown"]
    assert "Overloaded \\[a\\]" in markdown
    assert "<b>" not in markdown
    assert "@everyone" not in markdown


def test_where_nothing_is_recognised_there_is_nothing_to_copy() -> None:
    answer = json.loads(explain("the weather is fine", "zh"))
    assert answer["markdown"] == ""
    assert "未能识别" in answer["notes"][0]
    assert json.loads(explain("killed by timeout", "en"))["notes"][0].startswith("The daemon")
