"""The model that a call asks now, and what became of asking it."""

from dataclasses import dataclass

from engine.admission import Permit, QueuedCall
from engine.call.loop import AttemptHistory
from engine.call.not_admitted import cause_of
from engine.call.policy import AttemptState
from engine.compat.rules import RevisedRequest
from engine.errors import Failure
from engine.settings import Settings


@dataclass(slots=True)
class Target[Result]:
    """A model of a call.

    Attributes:
        settings: of the model.
        keys: the same with each of the keys.
        request: what is asked, as the model takes it.
        history: the attempts that failed.
        queued: the call's place in the queue.
        key: position of the key of the attempt that failed last; ``None`` if there was none.
        anew: the next request is another one than before, or goes out with another key.
        has_fit_key: another key may serve this model.
    """

    settings: Settings
    keys: tuple[Settings, ...]
    request: RevisedRequest[Result]
    history: AttemptHistory
    queued: QueuedCall
    key: int | None = None
    anew: bool = False
    has_fit_key: bool = False

    def failed(self, permit: Permit, failure: Failure) -> None:
        """Tell the queue how the attempt ended."""
        self.key, self.has_fit_key = permit.position, False
        kind = failure.kind
        if kind.is_rejection and not failure.after_content:
            # No wait at all is as good as none told: the queue knows better.
            wait, cause = failure.retry_after or None, cause_of(failure)
            permit.rejected(wait, of_key=failure.limits_key, cause=cause)
        elif kind.condemns_key:
            permit.key_dead(kind.name)
        elif kind.condemns_route and not failure.after_content:
            self.has_fit_key = permit.unfit(kind.name)
        else:
            permit.failed()

    def state(self, failure: Failure, requests: int, *, has_next_model: bool) -> AttemptState:
        """What the policy needs to know."""
        history, asked = self.history, self.request
        return AttemptState(
            seconds_left=history.seconds_left,
            repeats=history.repeats(failure.kind),
            key=self.key,
            keys=len(self.keys),
            refused_keys=history.refused_keys,
            rejected_keys=frozenset(history.rejected_keys),
            has_fit_key=self.has_fit_key,
            rule=None if self.key is None else asked.find(failure),
            is_unstreamed=requests > 1 and asked.current.payload.get("stream") is False,
            has_next_model=has_next_model,
        )
