"""The same question is not paid for twice."""

from gateway.cache.cache import Cache
from gateway.cache.call import CachedCall

__all__ = ["Cache", "CachedCall"]
