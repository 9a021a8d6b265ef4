"""What a model refuses by name: left out or said otherwise, repeated once, logged, remembered."""

import re
from typing import Any

import pytest

from devtools import Json, Session, system, user
from engine.compat.rules import OPTIONAL
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded
from tests.process.scripted import Asked, Scripted, answering, chunk, streaming
from tests.process.shown import ROWS

SCHEMA = '{"type": "object", "properties": {"city": {"type": "string"}}}'
JSON_ANSWER = '{"city":"北京"}'
STRUCTURED = {"structured_output_support": "supported"}
TYPED: Json = {"response_format": "json_schema", "json_schema": SCHEMA}


VALUES: Json = {
    **{name: next(iter(ROWS[name].parameters.values())) for name in OPTIONAL if name in ROWS},
    "chat_template_kwargs": {"a": 1},
    "reasoning_format": "none",
}
ALWAYS_SENT = frozenset({"stop", "user"})
CHATS = [name for name in OPTIONAL if name in VALUES or name in ALWAYS_SENT]


def ask_refusing(rig: Rig, name: str, key: str, *, stream: bool) -> Session:
    return rig.chat(
        f"openai/refuses-{name}",
        key=key,
        stream=stream,
        parameters={name: VALUES[name]} if name in VALUES else {},
        tools=ROWS[name].tools if name in ROWS else None,
        stop=["END"],
    )


def test_no_optional_parameter_is_forgotten() -> None:
    assert set(OPTIONAL) - set(CHATS) == {"return_documents"}, "that one is rerank's"


def test_every_optional_parameter(rig: Rig, stream: bool) -> None:
    """Sent once, left out at once, and from the start the next time."""
    keys = {name: new_key() for name in CHATS}
    for calls in (2, 3):
        asked = {name: ask_refusing(rig, name, key, stream=stream) for name, key in keys.items()}
        for name, session in asked.items():
            assert succeeded(session).text == WORDS, name
            sent = [name in body for body in rig.bodies(keys[name])]
            assert sent == [True, *[False] * (calls - 1)], name
    logged = "\n".join(line.message for line in rig.plugin.logs)
    for name in CHATS:
        assert f"(no {name})" in logged


@pytest.mark.parametrize("name", ["tools", "logit_bias", "tool_choice"])
def test_what_the_app_means_is_refused_in_the_gateways_words(
    rig: Rig, name: str, stream: bool
) -> None:
    session = rig.chat(
        f"openai/refuses-{name}",
        stream=stream,
        tools=ROWS["tool_choice"].tools,
        parameters={"logit_bias": {"42": -1}, "tool_choice": "auto"},
    )
    error = error_of(session)
    assert error.error_type == "InvokeBadRequestError"
    assert f"'{name}' is not supported with this model" in error.message
    assert len(rig.seen()) == 1


@pytest.mark.parametrize(
    ("model", "formats"),
    [
        ("refuses-json_schema", ["json_schema", "json_object"]),
        ("refuses-response_format", ["json_schema", "json_object", None]),
    ],
)
def test_a_schema_goes_into_the_prompt_where_it_is_refused(
    rig: Rig, model: str, formats: list[str | None], stream: bool
) -> None:
    prompt = [system("Be brief."), user("Where?")]
    for _ in range(2):
        session = rig.chat(
            f"openai/{model}", prompt, stream=stream, parameters=TYPED, fields=STRUCTURED
        )
        assert succeeded(session).text == JSON_ANSWER
    # The second call knows it from the start.
    bodies = rig.bodies()
    sent = [(body.get("response_format") or {}).get("type") for body in bodies]
    assert sent == [*formats, formats[-1]]
    for body in bodies[1:]:
        instructions, question = body["messages"]
        assert instructions["content"].startswith("Be brief.\n\nAnswer with one JSON object")
        assert instructions["content"].count(SCHEMA) == 1
        assert question == {"role": "user", "content": "Where?"}


@pytest.mark.parametrize("model", ["refuses-json_schema", "refuses-response_format"])
def test_what_one_app_found_out_changes_no_other_request(
    rig: Rig, model: str, stream: bool
) -> None:
    """The same model without a format, or with one that it knows."""
    succeeded(rig.chat(f"openai/{model}", stream=stream, parameters=TYPED, fields=STRUCTURED))
    before = len(rig.bodies())
    succeeded(rig.chat(f"openai/{model}", stream=stream))
    assert rig.bodies()[before:] == [
        {
            "model": f"openai/{model}",
            "messages": [{"role": "user", "content": "hi"}],
            "user": "u1",
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


def test_json_is_named_in_the_prompt_where_that_is_demanded(rig: Rig, stream: bool) -> None:
    """OpenAI and Qwen refuse `json_object` if no message says JSON."""
    fields = STRUCTURED
    session = rig.chat(
        "openai/ok", stream=stream, parameters={"response_format": "json_object"}, fields=fields
    )
    succeeded(session)
    (body,) = rig.bodies()
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "JSON" in body["messages"][0]["content"]


def test_stop_words_end_the_answer_here_too(rig: Rig, stream: bool) -> None:
    """A model that refuses them, or goes on after them, as some reasoning models do."""
    stop = ["\nObservation"]
    prompt = "Thought: look\nObservation: made up\nAnswer: 42"
    session = rig.chat("openai/echo", prompt, stream=stream, stop=stop)
    assert succeeded(session).text == "Thought: look"
    assert session.finish_reason == "stop"
    assert rig.bodies()[0]["stop"] == stop


def test_a_mark_for_the_cache_that_is_refused(rig: Rig, stream: bool) -> None:
    """The marks are left out of messages and tools; the tool's own words stay."""
    words = "messages.0.content.0.cache_control: Extra inputs are not permitted"
    refusal = answering(400, {"error": {"message": words, "type": "invalid_request_error"}})
    answer = streaming(chunk("yes"), chunk(finish="stop"), b"data: [DONE]\n\n")

    def script(connection: Any, asked: Asked) -> None:
        (refusal if b"cache_control" in asked.body else answer)(connection, asked)

    with Scripted(script) as server:
        fields = {"endpoint_url": server.base_url}
        parameters = {"prompt_caching": "1h"}
        for _ in range(2):
            session = rig.chat("m", stream=stream, parameters=parameters, fields=fields)
            assert succeeded(session).text == "yes"
        marks = [re.findall(rb'"cache_control":(\{.*?\})', one.body) for one in server.asked]
    assert marks == [[b'{"type":"ephemeral","ttl":"1h"}'], [], []]


def test_a_refusal_that_comes_late(rig: Rig) -> None:
    """New API answers 200 with pings, and says only then what its upstream refuses."""
    model = "new-api/ping-20-refuses-temperature"
    for _ in range(2):
        session = rig.chat(model, parameters={"temperature": 0.3})
        assert succeeded(session).text == WORDS
    assert ["temperature" in body for body in rig.bodies()] == [True, False, False]


@pytest.mark.parametrize(
    ("model", "refused", "kinds"),
    [
        ("gemini-2.5-pro", "", ["image_url"]),
        ("gemini-2.5-pro", "image_url", ["image_url", "video_url", "video_url"]),
        ("qwen3-vl-plus", "", ["video_url"]),
        ("any-alias", "video_url", ["video_url", "image_url", "image_url"]),
    ],
)
def test_a_video_in_the_words_that_arrive(
    rig: Rig, model: str, refused: str, kinds: list[str]
) -> None:
    """New API's Gemini channel passes `video_url` over without a word (seen, 2025-04)."""
    words = f"Invalid content part {refused} with media type video/mp4"
    refusal = answering(400, {"error": {"message": words, "type": "invalid_request_error"}})
    answer = streaming(chunk("a cat"), chunk(finish="stop"), b"data: [DONE]\n\n")

    def script(connection: Any, asked: Asked) -> None:
        wrong = refused and f'"{refused}"'.encode() in asked.body
        (refusal if wrong else answer)(connection, asked)

    shown = ROWS["video"]
    with Scripted(script) as server:
        fields = {**shown.fields, "endpoint_url": server.base_url}
        for _ in range(2 if refused else 1):
            session = rig.chat(model, shown.prompt, fields=fields)
            assert succeeded(session).text == "a cat"
        sent = [re.findall(rb'"type":"((?:image|video)_url)"', one.body) for one in server.asked]
    assert sent == [[kind.encode()] for kind in kinds]


def test_a_video_for_a_fallback_model_in_its_own_words(rig: Rig) -> None:
    """Which of two families answers is not known when Dify asks."""
    full = answering(429, {"error": {"message": "full", "type": "requests"}})
    answer = streaming(chunk("a cat"), chunk(finish="stop"), b"data: [DONE]\n\n")

    def script(connection: Any, asked: Asked) -> None:
        (answer if asked.json["model"].startswith("gemini") else full)(connection, asked)

    shown = ROWS["video"]
    with Scripted(script) as server:
        fields = {**shown.fields, "endpoint_url": server.base_url}
        session = rig.chat(
            "qwen3.8-max",
            shown.prompt,
            budget=1,
            fields={**fields, "fallback_models": "gemini-2.5-pro"},
        )
        assert succeeded(session).text == "a cat"
        kinds = {
            (asked.json["model"], asked.json["messages"][0]["content"][1]["type"])
            for asked in server.asked
        }
    assert kinds == {("qwen3.8-max", "video_url"), ("gemini-2.5-pro", "image_url")}


@pytest.mark.parametrize("inside", ["detail", "message"])
def test_a_server_that_takes_no_field_it_does_not_know(rig: Rig, inside: str, stream: bool) -> None:
    """FastAPI's refusals name a field by its place alone; Mistral puts them into the message."""
    answer = streaming(chunk("yes"), chunk(finish="stop"), b"data: [DONE]\n\n")

    def script(connection: Any, asked: Asked) -> None:
        unknown = [name for name in ("stream_options", "user") if name in asked.json]
        errors = [
            {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs not permitted"}
            for name in unknown
        ]
        body = {"detail": errors} if inside == "detail" else {"message": {"detail": errors}}
        (answering(422, body) if unknown else answer)(connection, asked)

    with Scripted(script) as server:
        for _ in range(2):
            session = rig.chat("m", stream=stream, fields={"endpoint_url": server.base_url})
            assert succeeded(session).text == "yes"
        assert len(server.asked) == 4
