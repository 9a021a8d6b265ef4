"""The same question is not paid for twice."""

from engine.cache.cache import Cache
from engine.cache.cached_call import CachedCall
from engine.cache.parts import PartsCall

__all__ = ["Cache", "CachedCall", "PartsCall"]
