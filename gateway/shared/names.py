"""Under which names the nodes keep what they share; no endpoint and no key is among them."""

import hashlib

from gateway.admission import Gate

PREFIX = "resilient-gateway:1:"
"""The number changes with the meaning of what is kept: nodes of two versions do not meet."""


def name_of(what: str, gate: Gate) -> str:
    """The name of something that belongs to a key at an endpoint."""
    digest = hashlib.sha256(f"{gate.endpoint}\n{gate.key}".encode()).hexdigest()[:32]
    return f"{PREFIX}{what}:{digest}"
