"""Fields and headers that a user adds to every request."""

import json
from typing import Any

import pytest

from engine.apis.chat.reader import AnswerReader
from engine.request import Request
from engine.settings import SettingsError, parse_settings
from engine.settings.extras import (
    MAX_EXTRA_CHARACTERS,
    MAX_EXTRA_LEVELS,
    OWN_BODY_FIELDS,
    parse_extra_body,
    parse_extra_headers,
)

REFUSED = [
    "Authorization",
    "authorization",
    "HOST",
    "Cookie",
    "Connection",
    "Keep-Alive",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Proxy-Authorization",
    "Content-Length",
    "Content-Type",
    "Content-Encoding",
    "Accept-Encoding",
    "Expect",
]


def headers(value: object) -> tuple[tuple[str, str], ...]:
    return parse_extra_headers({"extra_headers": json.dumps(value)})


@pytest.mark.parametrize("typed", ["", "  ", None, "{}"])
def test_nothing(typed: str | None) -> None:
    assert parse_extra_body({"extra_body": typed}) == {}
    assert parse_extra_headers({"extra_headers": typed}) == ()


def test_headers_in_their_order() -> None:
    found = headers({"X-Team": "search", "HTTP-Referer": "https://dify.example.com"})
    assert found == (("X-Team", "search"), ("HTTP-Referer", "https://dify.example.com"))


@pytest.mark.parametrize("name", REFUSED)
def test_header_that_is_not_the_users(name: str) -> None:
    with pytest.raises(SettingsError, match=f"Extra Headers: remove {name}"):
        headers({name: "x"})


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"X Team": "a"}, "is not a valid header name"),
        ({"": "a"}, "is not a valid header name"),
        ({"X-Team\r\nHost": "a"}, "is not a valid header name"),
        ({"X-Team": "a\r\nHost: b"}, "must be a text of ASCII"),
        ({"X-Team": "团队"}, "must be a text of ASCII"),
        ({"X-Team": 7}, "must be a text of ASCII"),
        ({"X-Team": None}, "must be a text of ASCII"),
        ({"X-Team": ""}, "must be a text of ASCII"),
        (["X-Team"], "must be a JSON object"),
        ("X-Team: a", "must be a JSON object"),
    ],
)
def test_no_headers(value: object, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as no:
        headers(value)
    assert no.value.variable == "extra_headers"


@pytest.mark.parametrize(
    "typed",
    ["{", "[1]", '"x"', "7", "null", '{"a": NaN}', '{"a": 1, "a": 2}', "[" * 100_000, "{'a': 1}"],
    ids=lambda typed: str(typed)[:12],
)
def test_no_json_object(typed: str) -> None:
    with pytest.raises(SettingsError, match="Extra Body") as no:
        parse_extra_body({"extra_body": typed})
    assert no.value.variable == "extra_body"


@pytest.mark.parametrize("name", sorted(OWN_BODY_FIELDS))
def test_what_the_app_asks_is_not_to_be_set(name: str) -> None:
    with pytest.raises(SettingsError, match=f"may not set {name}"):
        parse_extra_body({"extra_body": json.dumps({name: "x"})})


def test_longest() -> None:
    with pytest.raises(SettingsError, match="longer than"):
        parse_extra_body({"extra_body": json.dumps({"a": "x" * MAX_EXTRA_CHARACTERS})})


def test_neither_is_part_of_a_repr() -> None:
    settings = parse_settings(
        {
            "endpoint_url": "https://a.example.com",
            "api_key": "sk-1",
            "extra_headers": '{"X-Secret": "hush-hush"}',
            "extra_body": '{"note": "hush-hush"}',
        },
        "m",
    )
    assert "hush" not in repr(settings)
    assert settings.secrets == ("sk-1", "hush-hush")


@pytest.mark.parametrize(
    ("extra", "merged"),
    [
        ({}, {"a": 1, "o": {"x": 1, "y": {"z": 1}}, "l": [1], "user": "u"}),
        ({"b": 2}, {"a": 1, "b": 2, "o": {"x": 1, "y": {"z": 1}}, "l": [1], "user": "u"}),
        ({"a": 2, "user": "v"}, {"a": 2, "o": {"x": 1, "y": {"z": 1}}, "l": [1], "user": "v"}),
        ({"a": None, "user": None}, {"o": {"x": 1, "y": {"z": 1}}, "l": [1]}),
        (
            {"o": {"y": {"w": 2}}},
            {"a": 1, "o": {"x": 1, "y": {"z": 1, "w": 2}}, "l": [1], "user": "u"},
        ),
        ({"o": {"x": None}}, {"a": 1, "o": {"y": {"z": 1}}, "l": [1], "user": "u"}),
        ({"o": 3}, {"a": 1, "o": 3, "l": [1], "user": "u"}),
        ({"l": [2]}, {"a": 1, "o": {"x": 1, "y": {"z": 1}}, "l": [1, 2], "user": "u"}),
        ({"n": None}, {"a": 1, "o": {"x": 1, "y": {"z": 1}}, "l": [1], "user": "u"}),
    ],
)
def test_added_to_a_request(extra: dict[str, Any], merged: dict[str, Any]) -> None:
    payload: dict[str, Any] = {"a": 1, "o": {"x": 1, "y": {"z": 1}}, "l": [1], "user": "u"}
    before = json.dumps(payload)
    request = Request("chat/completions", payload, AnswerReader).extended(extra)
    assert request.payload == merged
    assert json.dumps(payload) == before, "the caller's request is not changed"
    assert request.user == "u", "callers are told apart also where the body does not name them"


@pytest.mark.parametrize("levels", [MAX_EXTRA_LEVELS + 2, 3000, 8000])
def test_what_is_nested_too_deep_is_refused_when_it_is_read(levels: int) -> None:
    with pytest.raises(SettingsError, match=f"more than {MAX_EXTRA_LEVELS} levels deep"):
        parse_extra_body({"extra_body": '{"a":' + "[" * levels + "]" * levels + "}"})


def test_what_is_nested_as_deep_as_it_may_can_be_sent() -> None:
    typed = '{"a":' + "[" * (MAX_EXTRA_LEVELS - 1) + "]" * (MAX_EXTRA_LEVELS - 1) + "}"
    assert json.dumps(parse_extra_body({"extra_body": typed}), separators=(",", ":")) == typed
