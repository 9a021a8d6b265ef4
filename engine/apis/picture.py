"""The type of a picture, told by its first bytes: names and MIME types lie, and servers check."""

import base64
import binascii
import re
from collections.abc import Callable
from typing import NamedTuple

_HEAD = 512
"""Characters of base64 that are enough, also for an XML declaration before ``<svg``."""

_BLANK = re.compile(r"\s+")
_SUBTYPES = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg", "pjpeg": "jpeg", "tif": "tiff"}
"""What is written for a type that has another name."""

_NO_TYPES = frozenset({"", "*", "octet-stream", "binary", "unknown", "image"})
_DATA_URL = re.compile(r"\s*data:([^;,]*)(?:;[^;,]*)*?;base64,", re.IGNORECASE)


class _Picture(NamedTuple):
    """One type: its name as registered with IANA, and whether a file with this beginning is one."""

    media_type: str
    begins: Callable[[bytes], bool]


def _is_of_brand(*brands: bytes) -> Callable[[bytes], bool]:
    """An ISO base media file (ISO/IEC 14496-12, 4.3) of one of these brands."""
    return lambda head: head[4:8] == b"ftyp" and head[8:12] in brands


_PICTURES = (
    _Picture("image/jpeg", lambda head: head[:3] == b"\xff\xd8\xff"),
    _Picture("image/png", lambda head: head[:8] == b"\x89PNG\r\n\x1a\n"),
    _Picture("image/gif", lambda head: head[:6] in {b"GIF87a", b"GIF89a"}),
    _Picture("image/webp", lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    _Picture("image/bmp", lambda head: head[:2] == b"BM" and head[6:10] == bytes(4)),
    _Picture("image/tiff", lambda head: head[:4] in {b"II*\0", b"MM\0*"}),
    _Picture("image/avif", _is_of_brand(b"avif", b"avis")),
    _Picture("image/heic", _is_of_brand(b"heic", b"heix", b"hevc", b"heim", b"heis")),
    _Picture("image/heif", _is_of_brand(b"mif1", b"msf1")),
    _Picture("image/x-icon", lambda head: head[:4] == b"\0\0\1\0"),
    _Picture(
        "image/svg+xml",
        lambda head: re.match(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<svg", head) is not None,
    ),
)


def type_of_picture(content: bytes) -> str | None:
    """The MIME type of a picture that begins so; ``None`` if it is none that is known."""
    return next((one.media_type for one in _PICTURES if one.begins(content)), None)


def picture_url(data: str, media_type: str, ending: str = "") -> str:
    """A data URL (RFC 2397) whose type is what the bytes are, else what they are said to be.

    Args:
        data: in base64; line ends are left out.
        media_type: as it was told; may be wrong, or none of a picture.
        ending: of the file's name; for what has no other type.
    """
    data = _DATA_URL.sub("", data, count=1)
    if any(blank in data[:200] for blank in "\n\r "):
        data = _BLANK.sub("", data)
    kind = type_of_picture(_head_of(data)) or _told_type(media_type, ending)
    return f"data:{kind};base64,{data}"


def with_true_type(url: str) -> str:
    """An address as it is, and a data URL with the type of its bytes."""
    found = _DATA_URL.match(url)
    return picture_url(url[found.end() :], found[1]) if found else url


def _told_type(media_type: str, ending: str) -> str:
    for told in (media_type.rpartition("/")[2], ending):
        subtype = told.strip().lower().lstrip(".").removeprefix("x-")
        if subtype not in _NO_TYPES:
            return f"image/{_SUBTYPES.get(subtype, subtype)}"
    return media_type


def _head_of(data: str) -> bytes:
    head = data[:_HEAD]
    try:
        return base64.b64decode(head[: len(head) // 4 * 4])
    except binascii.Error:
        return b""
