"""A form is sent with every call and hardly ever changes: it is read once, and remembered."""

import functools
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Concatenate

from engine.settings.fields import Credentials

MAX_FORMS = 256
"""Forms remembered, the ones used last. What was read from them holds secrets: a process keeps no
more of them than it keeps sessions."""

type Form = tuple[tuple[str, str], ...]
"""Variables and what was typed."""


def form_of(credentials: Credentials) -> Form:
    """What was typed, to be compared; it is read as the credentials are."""
    return tuple([(name, str(value)) for name, value in credentials.items() if value is not None])


def read_once[**Rest, Read](
    parse: Callable[Concatenate[Credentials, Rest], Read],
) -> Callable[Concatenate[Credentials, Rest], Read]:
    """Have a form read when it is new, and remember what was read; a refusal is not remembered.

    A form is known again by its SHA-256, as it has the key in it.

    Args:
        parse: reads credentials field by field; what it returns is never changed.
    """
    remembered: OrderedDict[Hashable, Read] = OrderedDict()
    lock = threading.Lock()

    def once(credentials: Credentials, /, *rest: Rest.args, **named: Rest.kwargs) -> Read:
        form = form_of(credentials)
        asked = (hashlib.sha256(repr(form).encode()).digest(), rest, tuple(named.items()))
        with lock:
            if asked in remembered:
                remembered.move_to_end(asked)
                return remembered[asked]
        read = parse(dict(form), *rest, **named)
        with lock:
            remembered[asked] = read
            if len(remembered) > MAX_FORMS:
                remembered.popitem(last=False)
        return read

    functools.update_wrapper(once, parse)
    return once
