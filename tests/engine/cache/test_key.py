"""What an answer is kept under: who asks what, and nothing else."""

from dataclasses import replace

import pytest

from engine.cache.key import cache_key
from engine.settings import Settings

SETTINGS = Settings("https://gateway.test/v1", "sk-one", "m", api_keys=("sk-one",))
PAYLOAD: dict[str, object] = {"model": "m", "messages": [{"role": "user", "content": "你好"}]}


def key_of(
    payload: dict[str, object] = PAYLOAD,
    settings: Settings = SETTINGS,
    kind: str = "llm",
    path: str = "chat/completions",
) -> str:
    return cache_key(settings, kind, path, payload)


@pytest.mark.parametrize(
    "more", [{"stream": True}, {"stream": False}, {"stream_options": {}}, {"user": "somebody"}]
)
def test_how_it_is_asked_and_for_whom_makes_no_difference(more: dict[str, object]) -> None:
    assert key_of({**PAYLOAD, **more}) == key_of()


def test_neither_does_the_order_of_fields() -> None:
    assert key_of(dict(reversed(PAYLOAD.items()))) == key_of()


def test_a_whole_number_is_the_same_however_it_is_written() -> None:
    zero, whole = ({**PAYLOAD, "temperature": number} for number in (0, 0.0))
    assert key_of(zero) == key_of(whole)
    assert key_of(zero) != key_of({**PAYLOAD, "temperature": 0.5})


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0},
        {"max_tokens": 5},
        {"seed": 1},
        {"messages": [{"role": "user", "content": "你好 "}]},
        {"messages": [{"role": "system", "content": "你好"}]},
    ],
)
def test_every_other_field_makes_one(more: dict[str, object]) -> None:
    assert key_of({**PAYLOAD, **more}) != key_of()


def test_endpoint_keys_headers_type_model_and_path_make_one() -> None:
    others = [
        key_of(settings=replace(SETTINGS, endpoint="https://gateway.test/v2")),
        key_of(settings=replace(SETTINGS, api_key="sk-two", api_keys=("sk-two",))),
        key_of(settings=replace(SETTINGS, api_keys=("sk-one", "sk-two"))),
        key_of(settings=replace(SETTINGS, model="n")),
        key_of(settings=replace(SETTINGS, extra_headers=(("X-Team", "a"),))),
        key_of(kind="rerank"),
        key_of(path="completions"),
        cache_key(SETTINGS, "llm", "chat/completions", PAYLOAD, ("END",)),
    ]
    assert len({key_of(), *others}) == 9


def test_it_shows_nothing_of_what_went_in() -> None:
    key = key_of()
    assert len(key) == 64
    assert int(key, 16) > 0


def test_half_a_character_can_be_asked() -> None:
    assert key_of({"messages": "\ud83d"}) != key_of({"messages": "\ude00"})
