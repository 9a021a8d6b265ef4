"""Audio and videos in the words of the server that turns out to stand behind a gateway.

Audio: OpenAI takes base64 alone, Qwen's servers and New API's Gemini channel (2025-04) a data URL.
Videos: Qwen, GLM, Kimi, vLLM and OpenRouter know ``video_url``; New API and its kin pass it over
without a word for Gemini, and hand on what stands in ``image_url`` whatever its type is.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.errors import Failure
from engine.request import Payload

type _Part = dict[str, Any]

_NO_URL = re.compile(r"\burl\b.{0,40}valid|invalid.{0,20}\burl\b", re.IGNORECASE)
_NO_BASE64 = re.compile(r"decode base64 audio data failed", re.IGNORECASE)
_VIDEO_URL = re.compile(r"(?<![a-z_])video_url", re.IGNORECASE)
_ABOUT_MEDIA = re.compile(r"image|video|mime|media", re.IGNORECASE)
_REFUSALS = frozenset({400, 415, 422})


def worded_for(model: str, payload: Mapping[str, object]) -> Payload:
    """The request as a model of this name is asked from the start; a copy as far as changed."""
    return with_videos_as_images(payload) if "gemini" in model.lower() else dict(payload)


def wants_data_urls(failure: Failure, payload: Mapping[str, object]) -> bool:
    """Whether audio was refused as it is no address; New API says that with HTTP 500."""
    refused = failure.status in _REFUSALS and _NO_URL.search(failure.words) is not None
    return (
        (refused or _NO_BASE64.search(failure.words) is not None)
        and not failure.after_content
        and with_data_urls(payload) != payload
    )


def with_data_urls(payload: Mapping[str, object]) -> Payload:
    """The request with all audio as data URLs; a copy as far as it is changed."""
    return _with_parts(payload, _audio_as_data_url)


def wants_videos_as_images(failure: Failure, payload: Mapping[str, object]) -> bool:
    """Whether ``video_url`` was refused by that name."""
    return _is_refused(failure, _VIDEO_URL) and with_videos_as_images(payload) != payload


def with_videos_as_images(payload: Mapping[str, object]) -> Payload:
    """The request with all videos as ``image_url``; a copy as far as it is changed."""
    return _with_parts(payload, _video_as_image)


def wants_videos_as_videos(failure: Failure, payload: Mapping[str, object]) -> bool:
    """Whether a video was refused that was called an image."""
    return _is_refused(failure, _ABOUT_MEDIA) and with_videos_as_videos(payload) != payload


def with_videos_as_videos(payload: Mapping[str, object]) -> Payload:
    """The request with the videos that were called images as ``video_url`` again."""
    return _with_parts(payload, _image_as_video)


def _is_refused(failure: Failure, about: re.Pattern[str]) -> bool:
    return (
        failure.status in _REFUSALS
        and not failure.after_content
        and about.search(failure.words) is not None
    )


def _with_parts(payload: Mapping[str, object], change: Callable[[_Part], _Part]) -> Payload:
    messages = payload.get("messages")
    if not isinstance(messages, list):
        return dict(payload)
    return {**payload, "messages": [_message(message, change) for message in messages]}


def _message(message: dict[str, Any], change: Callable[[_Part], _Part]) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [change(part) for part in content]}


def _audio_as_data_url(part: _Part) -> _Part:
    audio = part.get("input_audio")
    if not isinstance(audio, dict) or str(audio.get("data")).startswith("data:"):
        return part
    address = f"data:audio/{audio.get('format')};base64,{audio.get('data')}"
    return {**part, "input_audio": {**audio, "data": address}}


def _video_as_image(part: _Part) -> _Part:
    if "video_url" not in part:
        return part
    return {"type": "image_url", "image_url": part["video_url"]}


def _image_as_video(part: _Part) -> _Part:
    image = part.get("image_url")
    if not isinstance(image, dict) or not str(image.get("url")).startswith("data:video/"):
        return part
    return {"type": "video_url", "video_url": image}
