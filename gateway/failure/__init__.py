"""What went wrong, understood in one place.

``kind`` says what a kind of failure is made of, ``kinds`` lists them all, ``rules`` how it is
recognised, ``evidence`` how an answer is read, ``classify`` puts the three together, ``errors``
holds the exceptions that carry the result, and ``messages`` says it in a reader's language.
"""

from gateway.failure.classify import classify
from gateway.failure.errors import AttemptError, Failure, GatewayError
from gateway.failure.evidence import Evidence
from gateway.failure.kind import Kind, Outcome
from gateway.failure.kinds import KINDS
from gateway.failure.messages import Language

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
