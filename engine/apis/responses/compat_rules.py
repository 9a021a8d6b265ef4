"""What to leave out of a request to the Responses API, or to say otherwise, when it is refused.

Upstreams differ in this API more than in any other: models that do not think, accounts that may
not see thoughts, Codex channels, gateways that hand the next request to another account.
"""

import re
from collections.abc import Callable, Mapping

from engine.apis.responses.request import ENCRYPTED_REASONING
from engine.compat.json_mode import in_words
from engine.compat.refused import names
from engine.compat.rules import leaves_no_room, refuses, without
from engine.errors import Failure
from engine.request import CompatRule, Payload

_AN_HOUR = 3600.0

type _Suits = Callable[[Failure, Mapping[str, object]], bool]
type _Apply = Callable[[Mapping[str, object]], Payload]

_REQUIRED = re.compile(r"required|must be|missing", re.IGNORECASE)
_REASONING_LOST = re.compile(
    r"encrypted content.{0,80}could not be|of type 'reasoning' was provided without"
    r"|'?rs_\w+'? not found",
    re.IGNORECASE,
)


def _within(group: str, field: str) -> tuple[_Suits, _Apply]:
    """Leaves a field of a group out, and a group that has become empty."""

    def suits(failure: Failure, payload: Mapping[str, object]) -> bool:
        return field in _group(payload, group) and names(failure, f"{group}.{field}")

    def apply(payload: Mapping[str, object]) -> Payload:
        rest = {name: value for name, value in _group(payload, group).items() if name != field}
        return {**without(group)(payload), **({group: rest} if rest else {})}

    return suits, apply


def _group(payload: Mapping[str, object], name: str) -> Mapping[str, object]:
    group = payload.get(name)
    return group if isinstance(group, Mapping) else {}


def _hides_thoughts(failure: Failure, payload: Mapping[str, object]) -> bool:
    return "summary" in _group(payload, "reasoning") and (
        names(failure, "reasoning.summary") or names(failure, "reasoning summaries")
    )


def _refuses_encryption(failure: Failure, payload: Mapping[str, object]) -> bool:
    wanted = payload.get("include")
    return (
        isinstance(wanted, list)
        and ENCRYPTED_REASONING in wanted
        and (_quotes("include")(failure, payload) or names(failure, "encrypted content"))
    )


def _without_encryption(payload: Mapping[str, object]) -> Payload:
    wanted = payload.get("include")
    kept = [one for one in wanted if one != ENCRYPTED_REASONING] if isinstance(wanted, list) else []
    return {**without("include")(payload), **({"include": kept} if kept else {})}


def _without_thinking(payload: Mapping[str, object]) -> Payload:
    return _without_encryption(without("reasoning")(payload))


def _lost_reasoning(failure: Failure, payload: Mapping[str, object]) -> bool:
    items = payload.get("input")
    return (
        isinstance(items, list)
        and any(_is_reasoning(item) for item in items)
        and (
            failure.code == "invalid_encrypted_content"
            or _REASONING_LOST.search(failure.words) is not None
        )
    )


def _without_reasoning_items(payload: Mapping[str, object]) -> Payload:
    items = payload.get("input")
    if not isinstance(items, list):
        return dict(payload)
    return {**payload, "input": [item for item in items if not _is_reasoning(item)]}


def _is_reasoning(item: object) -> bool:
    return isinstance(item, Mapping) and item.get("type") == "reasoning"


def _instructions_in_input(payload: Mapping[str, object]) -> Payload:
    items = payload.get("input")
    if "instructions" not in payload or not isinstance(items, list):
        return dict(payload)
    first = {"role": "system", "content": payload["instructions"]}
    return {**without("instructions")(payload), "input": [first, *items]}


def _refuses_system(failure: Failure, payload: Mapping[str, object]) -> bool:
    return _as_developer(payload) != payload and names(failure, "system messages")


def _as_developer(payload: Mapping[str, object]) -> Payload:
    items = payload.get("input")
    if not isinstance(items, list):
        return dict(payload)
    told = [
        {**item, "role": "developer"}
        if isinstance(item, Mapping) and item.get("role") == "system"
        else item
        for item in items
    ]
    return {**payload, "input": told}


def _with_instructions(payload: Mapping[str, object]) -> Payload:
    # What is remembered of a model is applied to its chat requests too.
    return {"instructions": "", **payload} if "input" in payload else dict(payload)


def _misses_instructions(failure: Failure, payload: Mapping[str, object]) -> bool:
    return (
        "instructions" not in payload
        and names(failure, "instructions")
        and _REQUIRED.search(failure.words) is not None
    )


def _refuses_format(failure: Failure, payload: Mapping[str, object]) -> bool:
    return "format" in _group(payload, "text") and (
        failure.param.startswith("text")
        or any(names(failure, name) for name in ("text.format", "response_format", "json_schema"))
    )


def _format_in_words(payload: Mapping[str, object]) -> Payload:
    """The instruction that chat gets in this case stands at the end of the instructions."""
    text = dict(_group(payload, "text"))
    form = text.pop("format", None)
    rest = {**without("text")(payload), **({"text": text} if text else {})}
    if not isinstance(form, dict):
        return rest
    wanted = {"type": form.get("type"), "json_schema": {"schema": form.get("schema")}}
    told = in_words({"response_format": wanted, "messages": []}).get("messages")
    for message in told if isinstance(told, list) else ():
        before = rest.get("instructions")
        rest["instructions"] = "\n\n".join(filter(None, (str(before or ""), message["content"])))
    return rest


def _quotes(parameter: str) -> _Suits:
    """Refused under its name in quotation marks or as ``param``: the bare word may be prose."""
    quoted = re.compile(
        rf"['\"`]{parameter}['\"`]|(?:parameter|argument|field)s?\b[^.:]{{0,40}}: ?{parameter}\b",
        re.IGNORECASE,
    )

    def suits(failure: Failure, payload: Mapping[str, object]) -> bool:
        return (
            parameter in payload
            and names(failure, parameter)
            and (failure.param == parameter or quoted.search(failure.words) is not None)
        )

    return suits


def _row(name: str, suits: _Suits, apply: _Apply, *, always: bool = False) -> CompatRule:
    return CompatRule(name, suits, apply, _AN_HOUR, always)


COMPAT_RULES: tuple[CompatRule, ...] = (
    _row("no reasoning items", _lost_reasoning, _without_reasoning_items),
    _row("no reasoning.summary", _hides_thoughts, _within("reasoning", "summary")[1], always=True),
    _row("no reasoning.effort", *_within("reasoning", "effort")),
    _row("no reasoning", refuses("reasoning"), _without_thinking),
    _row("no encrypted reasoning", _refuses_encryption, _without_encryption, always=True),
    _row("no max_output_tokens", refuses("max_output_tokens"), without("max_output_tokens")),
    _row(
        "no max_output_tokens, which leaves no room",
        leaves_no_room("max_output_tokens"),
        without("max_output_tokens"),
    ),
    _row("instructions in the input", _quotes("instructions"), _instructions_in_input),
    # Codex channels; and where an app gives no instructions.
    _row("developer messages", _refuses_system, _as_developer, always=True),
    _row("empty instructions", _misses_instructions, _with_instructions, always=True),
    _row("no text.verbosity", *_within("text", "verbosity")),
    _row("text.format in words", _refuses_format, _format_in_words),
    _row("no store", _quotes("store"), without("store")),
)
"""Each is tried once in a call, in this order of preference."""
