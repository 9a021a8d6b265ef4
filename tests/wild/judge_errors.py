"""Whether a labelled failure ends as its label says: class, kind, requests, revision, words."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dify_plugin.entities.model.message import UserPromptMessage
from dify_plugin.errors.model import InvokeError

from engine.errors import GatewayError
from models.llm.llm import ResilientLargeLanguageModel
from models.moderation.moderation import ResilientModerationModel
from models.rerank.rerank import ResilientRerankModel
from models.speech2text.speech2text import ResilientSpeech2TextModel
from models.text_embedding.text_embedding import ResilientTextEmbeddingModel
from models.tts.tts import ResilientTTSModel
from tests.wild.cases import Case, Judge
from tests.wild.refusing import ANSWER, DIMENSIONS, RefusingGateway

WAITING = {"rate_limited", "saturated", "overloaded"}
"""Kinds that are worth the whole waiting time."""

MOST_REQUESTS = {
    "InvokeBadRequestError": 1,
    "InvokeAuthorizationError": 1,
    # The operator's account or channel may differ with the next request.
    "InvokeRateLimitError": 2,
    "InvokeServerUnavailableError": 4,
    "InvokeConnectionError": 4,
}
"""Of a call that nothing cures, where the case does not say."""

# Long enough for all counted repeats and their pauses, and short where all of it is waited out.
_PATIENCE, _PATIENCE_WHERE_WAITED = "30", "3"

_PARAMETERS: dict[str, object] = {
    "temperature": 0.7,
    "top_p": 0.9,
    "top_k": 20,
    "max_tokens": 100,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "seed": 7,
    "reasoning_effort": "low",
    "enable_thinking": True,
    "thinking": "enabled",
    "response_format": "json_object",
    "parallel_tool_calls": False,
}
"""What the app sets where the case names a parameter and no value."""

_OURS = {"stop", "stream", "stream_options", "encoding_format", "return_documents", "user"}
"""What the plugin sends of itself, or Dify hands over beside the parameters."""

_SENTENCE = "one two three four five "
_LONG = _SENTENCE * 125


@dataclass
class _Ended:
    """How a call ended: an answer, or a failure that Dify was told."""

    answer: Any = None
    error: InvokeError | None = None

    @property
    def outcome(self) -> str:
        return type(self.error).__name__ if self.error else "success"

    @property
    def kind(self) -> str:
        """Of the engine's failure behind what Dify was told."""
        cause = self.error.__context__ if self.error else None
        return cause.failure.kind.name if isinstance(cause, GatewayError) else ""


def judge(case: Case) -> str:
    """What is wrong with how the plugin takes this case; empty if nothing is."""
    is_chat = case.get("request", "chat") == "chat"
    # Of other requests there is one way to ask.
    ways = [False, True] if is_chat and case.get("stream", True) else [False]
    for streamed in ways:
        with RefusingGateway(case) as gateway:
            ended = _asked(case, gateway.base_url, streamed=streamed)
        if problem := _problem(case, ended, gateway.posts):
            return f"{'streaming' if streamed else 'blocking'}: {problem}"
    return ""


@contextmanager
def judging() -> Iterator[Judge]:
    """The judge; it needs nothing."""
    yield judge


def _problem(case: Case, ended: _Ended, posts: list[dict[str, object]]) -> str:
    told = f"{ended.outcome} {ended.kind} after {len(posts)} requests: {ended.error}"
    if case.get("while"):
        return "" if ended.answer == _numbers(case) else told
    if case["revises"]:
        missing = [name for name in case["revises"] if name not in posts[0]]
        most = case.get("sent", 1 + len(case["revises"]))
        is_right = not missing and ended.answer == ANSWER and len(posts) <= most
        return "" if is_right else f"{told}; not sent at first: {missing}"
    if ended.outcome == "success" or not _is_told(case, ended):
        return told
    # Where waiting is worth it, the deadline ends it and not a number.
    most = None if ended.kind in WAITING else MOST_REQUESTS[case["outcome"]]
    most = case.get("sent", most)
    return "" if most is None or len(posts) <= most else f"at most {most} requests: {told}"


def _is_told(case: Case, ended: _Ended) -> bool:
    """Whether class, kind and words are those of the label."""
    also = case.get("also", ())
    kinds = (case["kind"], *also)
    is_class = ended.outcome == case["outcome"] or ended.kind in also
    return is_class and ended.kind in kinds and case.get("says", "") in str(ended.error)


def _asked(case: Case, base_url: str, *, streamed: bool) -> _Ended:
    patience = _PATIENCE_WHERE_WAITED if case["kind"] in WAITING else _PATIENCE
    credentials = {"endpoint_url": base_url, "api_key": "sk-x", "max_retry_seconds": patience}
    ask = _ASKS[case.get("request", "chat")]
    try:
        return _Ended(ask(case, credentials, streamed))
    except InvokeError as error:
        return _Ended(error=error)


def _chat(case: Case, credentials: dict[str, Any], streamed: bool) -> str:
    names = [name for name in case["revises"] if name not in _OURS]
    parameters = {name: _PARAMETERS[name] for name in names if name in _PARAMETERS}
    given: dict[str, Any] = {**parameters, **case.get("params", {})}
    stop = given.pop("stop", None) or (["END"] if "stop" in case["revises"] else None)
    found = ResilientLargeLanguageModel(model_schemas=[])._invoke(
        model="m",
        credentials=credentials,
        prompt_messages=[UserPromptMessage(content="hi")],
        model_parameters=given,
        stop=stop,
        stream=streamed,
        user="u",
    )
    return "".join(str(chunk.delta.message.content) for chunk in found)


def _embeddings(case: Case, credentials: dict[str, Any], _streamed: bool) -> list[int] | str:
    model = ResilientTextEmbeddingModel(model_schemas=[])
    credentials = {**credentials, "max_chunks": "32"}
    found = model._invoke(model="m", credentials=credentials, texts=_texts(case))
    assert all(len(vector) == DIMENSIONS for vector in found.embeddings)
    numbers = [round(vector[0]) for vector in found.embeddings]
    return numbers if case.get("while") else ANSWER


def _texts(case: Case) -> list[str]:
    """Ten where they are taken apart, each with its number; the fifth may be too long."""
    limits = case.get("while") or {}
    count = 10 if limits else 1
    lengths = [_LONG if "longest" in limits and at == 5 else _SENTENCE for at in range(count)]
    return [f"{at + 1} {text}" for at, text in enumerate(lengths)]


def _numbers(case: Case) -> list[int]:
    return [at + 1 for at in range(len(_texts(case)))]


def _rerank(_case: Case, credentials: dict[str, Any], _streamed: bool) -> str:
    model = ResilientRerankModel(model_schemas=[])
    found = model._invoke(model="m", credentials=credentials, query="q", docs=["a", "b"])
    assert len(found.docs) == 2
    return ANSWER


def _tts(_case: Case, credentials: dict[str, Any], _streamed: bool) -> str:
    model = ResilientTTSModel(model_schemas=[])
    sound = model._invoke(
        model="m", tenant_id="t", credentials=credentials, content_text="Hello.", voice="alloy"
    )
    assert b"".join(sound)
    return ANSWER


def _stt(_case: Case, credentials: dict[str, Any], _streamed: bool) -> str:
    model = ResilientSpeech2TextModel(model_schemas=[])
    return model._invoke(model="m", credentials=credentials, file=io.BytesIO(b"RIFF" * 50))


def _moderation(_case: Case, credentials: dict[str, Any], _streamed: bool) -> str:
    model = ResilientModerationModel(model_schemas=[])
    return str(model._invoke(model="m", credentials=credentials, text="hi"))


_ASKS = {
    "chat": _chat,
    "embeddings": _embeddings,
    "rerank": _rerank,
    "tts": _tts,
    "stt": _stt,
    "moderation": _moderation,
}
