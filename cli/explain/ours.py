"""What this plugin's own messages look like, in each language and in those of earlier versions."""

import functools

from engine.errors import KINDS, Kind, Language
from engine.errors.explanation import opened
from engine.errors.kinds import CAUSES
from engine.errors.messages import BOTH, sentences

_FORMER_LABELS: tuple[tuple[str, Language], ...] = (("韧性网关：", "zh"),)


@functools.cache
def labels() -> tuple[tuple[str, Language], ...]:
    """Return how each message begins, and in which language it goes on."""
    return (*((opened("frame.between", (), one), one) for one in BOTH), *_FORMER_LABELS)


def is_ours(text: str) -> bool:
    """Return whether a message of this plugin is in the text."""
    return any(label in text for label, _ in labels())


@functools.cache
def headlines(language: Language) -> tuple[tuple[str, Kind], ...]:
    """Return what each kind of failure, and each known cause, is called: the longest first."""
    said = sentences(language)
    found = [(said[f"kinds.{kind.name}.headline"], kind) for kind in KINDS]
    found += [(said[f"causes.{name}.headline"], kind) for name, kind in CAUSES.items()]
    return tuple(sorted(found, key=lambda one: -len(one[0])))
