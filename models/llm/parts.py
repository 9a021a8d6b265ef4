"""The parts of a message on the wire: text, images, audio, videos and documents.

Shapes: OpenAI's chat completions (``image_url``, ``input_audio``, ``file``) and, for videos, the
``video_url`` of Qwen, GLM and vLLM. New API drops a ``file`` that lacks its ``filename``; what else
differs from server to server is in ``engine.compat.media``.
"""

import base64
import binascii
import posixpath
import re

from dify_plugin.entities.model.message import (
    AudioPromptMessageContent,
    DocumentPromptMessageContent,
    ImagePromptMessageContent,
    MultiModalPromptMessageContent,
    TextPromptMessageContent,
    VideoPromptMessageContent,
)

from engine import picture_url, with_true_type
from models.errors import RefusedError

type Wire = dict[str, object]

_AUDIO_FORMATS = {"mpga": "mp3", "mpeg": "mp3", "x-wav": "wav", "wave": "wav", "x-m4a": "m4a"}
"""What Dify calls a format after its file or MIME type, and what `input_audio` calls it."""

_MAX_NAME = 80
"""Characters of a file's name in a message."""

_PLAIN_TEXT = re.compile(r"text/(?!html)|application/(json|xml|yaml|x-yaml|toml)")


def wire_text(part: TextPromptMessageContent) -> Wire:
    """Text as it is."""
    return {"type": "text", "text": part.data}


def wire_image(part: ImagePromptMessageContent) -> Wire:
    """An image by its URL or as a data URL of its true type, with the detail that the app wants."""
    if part.url:
        url = with_true_type(part.url)
    else:
        url = picture_url(part.base64_data, part.mime_type, part.format)
    return {"type": "image_url", "image_url": {"url": url, "detail": part.detail.value}}


def wire_audio(part: AudioPromptMessageContent) -> Wire:
    """Audio as base64; ``input_audio`` knows no address.

    Raises:
        InvokeBadRequestError: Dify sent an address.
    """
    form = part.format.lower().lstrip(".") or part.mime_type.partition("/")[2]
    data = {"data": _base64_of(part), "format": _AUDIO_FORMATS.get(form, form)}
    return {"type": "input_audio", "input_audio": data}


def wire_video(part: VideoPromptMessageContent) -> Wire:
    """A video by its URL or as a data URL."""
    return {"type": "video_url", "video_url": {"url": part.data}}


def wire_document(part: DocumentPromptMessageContent) -> Wire:
    """A document as a file; one that is plain text as text, as most models read only PDF files."""
    name = file_name(part)
    if _PLAIN_TEXT.match(part.mime_type) and part.base64_data:
        return {"type": "text", "text": f"{name}:\n\n{_text_in(part)}"}
    return {"type": "file", "file": {"filename": name, "file_data": part.data}}


def file_name(part: MultiModalPromptMessageContent) -> str:
    """The name of a file; never empty, as gateways drop files without one."""
    ending = part.format.lstrip(".") or "pdf"
    return part.filename or posixpath.basename(part.url.partition("?")[0]) or f"document.{ending}"


def _base64_of(part: AudioPromptMessageContent) -> str:
    if not part.base64_data:
        raise RefusedError("audio_address")
    return part.base64_data


def _text_in(part: DocumentPromptMessageContent) -> str:
    try:
        return base64.b64decode(part.base64_data, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise RefusedError("document_damaged", name=file_name(part)[:_MAX_NAME]) from None
