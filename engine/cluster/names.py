"""Under which names the instances keep what they share; no endpoint and no key is among them."""

import hashlib

from engine.admission import KeyRef, RouteRef

PREFIX = "resilient-gateway:1:"
"""The number changes with the meaning of what is kept: instances of two versions do not meet."""


def name_of(what: str, place: KeyRef | RouteRef) -> str:
    """The name of something that belongs to a key at an endpoint, or to one model with it.

    What a server said about waiting stands under ``cooldown``. The first version kept it under
    ``closed``, for every model of a key: its instances and these neither read nor write the
    other's, and learn each wait by themselves.
    """
    parts = "\n".join(part for part in place if part is not None)
    digest = hashlib.sha256(parts.encode()).hexdigest()[:32]
    return f"{PREFIX}{what}:{digest}"
