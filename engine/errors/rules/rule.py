"""What a rule is: conditions, and the kind of failure that an answer is if all of them hold."""

import functools
import re
from dataclasses import dataclass

from engine.errors.evidence import Evidence
from engine.errors.kinds import Kind

UNKNOWN_STATUS = 0
"""Of an error that somebody pasted: then words and codes decide alone."""

SERVER_STATUSES = frozenset(range(500, 600))
BUSY_STATUSES = SERVER_STATUSES | {429}
"""What full servers answer with, if their words say so."""


LONGEST_READ = 2000
"""Characters of an error's words that rules look at: what matters stands at their beginning."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: all that is given must hold.

    Attributes:
        kind: what the failure is then.
        source: where the rule was seen.
        codes: one of the error's codes or types is among these.
        code: a pattern that one of the error's codes or types matches.
        words: a pattern that the message matches, in any case; compiled when first needed, as
            compiling them all would be a tenth of the start-up.
        page: a pattern that the text of a web page matches.
        statuses: the status is among these (for an error inside HTTP 200: the status it stands
            for, see ``classify.effective_status``).
        params: ``param`` is among these.
        own: the gateway speaks for itself (or not).
        behind_gateway: a gateway answered that has upstreams (or not).
        gateway: that gateway answered (``speaker``).
        html: the body is a web page (or not).
        beyond_limit: the request asks for more than the whole limit.
        fact: a sentence more about it, for people: its key below ``facts``.
        hides_words: the words are not about this failure, so nobody is shown them.
        final: repeating cannot help, whatever the kind says.
        ambiguous: the words have several causes, and the key's own usage page tells which.
    """

    kind: Kind
    source: str
    codes: frozenset[str] | None = None
    code: str | None = None
    words: str | None = None
    page: str | None = None
    statuses: frozenset[int] | None = None
    params: frozenset[str] | None = None
    own: bool | None = None
    behind_gateway: bool | None = None
    gateway: str | None = None
    html: bool | None = None
    beyond_limit: bool = False
    fact: str = ""
    hides_words: bool = False
    final: bool = False
    ambiguous: bool = False

    def holds(self, evidence: Evidence, status: int) -> bool:
        """Whether every given condition is met."""
        return (
            (self.statuses is None or status in self.statuses or self._ignores(status))
            and (self.own is None or self.own == evidence.own)
            and (self.behind_gateway is None or self.behind_gateway == evidence.behind_gateway)
            and (self.gateway is None or self.gateway == evidence.gateway)
            and (self.html is None or self.html == evidence.html)
            and (self.codes is None or any(code in self.codes for code in evidence.codes))
            and (self.params is None or evidence.param in self.params)
            and (self.code is None or any(_matches(self.code, code) for code in evidence.codes))
            and (self.words is None or _matches(self.words, evidence.message))
            and (self.page is None or _matches(self.page, evidence.page))
            and (not self.beyond_limit or asks_beyond_limit(evidence.message))
        )

    @property
    def reads(self) -> bool:
        """It goes by what was said, not by the status alone."""
        return any(each is not None for each in (self.words, self.codes, self.code, self.page))

    def _ignores(self, status: int) -> bool:
        return status == UNKNOWN_STATUS and self.reads


def codes(*codes: str) -> frozenset[str]:
    """Codes of a row."""
    return frozenset(codes)


def words(*patterns: str) -> str:
    """Patterns of a row, of which one is enough."""
    return "|".join(patterns)


def statuses(*statuses: int) -> frozenset[int]:
    """Statuses of a row."""
    return frozenset(statuses)


_LIMIT_AND_REQUESTED = re.compile(
    r"limit:? (?P<limit>\d+)\b.{0,40}?requested:? (?P<requested>\d+)", re.IGNORECASE
)


def asks_beyond_limit(message: str) -> bool:
    """Whether one request asks for more than a whole minute's limit: it can never pass.

    OpenAI, Azure and Groq tell both figures, with status 429 (OpenAI) or 413 (Groq).
    """
    found = _LIMIT_AND_REQUESTED.search(message)
    return found is not None and int(found["requested"]) > int(found["limit"])


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _matches(pattern: str, message: str) -> bool:
    return _compiled(pattern).search(message, 0, LONGEST_READ) is not None
