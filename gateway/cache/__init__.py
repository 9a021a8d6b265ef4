"""The same question is not paid for twice."""

from gateway.cache.cache import Cache
from gateway.cache.call import CachedCall
from gateway.cache.parts import PartsCall

__all__ = ["Cache", "CachedCall", "PartsCall"]
