"""Whether a document or a sentence is an error of a gateway, and which one.

The engine's own classifier decides which; here is decided whether it is one at all, and how sure
that is without the headers that the engine sees.
"""

import re
from dataclasses import dataclass, replace

from cli.explain.finding import Finding, Sure
from cli.explain.layers import UNKNOWN, Delta
from engine.errors import Failure, Kind, classify
from engine.errors.classify import KNOWN_CODES, effective_status, rule_of
from engine.errors.evidence import Evidence, evidence_of_document, has_error
from engine.errors.messages import language_of
from engine.errors.rules import UNKNOWN_STATUS, Rule

_FAMILIES = (
    (re.compile(r"new_api_(?:error|panic)|x-new-api-version|（distributor）", re.I), "New API"),
    (re.compile(r"rix_api_(?:error|panic)|x-rixapi-", re.I), "Rix API / DMXAPI"),
    (re.compile(r"shell_api_(?:error|panic)", re.I), "Shell API"),
    (re.compile(r"one_api_(?:error|panic)", re.I), "One API"),
)
_FAILED = 400
_FLAT_FIELDS = frozenset(
    {
        "code", "message", "msg", "error_code", "error_msg", "data", "request_id", "requestId",
        "type", "param", "status", "success", "object", "id", "path",
    }
)  # fmt: skip
"""All that vendors' errors without an object of their own hold; others' hold more."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what was found.

    Attributes:
        behind_gateway: what is assumed where the text does not tell: that a gateway of the One
            API family stood between the caller and the model's provider.
    """

    behind_gateway: bool = True

    def document(self, piece: Delta) -> Finding | None:
        """The error that a JSON document is, if it is one."""
        document = piece.document
        if document is None:
            return None
        evidence = evidence_of_document(piece.status, {}, document)
        # gpt-load tells of an upstream that said nothing by its code alone.
        is_coded = piece.status >= _FAILED and evidence.behind_gateway
        if not (has_error(document) or is_coded):
            return None
        is_envelope = _is_envelope(document)
        is_known = is_typed(evidence) or (bool(evidence.codes) and document.keys() <= _FLAT_FIELDS)
        context = is_envelope or is_known or piece.in_call or piece.status >= _FAILED
        if not context and not evidence.behind_gateway:
            return None
        # A flat {"message": ...} is everybody's, and so is a status: of no call to a model that is
        # known, the words have to be a gateway's.
        in_call = piece.in_call or evidence.behind_gateway
        if piece.status >= _FAILED:
            must_read = not (in_call or is_envelope)
        else:
            must_read = not (is_envelope and (in_call or is_typed(evidence)))
        return self.evidence(evidence, must_read=must_read, certain=is_envelope or piece.in_call)

    def evidence(
        self, evidence: Evidence, *, must_read: bool, certain: bool, family: str = ""
    ) -> Finding | None:
        """The error that some evidence stands for.

        Args:
            evidence: what was read.
            must_read: its words or its code have to tell the cause; a status alone does not do.
            certain: it was found where errors are, not in a sentence of somebody's.
            family: the gateway, if it is known.
        """
        family = family or family_in(" ".join((*evidence.codes, evidence.message)))
        known = evidence.behind_gateway or bool(family)
        assumed = replace(evidence, behind_gateway=known or self.behind_gateway)
        rule = rule_of(assumed)
        if rule is None or (must_read and not rule.reads):
            return None
        other = rule_of(replace(evidence, behind_gateway=not assumed.behind_gateway))
        alternatives: tuple[Kind, ...] = ()
        if not known and self.behind_gateway and other and other.kind is not rule.kind:
            alternatives = (other.kind,)
        return Finding(
            classify(assumed),
            _sureness(rule, evidence, certain=certain and not alternatives),
            alternatives,
            family,
            language=language_of(evidence.message),
        )


def is_typed(evidence: Evidence) -> bool:
    """Whether its type or code is one of OpenAI's or Anthropic's, whatever the words are."""
    return not KNOWN_CODES.isdisjoint(evidence.codes)


def family_in(text: str) -> str:
    """The gateway that shows itself in a text; empty if none does."""
    return next((name for pattern, name in _FAMILIES if pattern.search(text)), "")


def stated(kind: Kind, sure: Sure, words: str = "", status: int = UNKNOWN) -> Finding:
    """A finding that needs no classifier: somebody has judged already."""
    return Finding(Failure(kind, status or None, words), sure, language=language_of(words))


def _sureness(rule: Rule, evidence: Evidence, *, certain: bool) -> Sure:
    if not rule.reads:
        return Sure.LIKELY if evidence.message or evidence.status >= _FAILED else Sure.POSSIBLE
    # A rule that asks for a status as well was believed without one.
    assumed = rule.statuses is not None and effective_status(evidence) == UNKNOWN_STATUS
    return Sure.CERTAIN if certain and not assumed else Sure.LIKELY


def _is_envelope(document: dict[str, object]) -> bool:
    """Whether the error lies in an object of its own, as in OpenAI's and Anthropic's."""
    error = document.get("error")
    response = document.get("response")
    header = document.get("header")
    if isinstance(error, dict):
        return "message" in error
    if isinstance(response, dict):
        return isinstance(response.get("error"), dict)
    if isinstance(header, dict):
        return "message" in header
    return document.get("success") is False
