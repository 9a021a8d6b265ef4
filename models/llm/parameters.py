"""Model parameters as Dify sends them, checked against the model's rules."""

from collections.abc import Callable, Mapping, Sequence

from dify_plugin.entities.model import ParameterRule, ParameterType
from dify_plugin.errors.model import InvokeBadRequestError

from gateway.explain import LABEL

OWN_FIELDS = frozenset({"model", "messages", "prompt", "stream", "stream_options", "tools", "user"})
"""Fields of the request that are not a parameter's to set."""

_RESPONSE_FORMATS = {"JSON": "json_object", "json_object": "json_object", "text": "text"}


def check_parameters(
    rules: Sequence[ParameterRule], sent: Mapping[str, object]
) -> dict[str, object]:
    """Check what Dify sent; what no rule declares is sent on.

    Dify does send undeclared parameters, such as ``max_tokens=500, temperature=1`` for titles.

    Raises:
        InvokeBadRequestError: a value has the wrong type or is out of range.
    """
    declared = {rule.name: rule for rule in rules}
    # Dify knows a parameter by its template too: `max_tokens` of a title call means
    # `max_completion_tokens` where the model declares that.
    aliases = {rule.use_template: rule.name for rule in rules if rule.use_template}
    sent = {
        name if name in declared else aliases.get(name, name): value for name, value in sent.items()
    }
    checked = {
        rule.name: rule.default
        for rule in rules
        if rule.required and rule.default is not None and sent.get(rule.name) is None
    }
    for name, value in sent.items():
        if value is None:
            continue
        if name in OWN_FIELDS:
            raise _refused(name, "is set by the plugin itself; take it out of the parameters")
        if name in declared:
            checked[name] = _by_rule(declared[name], value)
        else:
            checked[name] = _undeclared(name, value)
    missing = [rule.name for rule in rules if rule.required and rule.name not in checked]
    if missing:
        raise _refused(missing[0], "is required")
    return checked


def _by_rule(rule: ParameterRule, value: object) -> object:
    convert, wanted = _TYPES[rule.type]
    converted = convert(value)
    if converted is None:
        raise _refused(rule.name, f"must be {wanted}")
    if isinstance(converted, int | float) and not isinstance(converted, bool):
        if rule.min is not None and converted < rule.min:
            raise _refused(rule.name, f"must be at least {rule.min:g}")
        if rule.max is not None and converted > rule.max:
            raise _refused(rule.name, f"must be at most {rule.max:g}")
    if rule.options and converted not in rule.options:
        raise _refused(rule.name, f"must be one of {', '.join(rule.options)}")
    return converted


def _undeclared(name: str, value: object) -> object:
    if name == "response_format":
        if not isinstance(value, str) or value not in _RESPONSE_FORMATS:
            raise _refused(name, f"must be one of {', '.join(_RESPONSE_FORMATS)}")
        return _RESPONSE_FORMATS[value]
    if name not in _UNDECLARED_TYPES:
        return value
    convert, wanted = _TYPES[_UNDECLARED_TYPES[name]]
    converted = convert(value)
    if converted is None or (name == "max_tokens" and isinstance(converted, int) and converted < 1):
        raise _refused(name, f"must be {wanted}")
    return converted


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
    ParameterType.INT: (_whole_number, "a whole number"),
    ParameterType.FLOAT: (_number, "a number"),
    ParameterType.STRING: (_text, "a text"),
    ParameterType.TEXT: (_text, "a text"),
    ParameterType.BOOLEAN: (_boolean, "true or false"),
}

_UNDECLARED_TYPES = {
    "max_tokens": ParameterType.INT,
    "temperature": ParameterType.FLOAT,
    "top_p": ParameterType.FLOAT,
    "presence_penalty": ParameterType.FLOAT,
    "frequency_penalty": ParameterType.FLOAT,
}


def _refused(name: str, sentence: str) -> InvokeBadRequestError:
    return InvokeBadRequestError(
        f"{LABEL}: the model parameter {name} {sentence}. The call was not sent."
    )
