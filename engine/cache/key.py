"""What an answer is kept under."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from engine.settings import Settings

NO_MATTER = frozenset({"stream", "stream_options", "user"})
"""Fields of a payload that do not change the answer."""


def cache_key(
    settings: Settings,
    kind: str,
    path: str,
    payload: Mapping[str, object],
    applied: Sequence[str] = (),
) -> str:
    """HMAC-SHA256 of what is asked, under the keys that ask it: others never meet.

    Args:
        settings: endpoint, keys, and the headers that go along.
        kind: the model type.
        path: below the endpoint.
        payload: as it is sent, model included.
        applied: what is done with the answer on this side.
    """
    asked = {name: _plain(value) for name, value in payload.items() if name not in NO_MATTER}
    canonical = json.dumps(
        [settings.endpoint, settings.extra_headers, kind, path, settings.model, asked, [*applied]],
        sort_keys=True,
        separators=(",", ":"),
    )
    secret = "\n".join(settings.api_keys or (settings.api_key,))
    return hmac.new(secret.encode(), canonical.encode(), hashlib.sha256).hexdigest()


def _plain(value: object) -> object:
    """A temperature of 0.0 is one of 0: Dify sends both."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
