"""The engine of Resilient Gateway: gets a call through a saturated aggregation gateway.

It knows nothing of Dify. This is its front door: all that the adapters in `models/` use, each
name imported from its module when it is first asked for, as start-up is outage time.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.apis.audio.speech import speech_request
    from engine.apis.audio.transcription import sample_recording, transcription_request
    from engine.apis.chat.request import Mode, chat_request
    from engine.apis.embeddings import Embeddings, Input, embeddings_request
    from engine.apis.picture import picture_url, with_true_type
    from engine.apis.reasoning_blocks import REASONING_ITEMS
    from engine.apis.rerank import Part, rerank_request
    from engine.apis.text_answer import Finish
    from engine.client import AnswerEvent, Answering, KeepAlive, Replayed, shared_client
    from engine.compat.json_mode import mentioning_json
    from engine.delta import ContentKind, Delta
    from engine.errors import GatewayError, Language, Outcome
    from engine.errors.explanation import MAX_TEXT_CHARACTERS, opened, readers_of_form
    from engine.errors.messages import BOTH, Listed, Message, Value, in_all, language_of, message
    from engine.operations.accepted_sizes import shared_sizes
    from engine.operations.embed import Question, embed
    from engine.operations.moderate import moderate, moderation_request
    from engine.operations.speak import shared_lengths, speak
    from engine.operations.validate import check_key, check_model
    from engine.settings import (
        AUTO,
        DEFAULT_MAX_RETRY_SECONDS,
        Credentials,
        Form,
        Settings,
        SettingsError,
        choice,
        choose,
        field_name,
        form_of,
        parse_count,
        parse_names,
        parse_settings,
        read_once,
        text_of,
    )
    from engine.startup import open_engine
    from engine.text.asked import asked_text
    from engine.text.tokens import TOKENS_PER_IMAGE, TOKENS_PER_MESSAGE, estimate, weigh

_MODULES = {
    "AUTO": "settings",
    "AnswerEvent": "client",
    "Answering": "client",
    "BOTH": "errors.messages",
    "ContentKind": "delta",
    "Credentials": "settings",
    "DEFAULT_MAX_RETRY_SECONDS": "settings",
    "Delta": "delta",
    "Embeddings": "apis.embeddings",
    "Finish": "apis.text_answer",
    "Form": "settings",
    "GatewayError": "errors",
    "Input": "apis.embeddings",
    "KeepAlive": "client",
    "Language": "errors",
    "Listed": "errors.messages",
    "MAX_TEXT_CHARACTERS": "errors.explanation",
    "Message": "errors.messages",
    "Mode": "apis.chat.request",
    "Outcome": "errors",
    "Part": "apis.rerank",
    "Question": "operations.embed",
    "REASONING_ITEMS": "apis.reasoning_blocks",
    "Replayed": "client",
    "Settings": "settings",
    "SettingsError": "settings",
    "TOKENS_PER_IMAGE": "text.tokens",
    "TOKENS_PER_MESSAGE": "text.tokens",
    "Value": "errors.messages",
    "asked_text": "text.asked",
    "chat_request": "apis.chat.request",
    "check_key": "operations.validate",
    "check_model": "operations.validate",
    "choice": "settings",
    "choose": "settings",
    "embed": "operations.embed",
    "embeddings_request": "apis.embeddings",
    "estimate": "text.tokens",
    "field_name": "settings",
    "form_of": "settings",
    "in_all": "errors.messages",
    "language_of": "errors.messages",
    "mentioning_json": "compat.json_mode",
    "message": "errors.messages",
    "moderate": "operations.moderate",
    "moderation_request": "operations.moderate",
    "open_engine": "startup",
    "opened": "errors.explanation",
    "parse_count": "settings",
    "parse_names": "settings",
    "parse_settings": "settings",
    "picture_url": "apis.picture",
    "read_once": "settings",
    "readers_of_form": "errors.explanation",
    "rerank_request": "apis.rerank",
    "sample_recording": "apis.audio.transcription",
    "shared_client": "client",
    "shared_lengths": "operations.speak",
    "shared_sizes": "operations.accepted_sizes",
    "speak": "operations.speak",
    "speech_request": "apis.audio.speech",
    "text_of": "settings",
    "transcription_request": "apis.audio.transcription",
    "weigh": "text.tokens",
    "with_true_type": "apis.picture",
}

__all__ = [
    "AUTO",
    "BOTH",
    "DEFAULT_MAX_RETRY_SECONDS",
    "MAX_TEXT_CHARACTERS",
    "REASONING_ITEMS",
    "TOKENS_PER_IMAGE",
    "TOKENS_PER_MESSAGE",
    "AnswerEvent",
    "Answering",
    "ContentKind",
    "Credentials",
    "Delta",
    "Embeddings",
    "Finish",
    "Form",
    "GatewayError",
    "Input",
    "KeepAlive",
    "Language",
    "Listed",
    "Message",
    "Mode",
    "Outcome",
    "Part",
    "Question",
    "Replayed",
    "Settings",
    "SettingsError",
    "Value",
    "asked_text",
    "chat_request",
    "check_key",
    "check_model",
    "choice",
    "choose",
    "embed",
    "embeddings_request",
    "estimate",
    "field_name",
    "form_of",
    "in_all",
    "language_of",
    "mentioning_json",
    "message",
    "moderate",
    "moderation_request",
    "open_engine",
    "opened",
    "parse_count",
    "parse_names",
    "parse_settings",
    "picture_url",
    "read_once",
    "readers_of_form",
    "rerank_request",
    "sample_recording",
    "shared_client",
    "shared_lengths",
    "shared_sizes",
    "speak",
    "speech_request",
    "text_of",
    "transcription_request",
    "weigh",
    "with_true_type",
]


def __getattr__(name: str) -> object:
    """Import a name of the front door from its module (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"engine.{_MODULES[name]}"), name)
