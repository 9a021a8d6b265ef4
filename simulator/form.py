"""The fields of a form with files (RFC 7578), as a gateway reads them."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import cast


@dataclass(frozen=True, slots=True)
class File:
    """A file of a form."""

    name: str
    media_type: str
    content: bytes


def read_form(content_type: str, body: bytes) -> dict[str, str | File]:
    """Every field by its name: text, or a file; empty if this is no whole form."""
    if not content_type.lower().startswith("multipart/form-data"):
        return {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart() or message.defects:
        return {}
    return {
        str(part.get_param("name", "", "Content-Disposition")): _value(part)
        for part in cast("list[EmailMessage]", message.get_payload())
    }


def _value(part: EmailMessage) -> str | File:
    content = cast("bytes", part.get_payload(decode=True))
    name = part.get_filename()
    if name is None:
        return content.decode("utf-8", "replace")
    return File(name, part.get_content_type(), content)
