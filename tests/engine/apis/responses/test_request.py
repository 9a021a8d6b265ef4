"""A chat request in the words of the Responses API."""

import copy
from typing import Any

import pytest

from engine.apis.chat.request import chat_request
from engine.apis.responses.chat import responses_request
from engine.apis.responses.request import responses_payload
from engine.apis.stop import stop_words

USER = {"role": "user", "content": "hi"}
PICTURE = "data:image/png;base64,QUJD"


def converted(**fields: Any) -> dict[str, Any]:
    chat = {"model": "m", "messages": [USER], **fields}
    before = copy.deepcopy(chat)
    payload = responses_payload(chat)
    assert chat == before
    return payload


def test_a_plain_question() -> None:
    payload = converted(stream=True, stream_options={"include_usage": True}, user="person-9")
    assert payload == {
        "model": "m",
        "input": [{"role": "user", "content": "hi"}],
        "stream": True,
        "store": False,
        "user": "person-9",
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"max_tokens": 500}, {"max_output_tokens": 500}),
        ({"max_completion_tokens": 500}, {"max_output_tokens": 500}),
        ({"max_tokens": 1}, {"max_output_tokens": 16}),
        ({"temperature": 0.3, "top_p": 0.9}, {"temperature": 0.3, "top_p": 0.9}),
        ({"verbosity": "low"}, {"text": {"verbosity": "low"}}),
        (
            {"response_format": {"type": "text"}, "verbosity": "high"},
            {"text": {"format": {"type": "text"}, "verbosity": "high"}},
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True},
                }
            },
            {
                "text": {
                    "format": {
                        "type": "json_schema",
                        "name": "n",
                        "schema": {"type": "object"},
                        "strict": True,
                    }
                }
            },
        ),
        (
            {"reasoning_effort": "high"},
            {
                "reasoning": {"effort": "high", "summary": "auto"},
                "include": ["reasoning.encrypted_content"],
            },
        ),
        (
            {"reasoning_effort": "none"},
            {"reasoning": {"effort": "none"}, "include": ["reasoning.encrypted_content"]},
        ),
        # What a user typed into the extra fields in this API's own words wins.
        (
            {"reasoning": {"summary": "detailed"}, "reasoning_effort": "low", "include": []},
            {"reasoning": {"effort": "low", "summary": "detailed"}, "include": []},
        ),
        ({"text": {"verbosity": "low"}, "verbosity": "high"}, {"text": {"verbosity": "low"}}),
        ({"store": True, "prompt_cache_key": "k"}, {"store": True, "prompt_cache_key": "k"}),
        ({"parallel_tool_calls": False}, {"parallel_tool_calls": False}),
    ],
)
def test_each_parameter(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    plain = converted()
    assert converted(**fields) == plain | expected


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("required", "required"),
        ("none", "none"),
        (
            {"type": "function", "function": {"name": "get_time"}},
            {"type": "function", "name": "get_time"},
        ),
        ({"type": "web_search"}, {"type": "web_search"}),
    ],
)
def test_tools_are_flat_and_not_strict_unless_told(choice: object, expected: object) -> None:
    function = {"name": "get_time", "description": "d", "parameters": {"type": "object"}}
    payload = converted(
        tools=[
            {"type": "function", "function": function, "cache_control": {"type": "ephemeral"}},
            {"type": "function", "function": {**function, "strict": True}},
            {"type": "web_search"},
        ],
        tool_choice=choice,
    )
    flat = {"type": "function", **function}
    assert payload["tools"] == [
        {**flat, "strict": False},
        {**flat, "strict": True},
        {"type": "web_search"},
    ]
    assert payload["tool_choice"] == expected


def test_a_conversation_with_tools() -> None:
    call = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city":"北京"}'},
    }
    payload = converted(
        messages=[
            {"role": "system", "content": "Be kind."},
            {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
            {"role": "user", "content": "Weather?", "name": "li"},
            {"role": "assistant", "content": "Let me look.", "tool_calls": [call]},
            {"role": "tool", "content": "sunny", "tool_call_id": "call_1", "name": "get_weather"},
            {"role": "assistant", "content": None, "tool_calls": [{**call, "id": "call_2"}]},
            {"role": "tool", "content": "", "tool_call_id": "call_2"},
            {"role": "assistant", "content": [{"type": "text", "text": "Sunny."}]},
            {"role": "system", "content": "Now in French."},
            {"role": "user", "content": "And now?"},
        ]
    )
    said = {"type": "function_call", "name": "get_weather", "arguments": '{"city":"北京"}'}
    assert payload["instructions"] == "Be kind.\n\nBe brief."
    assert payload["input"] == [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": "Let me look."},
        {**said, "call_id": "call_1"},
        {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
        {**said, "call_id": "call_2"},
        {"type": "function_call_output", "call_id": "call_2", "output": ""},
        {"role": "assistant", "content": "Sunny."},
        {"role": "system", "content": "Now in French."},
        {"role": "user", "content": "And now?"},
    ]


def test_parts_of_a_message() -> None:
    video = {"type": "video_url", "video_url": {"url": "https://example.com/v.mp4"}}
    parts = [
        {"type": "text", "text": "What is this?", "cache_control": {"type": "ephemeral"}},
        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "high"}},
        {"type": "image_url", "image_url": "https://example.com/a.png"},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;x"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "https://example.com/a.pdf"}},
        video,
    ]
    payload = converted(messages=[{"role": "user", "content": parts}])
    assert payload["input"][0]["content"] == [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": PICTURE, "detail": "high"},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;x"},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
        video,
    ]


def test_instructions_alone_are_the_input() -> None:
    payload = converted(messages=[{"role": "system", "content": "Tell a joke."}])
    assert payload["input"] == [{"role": "system", "content": "Tell a joke."}]
    assert "instructions" not in payload


def test_instructions_stay_in_the_input_where_openai_looks_for_the_word_json() -> None:
    payload = converted(
        messages=[{"role": "system", "content": "Answer in JSON."}, USER],
        response_format={"type": "json_object"},
    )
    assert payload["input"] == [{"role": "system", "content": "Answer in JSON."}, USER]
    assert "instructions" not in payload
    assert payload["text"] == {"format": {"type": "json_object"}}


@pytest.mark.parametrize(
    ("stop", "words"),
    [("END", ("END",)), (["a", "", "b"], ("a", "b")), (None, ()), ("", ())],
)
def test_stop_words_are_not_sent(stop: object, words: tuple[str, ...]) -> None:
    assert stop_words({"stop": stop}) == words
    assert "stop" not in converted(stop=stop)


def test_an_answer_that_was_cut_here_is_not_kept_for_those_who_want_all_of_it() -> None:
    question = {"model": "m", "messages": [USER]}
    whole = chat_request(question, "responses")
    cut = chat_request({**question, "stop": ["END"]}, "responses")
    assert whole.payload == cut.payload
    assert (whole.applied, cut.applied) == ((), ("END",))


def test_where_it_is_asked() -> None:
    request = responses_request({"model": "m", "messages": [USER], "user": "u"})
    assert request.path == "responses"
    assert request.user == "u"
    assert request.size > 0
    assert request.with_model("n").payload["model"] == "n"
