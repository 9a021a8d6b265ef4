"""What went wrong, understood in one place.

``kinds`` says what each kind of failure means and how it is answered, ``rules`` how it is
recognised, ``evidence`` how an answer is read, ``classify`` puts the three together, and
``errors`` holds the exceptions that carry the result.
"""

from gateway.failure.classify import classify
from gateway.failure.errors import AttemptError, Failure, GatewayError, without_key
from gateway.failure.evidence import Evidence
from gateway.failure.kinds import KINDS, Kind, Outcome

__all__ = [
    "KINDS",
    "AttemptError",
    "Evidence",
    "Failure",
    "GatewayError",
    "Kind",
    "Outcome",
    "classify",
    "without_key",
]
