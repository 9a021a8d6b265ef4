"""All errors of gateways in a text, each once."""

from dataclasses import replace

from cli.explain.finding import Finding, Sure, merged
from cli.explain.judge import Judge
from cli.explain.layers import unwrap
from cli.explain.pasted import passages
from cli.explain.prose import errors_in
from cli.explain.stream import broken_streams, without_closing
from gateway.explain import LABEL, LABEL_ZH


def read_errors(text: str, *, behind_gateway: bool = True) -> list[Finding]:
    """The errors in a text, in order; none if it holds no error of a gateway.

    Args:
        text: whatever somebody pasted, of any length.
        behind_gateway: what to assume where the text does not tell: a gateway stood in between.
    """
    text = without_closing(text)
    judge = Judge(behind_gateway)
    found: list[Finding] = []
    for passage in passages(text):
        for piece in unwrap(passage):
            if piece.document is None:
                found += errors_in(piece, judge)
            elif finding := judge.document(piece):
                found.append(finding)
    found += broken_streams(text)
    lower = text.lower() if found else ""
    distinct = [_as_written(finding, text, lower) for finding in merged(found)]
    surer = [one for one in distinct if one.sure is not Sure.POSSIBLE]
    if not surer and is_ours(text):
        # This plugin speaks of something else than a failure, such as a field of its form.
        return []
    return surer or distinct


def is_ours(text: str) -> bool:
    """Whether a message of this plugin is in the text."""
    return f"{LABEL}: " in text or f"{LABEL_ZH}：" in text


def _as_written(finding: Finding, text: str, lower: str) -> Finding:
    """The finding with its code in the letters of the text: people search for it."""
    code = finding.failure.code
    place = lower.find(code) if code else -1
    if place < 0:
        return finding
    written = text[place : place + len(code)]
    return replace(finding, failure=replace(finding.failure, code=written))
