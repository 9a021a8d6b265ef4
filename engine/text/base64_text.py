"""Base64 as it is written: with line ends (RFC 2045), for URLs (RFC 4648, 5), without its end."""

import base64
import binascii

_FOR_URLS = str.maketrans("-_", "+/")


def base64_bytes(text: str) -> bytes:
    """The bytes that a text stands for.

    Raises:
        binascii.Error: it is no base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        bare = "".join(text.split()).translate(_FOR_URLS).rstrip("=")
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
