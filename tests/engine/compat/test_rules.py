"""What a request is repeated without, or otherwise, and what is remembered of it."""

from dataclasses import replace
from typing import Any

import pytest

from engine.apis.chat.reader import AnswerReader
from engine.compat import route_store
from engine.compat.learned import LearnedRules
from engine.compat.rules import COMPAT_RULES, OPTIONAL, RevisedRequest, rule_for
from engine.errors import Failure, kinds
from engine.request import CompatRule, Request
from engine.settings import Settings

NONE: frozenset[str] = frozenset()
PAYLOAD: dict[str, object] = {
    "model": "m",
    "messages": [{"role": "user", "content": "hi"}],
    "max_tokens": 500,
    "temperature": 1,
    "stream": True,
    "stream_options": {"include_usage": True},
}
OF_OPENAI = "Unsupported parameter: 'max_tokens' is not supported with this model."
BY_NAME = {rule.name: rule for rule in COMPAT_RULES}


def refused(words: str = "", param: str = "", status: int = 400, **more: Any) -> Failure:
    return Failure(kinds.BAD_REQUEST, status, words=words, param=param, **more)


REFUSALS: list[tuple[Failure, str | None]] = [
    (refused(f"{OF_OPENAI} Use 'max_completion_tokens' instead."), "max_completion_tokens"),
    (refused("Use max_completion_tokens instead.", "max_tokens"), "max_completion_tokens"),
    (refused(OF_OPENAI), "no max_tokens"),
    (refused("invalid value", "max_tokens"), "no max_tokens"),
    (refused("Range of max_tokens should be [1, 8192]"), "no max_tokens"),
    (refused("max_tokens: out of range", status=422), "no max_tokens"),
    (refused("Unsupported value: 'temperature' does not support 0.7"), "no temperature"),
    (refused("x", "temperature"), "no temperature"),
    (refused("Unrecognized request argument supplied: stream_options"), "no stream_options"),
    (refused("x", "stream_options"), "no stream_options"),
    (refused("stream_options: Extra inputs are not permitted", status=422), "no stream_options"),
    (refused("'stream' is not supported with this model"), "unstreamed"),
    (refused("x", "stream"), "unstreamed"),
    (Failure(kinds.TRUNCATED, 200, unstreamed=True), "unstreamed"),
    (Failure(kinds.SERVER_ERROR, 200, unstreamed=True), "unstreamed"),
    # New API had begun with pings.
    (refused(OF_OPENAI, status=200), "no max_tokens"),
    # Not a refusal of a parameter.
    (refused("messages must not be empty"), None),
    (refused("max_tokens_to_sample is too large"), None),
    (refused("the upstream failed"), None),
    (refused("streaming_mode"), None),
    (refused("temperature_unit"), None),
    (Failure(kinds.RATE_LIMITED, 429, words=OF_OPENAI), None),
    (Failure(kinds.SERVER_ERROR, 500, words=OF_OPENAI), None),
    # What is known to be a bad request stays one under a server's status (LiteLLM).
    (refused(OF_OPENAI, status=500), "no max_tokens"),
    (refused(OF_OPENAI, after_content=True), None),
    (Failure(kinds.TRUNCATED, 200, unstreamed=True, after_content=True), None),
    (Failure(kinds.CONNECT_FAILED), None),
]


def revise(request: RevisedRequest[Any], failure: Failure) -> CompatRule | None:
    """Change the request as a call does; returns the row that did it."""
    rule = request.find(failure)
    if rule is not None:
        request.apply(rule, failure)
    return rule


@pytest.mark.parametrize(("failure", "name"), REFUSALS)
def test_compat_rule_that_may_cure(failure: Failure, name: str | None) -> None:
    rule = rule_for(failure, PAYLOAD, NONE)
    assert (rule.name if rule else None) == name


@pytest.mark.parametrize(("failure", "name"), [(f, n) for f, n in REFUSALS if n])
def test_each_compat_rule_is_tried_once(failure: Failure, name: str) -> None:
    again = rule_for(failure, PAYLOAD, frozenset({name}))
    assert again is None or again.name != name


@pytest.mark.parametrize(("failure", "name"), [(f, n) for f, n in REFUSALS if n])
def test_what_was_not_sent_cannot_be_the_fault(failure: Failure, name: str) -> None:
    bare = {"model": "m", "messages": [], "stream": False}
    assert rule_for(failure, bare, NONE) is None


@pytest.mark.parametrize(
    ("name", "lost", "gained"),
    [
        ("max_completion_tokens", {"max_tokens"}, {"max_completion_tokens": 500}),
        ("no max_tokens", {"max_tokens"}, {}),
        ("no temperature", {"temperature"}, {}),
        ("no stream_options", {"stream_options"}, {}),
        ("unstreamed", {"stream_options"}, {"stream": False}),
    ],
)
def test_revised_request(name: str, lost: set[str], gained: dict[str, object]) -> None:
    before = dict(PAYLOAD)
    revised = BY_NAME[name].apply(PAYLOAD)
    kept = {key: value for key, value in before.items() if key not in lost}
    assert revised == {**kept, **gained}
    assert before == PAYLOAD, "the caller's request is not changed"
    assert BY_NAME[name].apply(revised) == revised


def test_both_parameters_are_left_out_one_after_the_other() -> None:
    first = rule_for(refused(OF_OPENAI), PAYLOAD, NONE)
    assert first is not None
    second = rule_for(refused("x", "temperature"), first.apply(PAYLOAD), frozenset({first.name}))
    assert second is not None
    assert set(PAYLOAD) - set(second.apply(first.apply(PAYLOAD))) == {"max_tokens", "temperature"}


SENT: dict[str, object] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "hm",
            "thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "s"}],
            "reasoning_details": [{"type": "reasoning.encrypted", "data": "x"}],
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "f", "arguments": "{}"},
                    "extra_content": {"google": {"thought_signature": "s"}},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "42"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}],
        },
    ],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "f",
                "strict": True,
                "parameters": {"type": "object", "properties": {"strict": {"type": "string"}}},
            },
            "cache_control": {"type": "ephemeral"},
        }
    ],
    "tool_choice": "required",
    "logit_bias": {"42": -1},
    "my_own_field": 1,
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"a": 1}}},
    **dict.fromkeys(OPTIONAL, 1),
}
"""Everything that the adapter may send."""


@pytest.mark.parametrize("name", OPTIONAL)
def test_any_optional_parameter_that_is_named(name: str) -> None:
    for failure in (
        refused(f"Unsupported parameter: '{name}' is not supported with this model."),
        refused(f"Unrecognized request argument supplied: {name}"),
        refused("invalid", name),
    ):
        rule = rule_for(failure, SENT, NONE)
        assert rule is not None
        assert rule.apply(SENT) == {key: value for key, value in SENT.items() if key != name}


def test_the_newer_name_of_the_limit_where_only_the_older_is_known() -> None:
    sent = {"model": "m", "max_completion_tokens": 9}
    words = "Unrecognized request argument supplied: max_completion_tokens"
    rule = rule_for(refused(words), sent, NONE)
    assert rule is not None
    assert rule.apply(sent) == {"model": "m", "max_tokens": 9}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Model grok-4.5 does not support parameter presencePenalty.", "no presence_penalty"),
        ("Argument not supported on this model: stop", "no stop"),
        ("API 调用参数有误，请检查文档。user 参数长度错误", "no user"),
        ("不支持的参数：seed", "no seed"),
        # Ordinary words.
        ("The user has no access. Stop sending this.", None),
        ("Model not supported: stop asking", None),
    ],
)
def test_other_ways_to_name_a_parameter(words: str, name: str | None) -> None:
    names = ("presence_penalty", "stop", "user", "seed")
    rule = rule_for(refused(words), dict.fromkeys(names, 1), NONE)
    assert (rule.name if rule else None) == name


def test_a_budget_whose_second_place_is_refused() -> None:
    """LiteLLM passes on to Anthropic what it does not know; the first place is enough there."""
    thinking = {"type": "enabled", "budget_tokens": 2048}
    sent = {"model": "m", "thinking": thinking, "reasoning": {"max_tokens": 2048}}
    rule = rule_for(refused("reasoning: Extra inputs are not permitted"), sent, NONE)
    assert rule is not None
    assert rule.apply(sent) == {"model": "m", "thinking": thinking}
    other = rule_for(refused("Unsupported parameter: 'reasoning_effort'"), sent, NONE)
    assert other is None


def test_audio_where_only_addresses_are_taken() -> None:
    def sent(data: str) -> dict[str, object]:
        audio = {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}
        content = [{"type": "text", "text": "hi"}, audio]
        return {"messages": [{"role": "user", "content": content}, {"role": "x", "content": "y"}]}

    new_api = "decode base64 audio data failed: fail to decode image config(webp): riff: missing"
    for failure in (
        refused("The provided URL does not appear to be valid."),
        Failure(kinds.SERVER_ERROR, 500, words=new_api),
    ):
        request = RevisedRequest(Request("chat/completions", sent("QUJD"), AnswerReader))
        assert revise(request, failure) is not None
        assert request.current.payload == sent("data:audio/mp3;base64,QUJD")
        assert [one.name for one in request.lasting] == ["audio as data URLs"]
        assert revise(request, failure) is None
        assert rule_for(failure, PAYLOAD, NONE) is None


def test_videos_in_the_other_words_where_theirs_are_refused() -> None:
    def sent(kind: str) -> dict[str, object]:
        video = {"type": kind, kind: {"url": "data:video/mp4;base64,QUJD"}}
        image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
        content = [{"type": "text", "text": "hi"}, image, video]
        return {"messages": [{"role": "user", "content": content}, {"role": "x", "content": "y"}]}

    no_video = refused("Invalid value: 'video_url'. Supported values are: 'text', 'image_url'.")
    no_image = refused("Unsupported MIME type video/mp4 in image_url")
    for failure, kind, other, name in (
        (no_video, "video_url", "image_url", "videos as image_url"),
        (no_image, "image_url", "video_url", "videos as video_url"),
    ):
        request = RevisedRequest(Request("chat/completions", sent(kind), AnswerReader))
        assert revise(request, failure) is not None
        assert request.current.payload == sent(other)
        assert [one.name for one in request.lasting] == [name]
        assert rule_for(failure, PAYLOAD, NONE) is None
        late = replace(failure, after_content=True)
        assert rule_for(late, sent(kind), NONE) is None


@pytest.mark.parametrize(
    "name", ["messages", "tools", "tool_choice", "logit_bias", "my_own_field", "model"]
)
def test_what_the_app_means_is_never_left_out(name: str) -> None:
    words = f"Unsupported parameter: '{name}' is not supported with this model."
    assert rule_for(refused(words, name), SENT, NONE) is None


@pytest.mark.parametrize(
    "words",
    [
        "The user has no access to this seed project",
        "Stop thinking about it: the message is empty",
        "messages: at least one user message is required",
        "Too much verbosity in the prompt",
    ],
)
def test_an_ordinary_word_is_no_parameter(words: str) -> None:
    assert rule_for(refused(words), SENT, NONE) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cache_control", "messages.3.content.0.cache_control: Extra inputs are not permitted"),
        ("strict", "tools.0.function.strict: Extra inputs are not permitted"),
        ("reasoning_content", "Unknown field 'reasoning_content' in messages[1]"),
        ("reasoning_details", "messages.1.reasoning_details: Extra inputs are not permitted"),
        ("thinking_blocks", "messages.1.thinking_blocks: Extra inputs are not permitted"),
        ("extra_content", "Unknown name \"extra_content\" at 'messages[1].tool_calls[0]'"),
    ],
)
def test_optional_fields_of_messages_and_tools(name: str, words: str) -> None:
    rule = rule_for(refused(words), SENT, NONE)
    assert rule is not None
    assert rule.name == f"no {name}"
    before = repr(SENT)
    trimmed = rule.apply(SENT)
    assert repr(SENT) == before, "the caller's request is not changed"
    assert f"'{name}': " not in repr(trimmed).replace("'strict': {'type': 'string'}", "")
    assert "'strict': {'type': 'string'}" in repr(trimmed), "a tool's own words stay"
    assert rule_for(refused(words), trimmed, NONE) is None


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        # DeepSeek takes JSON, and no schema.
        (
            "This response_format type is unavailable now",
            ["schema in the prompt, as JSON", "format in the prompt"],
        ),
        ("Unrecognized request argument supplied: response_format", ["format in the prompt"]),
        (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported",
            ["schema in the prompt, as JSON", "format in the prompt"],
        ),
    ],
)
def test_a_format_is_said_in_words_where_it_is_refused(words: str, steps: list[str]) -> None:
    request = RevisedRequest(Request("chat/completions", SENT, AnswerReader))
    for step in steps:
        rule = revise(request, refused(words))
        assert rule is not None
        assert rule.name == step
        messages = request.current.payload["messages"]
        assert isinstance(messages, list)
        assert messages[0]["content"].startswith("Be brief.\n\nAnswer with one JSON object")
        assert messages[0]["content"].count('{"a": 1}') == 1
    assert "response_format" not in request.current.payload
    assert revise(request, refused(words)) is None


@pytest.mark.parametrize(
    ("words", "lasting"),
    [
        ("Unsupported parameter: 'temperature' is not supported with this model.", True),
        ("'temperature' does not support 0.7. Only the default (1) value is supported.", True),
        ("temperature is deprecated for this model", True),
        ("Unsupported value: 'temperature' does not support '3' with this model.", False),
        ("temperature must be at most 1", False),
        ("当前模型不支持 temperature 参数", True),
        ("temperature参数非法，请检查文档", False),
        ("`temperature` is not supported when thinking is enabled", False),
        ("temperature is not supported together with top_p", False),
    ],
)
def test_only_what_a_model_never_takes_is_learned(words: str, lasting: bool) -> None:
    request = RevisedRequest(Request("chat/completions", SENT, AnswerReader))
    assert revise(request, refused(words)) is not None
    assert bool(request.lasting) == lasting


def test_an_account_that_may_not_stream_is_learned() -> None:
    request = RevisedRequest(Request("chat/completions", PAYLOAD, AnswerReader))
    words = "Your organization must be verified to stream this model."
    assert revise(request, refused(words, "stream", code="unsupported_value")) is not None
    assert request.current.payload["stream"] is False
    assert [one.name for one in request.lasting] == ["unstreamed"]


@pytest.mark.parametrize("rule", COMPAT_RULES, ids=lambda rule: rule.name)
def test_a_learned_compat_rule_leaves_alone_what_it_is_not_about(rule: CompatRule) -> None:
    """Another app of the same model may send nothing of what was refused."""
    plain: dict[str, object] = {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": False,
        "logit_bias": {"42": -1},
    }
    assert rule.apply(plain) == plain


# What is remembered.

WITHOUT_TEMPERATURE, UNSTREAMED = BY_NAME["no temperature"], BY_NAME["unstreamed"]


class Clock:
    """Seconds that pass only by the test's word."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def settings(model: str = "m", key: str = "k", endpoint: str = "https://a.example/v1") -> Settings:
    return Settings(endpoint, key, model)


def test_learned_for_this_endpoint_key_and_model_alone() -> None:
    known = LearnedRules(Clock())
    known.learn(settings(), [WITHOUT_TEMPERATURE])
    assert known.recall(settings()) == (WITHOUT_TEMPERATURE,)
    for other in (settings("n"), settings(key="l"), settings(endpoint="https://b.example/v1")):
        assert known.recall(other) == ()


@pytest.mark.parametrize("rule", COMPAT_RULES, ids=lambda rule: rule.name)
def test_learned_for_a_while(rule: CompatRule) -> None:
    clock = Clock()
    known = LearnedRules(clock)
    known.learn(settings(), [rule])
    clock.now = rule.learned_seconds - 0.001
    assert known.recall(settings()) == (rule,)
    clock.now = rule.learned_seconds
    assert known.recall(settings()) == ()


def test_an_empty_stream_is_not_learned_for_long() -> None:
    assert UNSTREAMED.learned_seconds < WITHOUT_TEMPERATURE.learned_seconds


def test_found_out_later_is_added_in_order_and_renewed() -> None:
    clock = Clock()
    known = LearnedRules(clock)
    known.learn(settings(), [WITHOUT_TEMPERATURE])
    clock.now = 3000.0
    known.learn(settings(), [UNSTREAMED, BY_NAME["no max_tokens"]])
    assert [one.name for one in known.recall(settings())] == [
        "no temperature",
        "unstreamed",
        "no max_tokens",
    ]
    clock.now = 3600.0
    assert known.recall(settings()) == (BY_NAME["no max_tokens"],)
    known.learn(settings(), [WITHOUT_TEMPERATURE])
    assert WITHOUT_TEMPERATURE in known.recall(settings())


def test_bounded_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_store, "MAX_ENTRIES", 3)
    known = LearnedRules(Clock())
    for model in ("a", "b", "c"):
        known.learn(settings(model), [UNSTREAMED])
    known.learn(settings("a"), [UNSTREAMED])
    known.learn(settings("d"), [UNSTREAMED])
    kept = [model for model in "abcd" if known.recall(settings(model))]
    assert kept == ["a", "c", "d"]


def test_holds_no_key() -> None:
    known = LearnedRules(Clock())
    known.learn(settings(key="my-secret-key"), [UNSTREAMED])
    assert "my-secret-key" not in repr(vars(known))
