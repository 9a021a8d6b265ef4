"""Whose turn it is, and with which key: a thousand calls through a full gateway."""

from engine.admission.limiter import Limiter, Permit, QueuedCall
from engine.admission.not_admitted import NotAdmitted, Reason
from engine.admission.other_instances import KeyRef, Lease, LeaseDenied, OtherInstances, RouteRef
from engine.admission.route_queue import AdmissionRequest
from engine.admission.routes import InstanceShare, KeyLimits
from engine.admission.token_budget import Tokens

__all__ = [
    "AdmissionRequest",
    "InstanceShare",
    "KeyLimits",
    "KeyRef",
    "Lease",
    "LeaseDenied",
    "Limiter",
    "NotAdmitted",
    "OtherInstances",
    "Permit",
    "QueuedCall",
    "Reason",
    "RouteRef",
    "Tokens",
]
