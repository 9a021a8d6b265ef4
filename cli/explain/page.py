"""What the web page asks: a pasted text in, what to show out, as JSON.

It runs in a browser, on the standard library alone. The page puts every text into it as text.
"""

import json

from cli.explain import words
from cli.explain.host import host_error_in
from cli.explain.markdown import markdown_of
from cli.explain.ours import is_ours
from cli.explain.outline import outline_of
from cli.explain.pasted import MAX_WHOLE_CHARACTERS
from cli.explain.read import read_errors
from cli.explain.report import report_on
from engine.errors import Language


def explain(text: str, language: Language) -> str:
    """Explain every error in a text.

    The JSON holds ``errors``, each with ``kind``, ``sure`` and what an outline holds; ``notes``,
    sentences for below them, or in their place if there is none; and ``markdown``, all of it for
    the clipboard, empty if nothing was recognised.

    Args:
        text: whatever somebody pasted, of any length.
        language: of the page.
    """
    reports = [report_on(finding, language) for finding in read_errors(text)]
    outlines = [outline_of(one, number, len(reports)) for number, one in enumerate(reports, 1)]
    errors = [
        {
            "kind": report.kind,
            "sure": report.sure,
            "title": outline.title,
            "facts": [fact._asdict() for fact in outline.facts],
            "sections": [section._asdict() for section in outline.sections],
        }
        for report, outline in zip(reports, outlines, strict=True)
    ]
    notes = _notes(text, language, recognised=bool(reports))
    answer = {"errors": errors, "notes": notes, "markdown": markdown_of(outlines)}
    return json.dumps(answer, ensure_ascii=False)


def _notes(text: str, language: Language, *, recognised: bool) -> list[str]:
    if recognised:
        return [words.LONG_TEXT.say(language)] if len(text) > MAX_WHOLE_CHARACTERS else []
    if host := host_error_in(text):
        return [host.cause.say(language), host.remedy.say(language)]
    if is_ours(text):
        return [words.OWN_MESSAGE.say(language)]
    return [words.NOT_RECOGNISED.say(language), words.NOT_RECOGNISED_HINT.say(language)]
