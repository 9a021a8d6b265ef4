"""What is asked: calls of all types, to gateways that answer, refuse, make wait, break and hang."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from devtools import Json, PluginProcess, Session, credentials, predefined

PROMPTS_AGAIN = 200
"""Prompts that are asked more than once, so that a cache has something to answer."""

HUGE = "一二三四五六七八" * 40_000
"""About a megabyte as it goes over the wire."""

type Asks = Callable[[PluginProcess, str, Json, str], Session]


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of call.

    Attributes:
        name: for the report.
        share: how often it is made, beside the others.
        model: how the simulator behaves.
        ask: makes the call, of a model with a form and a prompt.
        answered: whether it has to be answered; else an error is as it should be.
        budget: its waiting budget, seconds.
        ends: whether it ends while the soak goes on; what hangs ends after minutes.
    """

    name: str
    share: int
    model: str
    ask: Asks
    answered: bool = True
    budget: float = 20.0
    ends: bool = True


def _stream(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    return plugin.chat(model, prompt, credentials=form)


def _whole(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    return plugin.chat(model, prompt, credentials=form, stream=False)


def _huge(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    return plugin.chat(model, prompt + HUGE, credentials=form)


def _embed(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    texts = [f"{prompt} {number}" for number in range(40)]
    return plugin.embed(model, texts, credentials={**form, "max_chunks": "16"})


def _rerank(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    return plugin.rerank(model, prompt, ["one", "two", "three"], credentials=form)


def _moderate(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    return plugin.moderate(model, prompt, credentials=form)


def _speak(plugin: PluginProcess, model: str, form: Json, prompt: str) -> Session:
    return plugin.speak(model, prompt, credentials=form)


def _transcribe(plugin: PluginProcess, model: str, form: Json, _prompt: str) -> Session:
    return plugin.transcribe(model, b"ID3" + bytes(20_000), credentials=form)


def _save(plugin: PluginProcess, _model: str, form: Json, _prompt: str) -> Session:
    return plugin.validate_provider(predefined(form["endpoint_url"], form["api_key"]))


MIX = (
    Row("chat, streamed", 30, "openai/ok", _stream),
    Row("chat, whole", 20, "openai/ok", _whole),
    Row("chat, long", 4, "openai/tokens-400", _stream),
    Row("chat, huge prompt", 1, "openai/ok", _huge),
    Row("saturated, then not", 8, "rix/sat-2-then-ok", _stream),
    Row("saturated for good", 4, "rix/sat-forever", _whole, answered=False, budget=2),
    Row("told to wait", 4, "rix/sat-1-then-ok-ra-1", _stream),
    Row("broken", 4, "openai/e500", _stream, answered=False, budget=2),
    Row("broken off", 2, "openai/cut-after-content", _stream, answered=False, budget=2),
    Row("refused", 4, "openai/e400", _whole, answered=False, budget=2),
    Row("silent", 1, "openai/hang", _stream, answered=False, budget=2, ends=False),
    Row("embeddings", 6, "openai/ok", _embed),
    Row("rerank", 3, "openai/ok", _rerank),
    Row("moderation", 2, "openai/ok", _moderate),
    Row("speech", 2, "openai/ok", _speak),
    Row("transcription", 2, "openai/ok", _transcribe),
    Row("a form saved", 1, "openai/ok", _save),
)


class Mix:
    """Draws calls; the same seed draws the same.

    Args:
        base_url: of the simulator.
        keys: how many ask.
        seed: of all chance.
    """

    def __init__(self, base_url: str, keys: int, seed: int = 1) -> None:
        self.base_url = base_url
        self._keys = keys
        self._rng = Random(seed)
        self._shares = [row.share for row in MIX]
        self._calls = 0

    def call(self, plugin: PluginProcess) -> tuple[Row, Session]:
        """Make the next call."""
        rng, self._calls = self._rng, self._calls + 1
        row = rng.choices(MIX, self._shares)[0]
        key = f"sk-good-p{rng.randrange(self._keys)}"
        cache = {"cache_ttl_seconds": "120", "cache_scope": "all"} if rng.random() < 0.5 else {}
        form = credentials(self.base_url, key, max_retry_seconds=f"{row.budget:g}", **cache)
        again = rng.random() < 0.3
        number = rng.randrange(PROMPTS_AGAIN) if again else f"{self._calls} once"
        return row, row.ask(plugin, row.model, form, f"question {number}")
