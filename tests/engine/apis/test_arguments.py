"""A tool call's arguments: what has one reading is that object, what has none is nothing."""

import json

import pytest

from engine.apis.arguments import read_arguments

ONE = '{"a":"1"}'

READINGS: dict[str, tuple[list[str], object]] = {
    "none": ([], {}),
    "blank": (["", " \n"], {}),
    "null": (["null"], {}),
    "null before the true ones": (["null", ONE], {"a": "1"}),
    "an empty text": (['""'], {}),
    "in pieces": (['{"a"', ':"1"}'], {"a": "1"}),
    "said twice": ([ONE, ONE], {"a": "1"}),
    "said three times, with blanks": ([ONE, " ", ONE + "\n", ONE], {"a": "1"}),
    "said twice, in pieces": (['{"a"', ':"1"}', '{"a"', ':"1"}'], {"a": "1"}),
    "said twice, spelt in two ways": ([ONE, '{ "a": "1" }'], {"a": "1"}),
    "braces first": (["{}", ONE], {"a": "1"}),
    "braces first, in pieces": (["{}", '{"a"', ':"1"}'], {"a": "1"}),
    "braces last": ([ONE, "{}"], {"a": "1"}),
    "braces twice": (["{}", "{}"], {}),
    "encoded twice": ([json.dumps(ONE)], {"a": "1"}),
    "encoded twice, in pieces": ([json.dumps(ONE)[:5], json.dumps(ONE)[5:]], {"a": "1"}),
    "encoded three times": ([json.dumps(json.dumps(ONE))], {"a": "1"}),
    "null, encoded twice": (['"null"'], {}),
    "raw line breaks": (['{"a":"x\ny\r\n\tz"}'], {"a": "x\ny\r\n\tz"}),
    "raw line breaks, said twice": (['{"a":"x\ny"}', '{"a":"x\ny"}'], {"a": "x\ny"}),
    "each piece holds all before it": (['{"a"', '{"a":"1', ONE], {"a": "1"}),
    "half a character": (['{"a":"\ud83d"}'], {"a": "\ufffd"}),
    "a character in two pieces": (['{"a":"\ud83d', '\ude00"}'], {"a": "😀"}),
    "a list": (["[1, 2]"], [1, 2]),
}


@pytest.mark.parametrize(("deltas", "meant"), READINGS.values(), ids=READINGS)
def test_one_reading(deltas: list[str], meant: object) -> None:
    arguments = read_arguments(deltas)
    assert arguments is not None
    assert json.loads(arguments) == meant


NONE: dict[str, list[str]] = {
    "cut": ['{"a":"1'],
    "cut after braces": ["{}", '{"a":"1'],
    "two that differ": [ONE, '{"a":"2"}'],
    "whole, then cut": [ONE, '{"a":'],
    "words": ["look it up"],
    "words, as JSON": ['"look it up"'],
    "a number": ["7"],
    "true": ["true"],
    "grown, and cut": ['{"a"', '{"a":"1'],
    "nested too deeply": ['{"a":' * 100_000],
}


@pytest.mark.parametrize("deltas", NONE.values(), ids=NONE)
def test_no_reading(deltas: list[str]) -> None:
    assert read_arguments(deltas) is None


def test_what_is_valid_stays_as_it_was_sent() -> None:
    assert read_arguments(['{ "b" : 1.0,', ' "a": "\\u4f60" }']) == '{ "b" : 1.0, "a": "\\u4f60" }'
