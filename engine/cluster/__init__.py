"""What the instances of one operator tell each other, through his Redis."""

from engine.cluster.connection import Connection, UnavailableError, from_environment

__all__ = ["Connection", "UnavailableError", "from_environment"]
