"""A form is sent with every call and hardly ever changes: it is read once, and remembered."""

import functools
from collections.abc import Callable
from typing import Concatenate

from gateway.settings.fields import Credentials

MOST_FORMS = 256
"""Forms remembered, the ones used last. They hold secrets, as what is read from them does: a
process keeps no more of them than it keeps sessions."""

type Form = tuple[tuple[str, str], ...]
"""Variables and what was typed."""


def form_of(credentials: Credentials) -> Form:
    """What was typed, to be compared; it is read as the credentials are."""
    return tuple([(name, str(value)) for name, value in credentials.items() if value is not None])


def read_once[**Rest, Read](
    parse: Callable[Concatenate[Credentials, Rest], Read],
) -> Callable[Concatenate[Credentials, Rest], Read]:
    """Have a form read when it is new, and remember what was read; a refusal is not remembered.

    Args:
        parse: reads credentials field by field; what it returns is never changed.
    """

    def read(form: Form, *rest: Rest.args, **named: Rest.kwargs) -> Read:
        return parse(dict(form), *rest, **named)

    remembered: Callable[..., Read] = functools.lru_cache(maxsize=MOST_FORMS)(read)

    def once(credentials: Credentials, /, *rest: Rest.args, **named: Rest.kwargs) -> Read:
        return remembered(form_of(credentials), *rest, **named)

    functools.update_wrapper(once, parse)
    return once
