"""What a row of the table says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dify_plugin.entities.model import ModelFeature, ParameterRule, ParameterType
from dify_plugin.entities.model.message import PromptMessageContent

type Payload = dict[str, Any]
type Write = Callable[[Payload, Any], None]


@dataclass(frozen=True, slots=True)
class Input:
    """What a prompt may hold besides text.

    Attributes:
        part: Dify's class of it.
        wire: how it is sent.
    """

    part: type[PromptMessageContent]
    wire: Callable[[Any], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter as Dify's page offers it; figures are those of an unknown model.

    Of what no model offers a control for, and only apps of other plugins have saved, nothing but
    the type is said.

    Attributes:
        kind: type of its value.
        label: English and Chinese; empty where Dify's template has one.
        help: the same; empty too where only predefined models offer it, whose files leave it out.
        template: name of Dify's template, by which Dify knows the parameter too.
        default: where the slider begins; nothing is sent until the user switches it on.
        options: values to choose from.
        means: what further values mean that other models' apps have saved.
    """

    kind: ParameterType
    label: tuple[str, str] = ("", "")
    help: tuple[str, str] = ("", "")
    template: str = ""
    default: float | str | bool | None = None
    min: float | None = None
    max: float | None = None
    precision: int | None = None
    options: tuple[str, ...] = ()
    means: Mapping[object, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capability:
    """One row.

    Attributes:
        name: the parameter's name, or the feature's.
        features: how Dify is told.
        declared_by: field of a custom model's form; empty for what every model has, or only some
            predefined ones.
        declared_as: its values that declare it.
        input: what it lets into a prompt.
        rule: the parameter that it offers.
        write: puts the parameter's value into the request; else it is a field of the same name.
        everywhere: offered for every custom model, as nearly every model has it.
        chat_only: the Responses API has no word for it, so a model there does not have it.
        stands_for: names under which other plugins' apps have saved it.
    """

    name: str
    features: tuple[ModelFeature, ...] = ()
    declared_by: str = ""
    declared_as: tuple[str, ...] = ()
    input: Input | None = None
    rule: Rule | None = None
    write: Write | None = None
    everywhere: bool = False
    chat_only: bool = False
    stands_for: tuple[str, ...] = ()

    def rule_of(self, **changes: object) -> dict[str, object]:
        """The parameter's rule as a model's YAML says it, with a model's own figures.

        Raises:
            ValueError: the row offers no parameter.
        """
        if self.rule is None:
            raise ValueError(f"{self.name} is no parameter")
        rule = self.rule
        entry: dict[str, object] = {"name": self.name}
        if rule.template:
            entry["use_template"] = rule.template
        for key, (english, chinese) in (("label", rule.label), ("help", rule.help)):
            if english:
                entry[key] = {"en_US": english, "zh_Hans": chinese}
        entry["type"] = rule.kind.value
        for key in ("default", "min", "max", "precision"):
            if getattr(rule, key) is not None:
                entry[key] = getattr(rule, key)
        if rule.options:
            entry["options"] = list(rule.options)
        return {**entry, **changes}

    def entity(self, **changes: object) -> ParameterRule:
        """The same as the SDK has it, its template's texts filled in.

        Raises:
            ValueError: the row offers no parameter, or the figures do not fit one.
        """
        return ParameterRule.model_validate(self.rule_of(**changes))

    def put(self, payload: Payload, value: Any) -> None:
        """Write the parameter's value into a request that has its messages and tools."""
        if self.write is None:
            payload[self.name] = value
        else:
            self.write(payload, value)
