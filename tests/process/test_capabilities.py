"""Each row of the table of capabilities through the process: the exact request, and the answer."""

from typing import Any

import pytest

from devtools import Json, Session
from models.llm.capabilities import CAPABILITIES
from tests.process.rig import WORDS, Rig, new_key, succeeded
from tests.process.shown import ROWS, Shown


def ask(rig: Rig, model: str, key: str, shown: Shown, *, stream: bool) -> Session:
    fields = {**shown.fields, **({"endpoint_model_name": model} if shown.named else {})}
    return rig.chat(
        shown.named or model,
        shown.prompt,
        key=key,
        stream=stream,
        budget=20,
        parameters=shown.parameters,
        fields=fields,
        tools=shown.tools,
    )


def request_of(model: str, shown: Shown) -> Json:
    return {
        "model": model,
        "messages": shown.messages,
        "user": "u1",
        "stream": True,
        "stream_options": {"include_usage": True},
        **shown.sends,
    }


def calls_of(session: Session) -> list[tuple[Any, Any]]:
    return [
        (call["function"]["name"], call["function"]["arguments"]) for call in session.tool_calls
    ]


def test_every_row_is_shown() -> None:
    assert list(ROWS) == [row.name for row in CAPABILITIES]


@pytest.mark.parametrize("first", ["", "sat-1-then-"], ids=["at once", "after a 429"])
def test_every_row_on_the_wire(rig: Rig, first: str, stream: bool) -> None:
    """All at once, each with a key of its own; a second request is the first one again."""
    asked = {}
    for name, shown in ROWS.items():
        model = f"openai/{first}{shown.answer}{'-rams-20' if first else ''}"
        key = new_key()
        asked[name] = (model, key, ask(rig, model, key, shown, stream=stream))
    for name, (model, key, session) in asked.items():
        shown = ROWS[name]
        succeeded(session)
        wanted = request_of(model, shown)
        assert rig.bodies(key) == [wanted] * (2 if first else 1), name
        assert calls_of(session) == shown.calls, name
        assert session.text == (WORDS if shown.text is None else shown.text), name
