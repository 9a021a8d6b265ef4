"""All errors of gateways in a text, each once."""

from cli.explain.finding import Finding, Sure, merged
from cli.explain.judge import Judge
from cli.explain.layers import unwrap
from cli.explain.pasted import passages
from cli.explain.prose import errors_in


def read_errors(text: str, *, behind_gateway: bool = True) -> list[Finding]:
    """The errors in a text, in order; none if it holds no error of a gateway.

    Args:
        text: whatever somebody pasted, of any length.
        behind_gateway: what to assume where the text does not tell: a gateway stood in between.
    """
    judge = Judge(behind_gateway)
    found: list[Finding] = []
    for passage in passages(text):
        for piece in unwrap(passage):
            if piece.document is None:
                found += errors_in(piece, judge)
            elif finding := judge.document(piece):
                found.append(finding)
    distinct = merged(found)
    surer = [one for one in distinct if one.sure is not Sure.POSSIBLE]
    return surer or distinct
