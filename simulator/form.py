"""The fields of a form with files (RFC 7578), as a gateway reads them."""

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast

from simulator.http11 import Request
from simulator.oneapi import read_json


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form."""

    name: str
    media_type: str
    content: bytes

    def described(self) -> dict[str, Any]:
        """What is kept of it, without its content."""
        digest = hashlib.sha256(self.content).hexdigest()
        size = len(self.content)
        return {"name": self.name, "type": self.media_type, "size": size, "sha256": digest}


type Value = str | File | list[str | File]
"""Of a field: text or a file; a list where the field is repeated."""


def body_of(request: Request) -> Any:
    """The body of a request: its JSON, or the fields of its form with what files are there."""
    content_type = request.headers.get("content-type", "")
    if not is_form(request):
        return read_json(request.body)
    return {
        name: value.described() if isinstance(value, File) else value
        for name, value in read_form(content_type, request.body).items()
    }


def is_form(request: Request) -> bool:
    """Whether a request has a form as its body."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def read_form(content_type: str, body: bytes) -> dict[str, Value]:
    """Every field by its name; empty if this is no whole form."""
    if not content_type.lower().startswith("multipart/form-data"):
        return {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart() or message.defects:
        return {}
    found: dict[str, list[str | File]] = {}
    for part in cast("list[EmailMessage]", message.get_payload()):
        name = str(part.get_param("name", "", "Content-Disposition"))
        found.setdefault(name, []).append(_value(part))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _value(part: EmailMessage) -> str | File:
    content = cast("bytes", part.get_payload(decode=True))
    name = part.get_filename()
    if name is None:
        return content.decode("utf-8", "replace")
    return File(name, part.get_content_type(), content)
