"""Model parameters as Dify sends them, checked against the model's rules."""

from collections.abc import Callable, Mapping, Sequence

from dify_plugin.entities.model import ParameterRule, ParameterType

from engine import Listed, message
from models.errors import RefusedError
from models.llm.capabilities import PARAMETERS, Rule

OWN_FIELDS = frozenset(
    {"model", "messages", "prompt", "stream", "stream_options", "tools", "functions", "user"}
)
"""Fields of the request that are not a parameter's to set."""


def check_parameters(
    rules: Sequence[ParameterRule], sent: Mapping[str, object]
) -> dict[str, object]:
    """Check what Dify sent; what no rule declares is sent on.

    Dify does send undeclared parameters, such as ``max_tokens=500, temperature=1`` for titles.

    Raises:
        InvokeBadRequestError: a value has the wrong type or is out of range.
    """
    declared = {rule.name: rule for rule in rules}
    meant = _by_declared_names(declared, sent)
    checked = {
        rule.name: rule.default
        for rule in rules
        if rule.required and rule.default is not None and meant.get(rule.name) is None
    }
    for name, value in meant.items():
        if value is None or value == "":
            # An emptied field of Dify's page; no parameter has a use for it.
            continue
        if name in OWN_FIELDS:
            raise RefusedError("parameter_own", name=name)
        if name in declared:
            checked[name] = _by_rule(declared[name], value)
        else:
            checked[name] = _undeclared(name, value)
    missing = [rule.name for rule in rules if rule.required and rule.name not in checked]
    if missing:
        raise RefusedError("parameter_required", name=missing[0])
    return checked


def _by_declared_names(
    declared: Mapping[str, ParameterRule], sent: Mapping[str, object]
) -> dict[str, object]:
    """The parameters under the names by which the model knows them.

    Dify knows a parameter by its template too: ``max_tokens`` of a title call means
    ``max_completion_tokens`` where the model declares that. And an app that used another model
    still sends that one's word for thinking.
    """
    aliases = {rule.use_template: name for name, rule in declared.items() if rule.use_template}
    for name in declared:
        if name in PARAMETERS:
            aliases |= dict.fromkeys(PARAMETERS[name].stands_for, name)
    meant: dict[str, object] = {}
    for name, value in sent.items():
        known = name if name in declared else aliases.get(name, name)
        if known == name or known not in sent:
            meant[known] = value
    return meant


def _by_rule(rule: ParameterRule, value: object) -> object:
    row = PARAMETERS.get(rule.name)
    if _is_object(rule.name, value):
        return value
    value = _meant(row.rule, value) if row else value
    convert, wanted = _TYPES[rule.type]
    converted = convert(value)
    if converted is None:
        raise _of_type(rule.name, wanted)
    if isinstance(converted, int | float) and not isinstance(converted, bool):
        if rule.min is not None and converted < rule.min:
            raise RefusedError("parameter_least", name=rule.name, least=f"{rule.min:g}")
        if rule.max is not None and converted > rule.max:
            raise RefusedError("parameter_most", name=rule.name, most=f"{rule.max:g}")
    if rule.options and converted not in rule.options:
        raise RefusedError("parameter_options", name=rule.name, options=Listed(tuple(rule.options)))
    return converted


def _undeclared(name: str, value: object) -> object:
    """What is known of a parameter that the model does not declare: its type, not its range."""
    row = PARAMETERS.get(name)
    if row is None or row.rule is None or _is_object(name, value):
        return value
    value = _meant(row.rule, value)
    convert, wanted = _TYPES[row.rule.kind]
    converted = convert(value)
    if name == "response_format" and converted not in row.rule.options:
        options = Listed(tuple(row.rule.options))
        raise RefusedError("parameter_options", name=name, options=options)
    if converted is None or (name in _LIMITS and isinstance(converted, int) and converted < 1):
        raise _of_type(name, wanted)
    return converted


def _is_object(name: str, value: object) -> bool:
    """Whether it is the wire's own form of a parameter that has one."""
    return name in _OBJECTS and isinstance(value, Mapping)


def _meant(rule: Rule | None, value: object) -> object:
    """What a value means that another model's app has saved."""
    known = rule is not None and isinstance(value, str | bool)
    return rule.means.get(value, value) if rule is not None and known else value


def _whole_number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) != float("inf") and value == value else None  # noqa: PLR0124 - NaN


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


_TYPES: dict[ParameterType, tuple[Callable[[object], object], str]] = {
    ParameterType.INT: (_whole_number, "whole"),
    ParameterType.FLOAT: (_number, "number"),
    ParameterType.STRING: (_text, "text"),
    ParameterType.TEXT: (_text, "text"),
    ParameterType.BOOLEAN: (_boolean, "boolean"),
}

_OBJECTS = frozenset({"json_schema", "thinking", "tool_choice"})
"""Parameters that may come in the wire's own form."""

_LIMITS = frozenset({"max_tokens", "max_completion_tokens"})


def _of_type(name: str, wanted: str) -> RefusedError:
    return RefusedError("parameter_type", name=name, type=message(f"refusals.type.{wanted}"))
