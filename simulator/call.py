"""One request as the behaviours see it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """A call for a model, with everything an answer may depend on.

    `family` and `behaviour` are the two halves of the model's name, `model` the name as it was
    sent, `nth` counts the calls of this model with this key (from 1), `rid` is the gateway's id
    of the request.
    """

    family: str
    behaviour: str
    model: str
    key: str
    endpoint: str
    """Its name in `routes.ENDPOINTS`."""
    path: str
    body: dict[str, Any] = field(repr=False)
    nth: int = 1
    rid: str = ""
    origin: str = ""
    """Scheme, host and port of this server, as in `http://127.0.0.1:8000`."""
    language: str = ""
    """`Accept-Language` as it was sent."""

    @property
    def stream(self) -> bool:
        """Whether an event stream was asked for."""
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool | None:
        """`stream_options.include_usage`, or None when the request does not say."""
        options = self.body.get("stream_options")
        return options.get("include_usage") is True if isinstance(options, dict) else None

    @property
    def prompt(self) -> str:
        """The text of the last message or item, the prompt of a completion, or what is judged."""
        messages = self.body.get("input" if self.endpoint == "responses" else "messages")
        if not isinstance(messages, list) or not messages:
            return str(self.body.get("prompt", self.body.get("input", "")))
        last = messages[-1]
        content = last.get("content") if isinstance(last, dict) else ""
        if isinstance(content, list):
            parts = [part.get("text", "") for part in content if isinstance(part, dict)]
            return "".join(str(part) for part in parts)
        return str(content or "")

    @property
    def text_size(self) -> int:
        """Characters of everything that was sent to be read by the model."""
        values = [self.body.get(name, "") for name in ("messages", "prompt", "input", "documents")]
        texts = [
            text for value in values for text in (value if isinstance(value, list) else [value])
        ]
        return sum(len(str(text)) for text in texts)
