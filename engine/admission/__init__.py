"""Whose turn it is, and with which key: a thousand calls through a full gateway."""

from engine.admission.limiter import Admission, Ticket, Turn
from engine.admission.not_admitted import NoTurn, Reason
from engine.admission.other_instances import Gate, Neighbours, NotNow, Permit, RouteRef
from engine.admission.route_queue import Call
from engine.admission.routes import Limits, Share
from engine.admission.token_budget import Tokens

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
    "Tokens",
    "Turn",
]
