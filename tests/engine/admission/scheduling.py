"""Calls at a scheduler, with time as a parameter: how they are made, and what became of them."""

from engine.admission.not_admitted import NotAdmitted
from engine.admission.route_queue import AdmissionRequest, Grant, QueueEntry
from engine.admission.routes import KeyLimits
from engine.admission.scheduler import Scheduler

ENDPOINT = "http://gateway/v1"


def call(user: str = "u", keys: tuple[str, ...] = ("k",), **more: object) -> AdmissionRequest:
    """A call with a key or several; `more` are fields of `AdmissionRequest`."""
    return AdmissionRequest(ENDPOINT, keys, str(more.pop("model", "m")), user, **more)  # type: ignore[arg-type]


def ask(scheduler: Scheduler, now: float, *calls: AdmissionRequest) -> list[QueueEntry]:
    """All come at once; the Entries are theirs."""
    entries = []
    for one in calls:
        entry = scheduler.enter(one, now)
        scheduler.enqueue(entry, now)
        entries.append(entry)
    return entries


def granted(entries: list[QueueEntry]) -> list[int]:
    """Which of them have their turn, by number."""
    return [i for i, entry in enumerate(entries) if isinstance(entry.outcome, Grant)]


def grant(entry: QueueEntry) -> Grant:
    """The turn that it has."""
    assert isinstance(entry.outcome, Grant)
    return entry.outcome


def refusal(entry: QueueEntry) -> NotAdmitted:
    """Why it has none."""
    assert isinstance(entry.outcome, NotAdmitted)
    return entry.outcome


def one_slot(**limits: int) -> KeyLimits:
    """Strict limits of a key that serves one call at once."""
    return KeyLimits(max_concurrency=1, **limits)
