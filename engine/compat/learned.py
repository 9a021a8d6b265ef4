"""What a model behind a gateway was found to need, remembered for a while."""

import time
from collections.abc import Callable, Iterable

from engine.compat.route_store import RouteStore
from engine.request import CompatRule
from engine.settings import Settings


class LearnedRules:
    """Compat rules that a model needs; bounded in number and age."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._needs: RouteStore[dict[CompatRule, float]] = RouteStore()

    def recall(self, settings: Settings) -> tuple[CompatRule, ...]:
        """What this model needed lately, in the order in which it was found out."""
        needs, now = self._needs.get(settings) or {}, self._clock()
        return tuple(rule for rule, until in needs.items() if until > now)

    def learn(self, settings: Settings, compat_rules: Iterable[CompatRule]) -> None:
        """These compat rules made a call succeed."""
        now = self._clock()
        until = {rule: now + rule.learned_seconds for rule in compat_rules}
        self._needs.change(settings, lambda needs: {**(needs or {}), **until})
