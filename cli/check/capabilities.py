"""What really works: one short request each, through the engine, in no queue, without retries."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cli.check.outcome import Outcome, Verdict, failed
from cli.check.wire import call_limits
from cli.check.words import SAY
from engine.apis.chat.request import chat_request
from engine.apis.embeddings import embeddings_request
from engine.apis.rerank import rerank_request
from engine.apis.text_answer import Finish
from engine.call.attempt import Closable
from engine.call.unqueued import UnqueuedCall
from engine.compat.rules import RevisedRequest
from engine.delta import ContentKind, Delta
from engine.errors import AttemptError, Language
from engine.errors.kinds import WRONG_API, WRONG_URL
from engine.http.transport import Transport
from engine.operations.validate_questions import send_once
from engine.request import Payload, Request
from engine.settings import Settings

FEW_TOKENS = 16
"""Of an answer that only has to begin."""

ENOUGH_TOKENS = 256
"""For an answer that has to be complete: a tool call, a JSON object."""

_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
_FIELD = "city"
_SCHEMA = {
    "name": "answer",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {_FIELD: {"type": "string"}},
        "required": [_FIELD],
        "additionalProperties": False,
    },
}
_DOCUMENTS = ["Paris is the capital of France.", "Bread is baked."]


@dataclass(frozen=True, slots=True)
class Asking:
    """What the requests of a check have in common."""

    transport: Transport
    settings: Settings
    language: Language

    def ask[Result](self, request: Request[Result], heard: "Heard") -> Result:
        """Send one request, revised where the gateway names what it refuses.

        Raises:
            AttemptError: it failed.
        """
        model = str(request.payload["model"])
        revised = RevisedRequest(request)
        settings = self.settings.with_model(model)
        limits = call_limits()
        return UnqueuedCall(limits.until).run(
            lambda: send_once(self.transport, settings, revised, heard, limits), revised
        )


@dataclass(slots=True)
class Heard:
    """A sink that notes what arrives, and when the first of it did."""

    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    texts: list[str] = field(default_factory=list)
    closed: bool = False

    def put(self, pieces: list[Delta]) -> None:
        """Take pieces of the answer."""
        if self.first is None:
            self.first = time.monotonic() - self.began
        self.texts += [piece.text for piece in pieces if piece.content_kind is ContentKind.TEXT]

    def read_from(self, source: Closable | None) -> None:
        """Nobody ends a check's read."""


type Try = Callable[[Asking, str], Outcome]
"""Tries one thing with a model."""


def try_chat(asking: Asking, model: str) -> Outcome:
    """A whole answer, not streamed."""
    heard = Heard()
    finish = asking.ask(chat_request(_question(model, "Say: ok", stream=False)), heard)
    text = _answered(asking, model, finish)
    return Outcome("chat", Verdict.OK, text, seconds=time.monotonic() - heard.began)


def try_stream(asking: Asking, model: str) -> Outcome:
    """A streamed answer with a finish reason."""
    heard = Heard()
    finish = asking.ask(chat_request(_question(model, "Count to five.", stream=True)), heard)
    text = _answered(asking, model, finish)
    if heard.first is not None:
        text += SAY["first_token"].say(asking.language).format(seconds=heard.first)
    return Outcome("stream", Verdict.OK, text, seconds=time.monotonic() - heard.began)


def try_tools(asking: Asking, model: str) -> Outcome:
    """A tool call in a stream."""
    question = "What is the weather in Paris? Use the tool."
    payload = _question(model, question, stream=True, max_tokens=ENOUGH_TOKENS)
    finish = asking.ask(chat_request({**payload, "tools": [_TOOL]}), Heard())
    if finish.tool_calls:
        return _works(asking, "tools", "tools_ok", model)
    return Outcome("tools", Verdict.NOTE, SAY["tools_no"].say(asking.language).format(model=model))


def try_structured(asking: Asking, model: str) -> Outcome:
    """An answer that keeps to a JSON schema."""
    heard = Heard()
    question = "Which city is the capital of France? Answer in JSON."
    payload = _question(model, question, stream=True, max_tokens=ENOUGH_TOKENS)
    wanted = {"type": "json_schema", "json_schema": _SCHEMA}
    asking.ask(chat_request({**payload, "response_format": wanted}), heard)
    if _keeps_to_schema("".join(heard.texts)):
        return _works(asking, "structured", "json_ok", model)
    text = SAY["json_no"].say(asking.language).format(model=model)
    return Outcome("structured", Verdict.NOTE, text)


def try_embeddings(asking: Asking, model: str) -> Outcome:
    """A vector for a text."""
    vector = asking.ask(embeddings_request(model, ["ping"]), Heard()).vectors[0]
    return _works(asking, "embeddings", "vectors", model, size=len(vector))


def try_rerank(asking: Asking, model: str) -> Outcome:
    """Two documents in order."""
    asking.ask(rerank_request(model, "The capital of France", _DOCUMENTS), Heard())
    return _works(asking, "rerank", "ranked", model)


TRIES: tuple[tuple[str, str, Try], ...] = (
    ("chat", "llm", try_chat),
    ("stream", "llm", try_stream),
    ("tools", "llm", try_tools),
    ("structured", "llm", try_structured),
    ("embeddings", "text-embedding", try_embeddings),
    ("rerank", "rerank", try_rerank),
)
"""Name, the type of model that it needs, and how it is tried."""


def attempt(name: str, attempted: Try, asking: Asking, model: str) -> Outcome:
    """Try one thing; a failure is a line too."""
    try:
        return attempted(asking, model)
    except AttemptError as error:
        failure = error.failure
        if failure.kind in (WRONG_API, WRONG_URL) and name != "chat":
            # The address is right, as the list of models came from there.
            text = SAY["no_endpoint"].say(asking.language)
            return Outcome(name, Verdict.NOTE, text, kind=failure.kind.name)
        outcome = failed(name, failure, asking.language)
        return replace(outcome, text=f"{model}: {outcome.text}")


def _works(asking: Asking, name: str, sentence: str, model: str, **values: object) -> Outcome:
    text = SAY[sentence].say(asking.language).format(model=model, **values)
    return Outcome(name, Verdict.OK, text)


def _answered(asking: Asking, model: str, finish: Finish) -> str:
    sentence = "answered_length" if finish.reason == "length" else "answered"
    return SAY[sentence].say(asking.language).format(model=model)


def _question(model: str, text: str, *, stream: bool, max_tokens: int = FEW_TOKENS) -> Payload:
    options: Payload = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    messages = [{"role": "user", "content": text}]
    return {"model": model, "messages": messages, "max_tokens": max_tokens, **options}


def _keeps_to_schema(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and set(value) == {_FIELD} and isinstance(value[_FIELD], str)
