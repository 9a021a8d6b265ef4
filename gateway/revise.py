"""What to leave out of a request, or to say otherwise, when the gateway refuses it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.failure import Failure
from gateway.failure.kinds import CONTEXT_TOO_LONG
from gateway.request import Payload, Request

_COMPLETION_TOKENS = re.compile(
    r"use\W+max_completion_tokens|max_completion_tokens\W+instead", re.IGNORECASE
)
_BAD_REQUEST_STATUSES = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of a request.

    Attributes:
        name: for the log and for remembering it.
        suits: whether it may cure this failure of this request.
        apply: the request, changed; a copy.
        remembered_seconds: how long a model that needed it gets it from the start.
    """

    name: str
    suits: Callable[[Failure, Mapping[str, object]], bool]
    apply: Callable[[Mapping[str, object]], Payload]
    remembered_seconds: float


def _without(*names: str) -> Callable[[Mapping[str, object]], Payload]:
    def apply(payload: Mapping[str, object]) -> Payload:
        return {key: value for key, value in payload.items() if key not in names}

    return apply


def _renamed(payload: Mapping[str, object]) -> Payload:
    return {
        "max_completion_tokens" if key == "max_tokens" else key: value
        for key, value in payload.items()
    }


def _unstreamed(payload: Mapping[str, object]) -> Payload:
    return {**_without("stream_options")(payload), "stream": False}


def _names(failure: Failure, parameter: str) -> bool:
    """Whether a 400 is about this parameter."""
    if (
        failure.status not in _BAD_REQUEST_STATUSES
        or failure.kind is CONTEXT_TOO_LONG
        or failure.after_content
    ):
        return False
    pattern = rf"(?<![a-z_]){parameter}{'(?:ing)?' if parameter == 'stream' else ''}(?![a-z_])"
    return (
        failure.param == parameter or re.search(pattern, failure.words, re.IGNORECASE) is not None
    )


def _wants_completion_tokens(failure: Failure, payload: Mapping[str, object]) -> bool:
    return (
        "max_tokens" in payload
        and _names(failure, "max_tokens")
        and _COMPLETION_TOKENS.search(failure.words) is not None
    )


def _refuses(parameter: str) -> Callable[[Failure, Mapping[str, object]], bool]:
    return lambda failure, payload: parameter in payload and _names(failure, parameter)


def _refuses_stream(failure: Failure, payload: Mapping[str, object]) -> bool:
    return payload.get("stream") is True and (
        (failure.unstreamed and not failure.after_content) or _names(failure, "stream")
    )


REVISIONS: tuple[Revision, ...] = (
    Revision("max_completion_tokens", _wants_completion_tokens, _renamed, 3600.0),
    Revision("no max_tokens", _refuses("max_tokens"), _without("max_tokens"), 3600.0),
    Revision("no temperature", _refuses("temperature"), _without("temperature"), 3600.0),
    Revision("no stream_options", _refuses("stream_options"), _without("stream_options"), 3600.0),
    # Not for long: New API's empty stream can also be its upstream's fault of a moment.
    Revision("unstreamed", _refuses_stream, _unstreamed, 600.0),
)
"""Each is tried once in a call, in this order of preference."""

_UNSUPPORTED = re.compile(r"unsupported|not support|does not accept|instead", re.IGNORECASE)


class RevisedRequest[Result]:
    """A request and what was found out about it.

    Args:
        request: what is asked; it is not changed.
        known: revisions that its model is known to need.

    Attributes:
        current: the request as it is to be sent now.
    """

    def __init__(self, request: Request[Result], known: tuple[Revision, ...] = ()) -> None:
        self.current = request
        self.lasting: list[Revision] = []
        """Revisions that the model needs always, worth remembering if the call succeeds."""
        self._tried = {revision.name for revision in known}
        for revision in known:
            self._apply(revision)

    def revise(self, failure: Failure) -> Revision | None:
        """Change the request so that it may pass now; ``None`` if nothing is left to try.

        A value out of range is no property of the model: that it was left out is not lasting.
        """
        revision = revision_for(failure, self.current.payload, frozenset(self._tried))
        if revision is None:
            return None
        self._tried.add(revision.name)
        self._apply(revision)
        if failure.unstreamed or _UNSUPPORTED.search(f"{failure.code} {failure.words}"):
            self.lasting.append(revision)
        return revision

    def _apply(self, revision: Revision) -> None:
        self.current = self.current.with_payload(revision.apply(self.current.payload))


def revision_for(
    failure: Failure, payload: Mapping[str, object], tried: frozenset[str]
) -> Revision | None:
    """The first revision that may cure the failure and was not tried yet."""
    for revision in REVISIONS:
        if revision.name not in tried and revision.suits(failure, payload):
            return revision
    return None
