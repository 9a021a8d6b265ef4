"""Calls at a desk, with time as a parameter: how they are made, and what became of them."""

from engine.admission.not_admitted import NoTurn
from engine.admission.route_queue import Call, Grant, Ticket
from engine.admission.routes import Limits
from engine.admission.scheduler import Desk

ENDPOINT = "http://gateway/v1"


def call(user: str = "u", keys: tuple[str, ...] = ("k",), **more: object) -> Call:
    """A call with a key or several; `more` are fields of `Call`."""
    return Call(ENDPOINT, keys, str(more.pop("model", "m")), user, **more)  # type: ignore[arg-type]


def ask(desk: Desk, now: float, *calls: Call) -> list[Ticket]:
    """All come at once; the tickets are theirs."""
    tickets = []
    for one in calls:
        ticket = desk.enter(one, now)
        desk.ask(ticket, now)
        tickets.append(ticket)
    return tickets


def granted(tickets: list[Ticket]) -> list[int]:
    """Which of them have their turn, by number."""
    return [i for i, ticket in enumerate(tickets) if isinstance(ticket.outcome, Grant)]


def grant(ticket: Ticket) -> Grant:
    """The turn that it has."""
    assert isinstance(ticket.outcome, Grant)
    return ticket.outcome


def refusal(ticket: Ticket) -> NoTurn:
    """Why it has none."""
    assert isinstance(ticket.outcome, NoTurn)
    return ticket.outcome


def one_slot(**limits: int) -> Limits:
    """Strict limits of a key that serves one call at once."""
    return Limits(max_concurrency=1, **limits)
