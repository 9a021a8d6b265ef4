"""The body of a request, sent in pieces: the limit of time for sending holds for each of them."""

from collections.abc import Iterator, Sequence

from urllib3.filepost import choose_boundary, encode_multipart_formdata

from engine.request import Upload

SENT_AT_ONCE = 64 * 1024
"""Bytes; a body that is no longer is sent at once."""


class Body:
    """Can be iterated as often as it has to be sent, and knows its length beforehand.

    ``requests`` sends such a body as it is, with a ``Content-Length``: New API reads a form of
    unknown length into its memory first, and some proxies refuse one.

    Args:
        content_type: of the whole.
        parts: its bytes, one after the other; they are not copied.
    """

    def __init__(self, content_type: str, *parts: bytes) -> None:
        self.content_type = content_type
        self._parts = parts

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            for start in range(0, len(part), SENT_AT_ONCE):
                yield part[start : start + SENT_AT_ONCE]


def json_body(encoded: bytes) -> Body:
    """One JSON document."""
    return Body("application/json", encoded)


def form_body(fields: Sequence[tuple[str, bytes]], upload: Upload) -> Body:
    """A form with a file (RFC 7578).

    Args:
        fields: the form's other fields in their order, encoded.
        upload: the file; it comes last, as the field ``file``.
    """
    boundary = choose_boundary()
    file = (upload.name, b"", upload.media_type)
    frame, content_type = encode_multipart_formdata([*fields, ("file", file)], boundary)
    tail = f"\r\n--{boundary}--\r\n".encode()
    return Body(content_type, frame.removesuffix(tail), upload.content, tail)
