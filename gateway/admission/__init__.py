"""Whose turn it is, and with which key: a thousand calls through a full gateway."""

from gateway.admission.gates import Limits, Share
from gateway.admission.limiter import Admission, Ticket, Turn
from gateway.admission.line import Call
from gateway.admission.neighbours import Gate, Neighbours, NotNow, Permit, RouteRef
from gateway.admission.refusal import NoTurn, Reason

__all__ = [
    "Admission",
    "Call",
    "Gate",
    "Limits",
    "Neighbours",
    "NoTurn",
    "NotNow",
    "Permit",
    "Reason",
    "RouteRef",
    "Share",
    "Ticket",
    "Turn",
]
