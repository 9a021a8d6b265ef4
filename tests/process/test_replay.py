"""Reasoning that a provider wants back while its tools are at work: kept by Dify, and replayed."""

import json
from typing import Any

import pytest

from devtools import Json, Session, assistant, message, tool, user
from tests.process.rig import Rig, succeeded
from tests.process.scripted import Asked, Scripted, answering, chunk, streaming

TOOL: Json = {"name": "f", "description": "", "parameters": {"type": "object"}}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "f", "arguments": "{}"},
    "extra_content": {"google": {"thought_signature": "sig-g"}},
}
DETAILS = [
    {"type": "reasoning.text", "text": "let me ", "index": 0, "format": "anthropic"},
    {"type": "reasoning.text", "text": "think", "index": 0, "signature": "sig-a"},
    {"type": "reasoning.encrypted", "data": "xyz", "index": 1},
]
BLOCKS = [
    {"type": "thinking", "thinking": "let me ", "signature": ""},
    {"type": "thinking", "thinking": "think", "signature": "sig-l"},
    {"type": "redacted_thinking", "data": "abc"},
]
WHOLE_DETAILS = [
    {
        "type": "reasoning.text",
        "text": "let me think",
        "index": 0,
        "format": "anthropic",
        "signature": "sig-a",
    },
    DETAILS[2],
]
WHOLE_BLOCKS = [{"type": "thinking", "thinking": "let me think", "signature": "sig-l"}, BLOCKS[2]]
ANSWER = streaming(
    *(chunk(reasoning_content=word) for word in ("let me ", "think")),
    *(chunk(reasoning_details=[piece]) for piece in DETAILS),
    *(chunk(thinking_blocks=[piece]) for piece in BLOCKS),
    chunk(tool_calls=[{"index": 0, **CALL}]),
    chunk(finish="tool_calls"),
    b"data: [DONE]\n\n",
)
DONE = streaming(chunk("sunny"), chunk(finish="stop"), b"data: [DONE]\n\n")


def by_tool_result(connection: Any, asked: Asked) -> None:
    (DONE if b'"role":"tool"' in asked.body else ANSWER)(connection, asked)


def ask(rig: Rig, server: Scripted, prompt: list[Json], *, stream: bool) -> Session:
    fields = {"endpoint_url": server.base_url}
    return succeeded(rig.chat("m", prompt, stream=stream, tools=[TOOL], fields=fields))


def as_dify_keeps_it(session: Session, *, opaque: bool) -> Json:
    """The answer as a message of the next request; older Difys know no `opaque_body`."""
    calls = [
        {name: call[name] for name in ("id", "type", "function")} for call in session.tool_calls
    ]
    kept = session.chunks[-1]["delta"]["message"]["opaque_body"]
    return message(
        "assistant", session.text, tool_calls=calls, **({"opaque_body": kept} if opaque else {})
    )


def sent(server: Scripted) -> list[Json]:
    messages: list[Json] = json.loads(server.asked[-1].body)["messages"]
    return messages


def test_in_the_turn_under_way_it_is_all_replayed(rig: Rig, stream: bool) -> None:
    with Scripted(by_tool_result) as server:
        first = ask(rig, server, [user("Weather?")], stream=stream)
        assert first.text == "<think>\nlet me think\n</think>"
        history = [user("Weather?"), as_dify_keeps_it(first, opaque=True), tool("ok", "call_1")]
        assert ask(rig, server, history, stream=stream).text == "sunny"
        replayed = sent(server)[1]
    assert replayed == {
        "role": "assistant",
        "content": None,
        "tool_calls": [CALL],
        "reasoning_content": "let me think",
        "reasoning_details": WHOLE_DETAILS,
        "thinking_blocks": WHOLE_BLOCKS,
    }


def test_a_dify_that_keeps_nothing_gives_the_thoughts_back_in_the_text(
    rig: Rig, stream: bool
) -> None:
    with Scripted(by_tool_result) as server:
        first = ask(rig, server, [user("Weather?")], stream=stream)
        history = [user("Weather?"), as_dify_keeps_it(first, opaque=False), tool("ok", "call_1")]
        ask(rig, server, history, stream=stream)
        replayed = sent(server)[1]
    assert replayed["reasoning_content"] == "let me think"
    assert replayed["content"] is None
    assert "reasoning_details" not in replayed


def test_of_earlier_turns_only_what_is_signed(rig: Rig, stream: bool) -> None:
    """Thoughts in plain text cost tokens there, and some models refuse them."""
    with Scripted(by_tool_result) as server:
        first = ask(rig, server, [user("Weather?")], stream=stream)
        history = [
            user("Weather?"),
            as_dify_keeps_it(first, opaque=True),
            tool("ok", "call_1"),
            assistant("<think>\nhm\n</think>sunny"),
            user("Thanks!"),
        ]
        ask(rig, server, history, stream=stream)
        replayed = sent(server)
    assert "reasoning_content" not in replayed[1]
    assert replayed[1]["reasoning_details"] == WHOLE_DETAILS
    assert replayed[3] == {"role": "assistant", "content": "sunny"}


def test_a_strange_body_is_not_sent(rig: Rig, stream: bool) -> None:
    """Another plugin's, or anything else: a conversation may have begun with another model."""
    for strange in ("text", 7, [1], {"chat_completions": "x"}, {"responses": [{"id": "rs_1"}]}):
        history = [
            user("hi"),
            message("assistant", "yes", tool_calls=[], opaque_body=strange),
            user("hi"),
        ]
        succeeded(rig.chat("openai/ok", history, stream=stream))
        assert rig.bodies()[-1]["messages"][1] == {"role": "assistant", "content": "yes"}


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning_details", "extra_content"])
def test_where_it_is_refused_it_is_left_out(rig: Rig, name: str, stream: bool) -> None:
    words = f"messages.1.{name}: Extra inputs are not permitted"
    refusal = answering(400, {"error": {"message": words, "type": "invalid_request_error"}})

    def script(connection: Any, asked: Asked) -> None:
        if b'"role":"tool"' in asked.body and f'"{name}"'.encode() in asked.body:
            refusal(connection, asked)
        else:
            by_tool_result(connection, asked)

    with Scripted(script) as server:
        first = ask(rig, server, [user("Weather?")], stream=stream)
        history = [user("Weather?"), as_dify_keeps_it(first, opaque=True), tool("ok", "call_1")]
        assert ask(rig, server, history, stream=stream).text == "sunny"
        assert name not in json.dumps(sent(server))
        assert len(server.asked) == 3
