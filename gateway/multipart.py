"""A form with a file as the body of a request (RFC 7578), sent without copying the file."""

from collections.abc import Iterator, Sequence

from urllib3.filepost import choose_boundary, encode_multipart_formdata

from gateway.request import Upload

_SENT_AT_ONCE = 64 * 1024


class FormBody:
    """Can be iterated as often as it has to be sent, and knows its length beforehand.

    ``requests`` sends such a body as it is, with a ``Content-Length``: New API reads a form of
    unknown length into its memory first, and some proxies refuse one.

    Args:
        fields: the form's other fields in their order, encoded.
        upload: the file; it comes last, as the field ``file``.
    """

    def __init__(self, fields: Sequence[tuple[str, bytes]], upload: Upload) -> None:
        boundary = choose_boundary()
        file = (upload.name, b"", upload.media_type)
        frame, self.content_type = encode_multipart_formdata([*fields, ("file", file)], boundary)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._head = frame.removesuffix(self._tail)
        self._content = upload.content

    def __len__(self) -> int:
        return len(self._head) + len(self._content) + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        """In small pieces: the limit of time for sending holds for each of them."""
        yield self._head
        for start in range(0, len(self._content), _SENT_AT_ONCE):
            yield self._content[start : start + _SENT_AT_ONCE]
        yield self._tail
