"""What went wrong, understood in one place.

``kind`` says what a kind of failure is made of, ``kinds`` lists them all, ``rules`` how it is
recognised, ``evidence`` how an answer is read, ``classify`` puts the three together, and
``errors`` holds the exceptions that carry the result.
"""

from gateway.failure.classify import classify
from gateway.failure.errors import AttemptError, Failure, GatewayError
from gateway.failure.evidence import Evidence
from gateway.failure.kind import Kind, Language, Outcome
from gateway.failure.kinds import KINDS

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
