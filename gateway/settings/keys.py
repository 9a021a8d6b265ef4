"""API keys, as people paste them."""

import re

from gateway.settings.fields import SettingsError

MOST_KEYS = 100
"""In one field."""

_KEY_SEPARATORS = re.compile(r"[,\s\u3000，]+")


def parse_keys(typed: str) -> tuple[str, ...]:
    """Read API keys, separated by commas or white space (gateways give one group per key).

    Printable ASCII only, as a key has to fit into an HTTP header; the same key twice counts once.

    Raises:
        SettingsError: there is none, or one holds something no key holds. No key is repeated.
    """
    keys = tuple(dict.fromkeys(key for key in _KEY_SEPARATORS.split(typed) if key))
    keys = tuple(key for key in keys if key.lower() != "bearer")
    if not keys:
        raise SettingsError(
            "api_key", "The API Key is empty. Type the key of your gateway.", missing=True
        )
    if len(keys) > MOST_KEYS:
        raise SettingsError("api_key", f"Type at most {MOST_KEYS} API keys.")
    for position, key in enumerate(keys, start=1):
        which = "The API Key" if len(keys) == 1 else f"API key {position}"
        if not key.isascii():
            raise SettingsError(
                "api_key",
                f"{which} contains a character that no key has (a full-width letter, a quotation "
                "mark or an accent). Copy it again from your gateway's page.",
            )
        if not all("!" <= character <= "~" for character in key):
            raise SettingsError(
                "api_key",
                f"{which} contains a control character. Copy it again from your gateway's page.",
            )
    return keys
