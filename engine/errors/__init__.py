"""What went wrong, understood in one place.

``kind`` says what a kind of failure is made of, ``kinds`` lists them all, ``rules`` how it is
recognised, ``evidence`` how an answer is read, ``classify`` puts the three together, ``errors``
holds the exceptions that carry the result, and ``messages`` says it in a reader's language.
"""

from engine.errors.classify import classify
from engine.errors.evidence import Evidence
from engine.errors.exceptions import AttemptError, Failure, GatewayError
from engine.errors.kind import Kind, Outcome
from engine.errors.kinds import KINDS
from engine.errors.messages import Language

__all__ = [
    "KINDS",
    "AttemptError",
    "Evidence",
    "Failure",
    "GatewayError",
    "Kind",
    "Language",
    "Outcome",
    "classify",
]
