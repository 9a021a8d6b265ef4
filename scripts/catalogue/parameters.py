"""The parameters of a chat model, as its YAML declares them.

Names, types and labels are those of `models/llm/capabilities/`; the manner (`manners.py`) says
which there are and in which range, the table's row how long an answer may be and what else is said.
"""

from typing import Any

from models.llm.capabilities import PARAMETERS
from models.llm.reasoning import ROOM_FOR_ANSWER
from scripts.catalogue.manners import MANNERS, Range
from scripts.catalogue.table import Row, TableError

ROOM = 8_192
"""Tokens that a prompt has at the end of the slider for the longest answer: vendors refuse a call
whose prompt and longest answer together are over the context."""

DEFAULT_LIMIT = 16_384
"""Where the slider stands when it is switched on; reasoning counts as answer."""

SAYS = frozenset({"tools", "json", "schema"})

SWITCHED_ON = {"thinking": "enabled", "enable_thinking": True}
"""What vendors do about thinking if it is not said."""

type Json = dict[str, Any]


def rules_of(row: Row) -> list[Json]:
    """The parameter rules of a chat model.

    Raises:
        TableError: the row names a manner or a way of saying that there is not.
    """
    if unknown := set(row.words("says")) - SAYS:
        raise TableError(f"{row.model}: says {sorted(unknown)}")
    try:
        manner = MANNERS[row.cells["manner"]]
    except KeyError:
        raise TableError(f"{row.model}: manner {row.cells['manner']!r} is unknown") from None
    rules: list[Json] = []
    for name, bounds in (("temperature", manner.temperature), ("top_p", manner.top_p)):
        if bounds is not None:
            rules.append(_ranged(name, bounds))
    if manner.top_k:
        rules.append(_ranged("top_k", Range(1, manner.top_k, 100)))
    if manner.penalties:
        rules += [_ranged(f"{kind}_penalty", Range(-2, 0, 2)) for kind in ("presence", "frequency")]
    most = min(row.count("output"), row.count("context") - ROOM)
    rules.append(_rule(manner.limit, default=min(DEFAULT_LIMIT, most), min=1, max=most))
    if manner.switch:
        rules.append(_rule(manner.switch, default=SWITCHED_ON[manner.switch]))
    if efforts := row.words("effort"):
        rules.append(_effort(efforts))
    if manner.verbosity:
        rules.append(_rule("verbosity", default="medium"))
    if manner.budget:
        rules.append(_rule("budget_tokens", max=most - ROOM_FOR_ANSWER))
    if manner.caching:
        rules.append(_rule("prompt_caching"))
    return [*rules, *_formats(row)]


def _effort(words: tuple[str, ...]) -> Json:
    default = [word.rstrip("*") for word in words if word.endswith("*")]
    options = [word.rstrip("*") for word in words]
    return _rule(
        "reasoning_effort", options=options, **({"default": default[0]} if default else {})
    )


def _formats(row: Row) -> list[Json]:
    says = row.words("says")
    if "schema" in says:
        return [_rule("response_format"), _rule("json_schema")]
    if "json" in says:
        help_text = {"en_US": "The form of the answer.", "zh_Hans": "回答的格式。"}
        return [_rule("response_format", options=["text", "json_object"], help=help_text)]
    return []


def _ranged(name: str, bounds: Range) -> Json:
    return _rule(name, default=bounds.default, min=bounds.low, max=bounds.high)


def _rule(name: str, **figures: Any) -> Json:
    """A parameter's rule without what Dify's template of it says anyway.

    Every line of these files is read at every start of the plugin.
    """
    rule = PARAMETERS[name].rule_of(**figures)
    templated = ("type", "precision", "label") if "use_template" in rule else ()
    return {key: value for key, value in rule.items() if key not in templated}
