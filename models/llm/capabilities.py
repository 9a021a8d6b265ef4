"""What a chat model can do: one row a capability, which drives all that is said of it.

A row says by which feature Dify is told, which field of a custom model's form declares it, which
part of a message it lets in, which parameter it offers, and how that is written into a request.
The schema, the check of parameters, the request, the predefined models and the tests read it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dify_plugin.entities.model import ModelFeature, ParameterRule, ParameterType
from dify_plugin.entities.model.message import (
    AudioPromptMessageContent,
    DocumentPromptMessageContent,
    ImagePromptMessageContent,
    PromptMessageContent,
    VideoPromptMessageContent,
)

from models.llm.caching import LIFETIMES, write_prompt_caching
from models.llm.parts import wire_audio, wire_document, wire_image, wire_video
from models.llm.reasoning import write_budget_tokens, write_enable_thinking, write_thinking
from models.llm.structured import FORMATS, write_json_schema, write_response_format
from models.llm.tools import (
    TOOL_CHOICES,
    write_parallel_tool_calls,
    write_strict_tools,
    write_tool_choice,
)

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

    Attributes:
        kind: type of its value.
        label: English and Chinese; empty where Dify's template has one.
        help: the same.
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
        """The parameter's rule as a model's YAML says it, with a model's own figures."""
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
        """The same as the SDK has it, its template's texts filled in."""
        return ParameterRule.model_validate(self.rule_of(**changes))

    def put(self, payload: Payload, value: Any) -> None:
        """Write the parameter's value into a request that has its messages and tools."""
        if self.write is None:
            payload[self.name] = value
        else:
            self.write(payload, value)


_FLOAT, _INT = ParameterType.FLOAT, ParameterType.INT
_STRING, _BOOLEAN, _TEXT = ParameterType.STRING, ParameterType.BOOLEAN, ParameterType.TEXT
_SUPPORT = ("support",)
_SUPPORTED = ("supported",)
_THINKS = ("supported", "only_thinking_supported")
_STRUCTURED = "structured_output_support"
_THOUGHT = "agent_thought_support"
_CALLING = "function_calling_type"

CHOICES: Mapping[str, tuple[str, ...]] = {
    _CALLING: ("tool_call", "function_call", "no_call"),
    "stream_function_calling": ("supported", "not_supported"),
    "vision_support": ("support", "no_support"),
    "audio_support": ("support", "no_support"),
    "video_support": ("support", "no_support"),
    "document_support": ("support", "no_support"),
    _STRUCTURED: ("supported", "not_supported"),
    _THOUGHT: ("supported", "only_thinking_supported", "not_supported"),
}
"""The fields that declare capabilities, and their values: those of ``openai_api_compatible``."""

CAPABILITIES: tuple[Capability, ...] = (
    # What a prompt may hold.
    Capability(
        "vision",
        (ModelFeature.VISION,),
        "vision_support",
        _SUPPORT,
        input=Input(ImagePromptMessageContent, wire_image),
    ),
    Capability(
        "audio",
        (ModelFeature.AUDIO,),
        "audio_support",
        _SUPPORT,
        input=Input(AudioPromptMessageContent, wire_audio),
        chat_only=True,
    ),
    Capability(
        "video",
        (ModelFeature.VIDEO,),
        "video_support",
        _SUPPORT,
        input=Input(VideoPromptMessageContent, wire_video),
        chat_only=True,
    ),
    Capability(
        "document",
        (ModelFeature.DOCUMENT,),
        "document_support",
        _SUPPORT,
        input=Input(DocumentPromptMessageContent, wire_document),
    ),
    # What it may do besides answering.
    Capability("tool_call", (ModelFeature.TOOL_CALL,), _CALLING, ("tool_call", "function_call")),
    Capability("multi_tool_call", (ModelFeature.MULTI_TOOL_CALL,), _CALLING, ("tool_call",)),
    Capability(
        "stream_tool_call",
        (ModelFeature.STREAM_TOOL_CALL,),
        "stream_function_calling",
        _SUPPORTED,
    ),
    Capability("structured_output", (ModelFeature.STRUCTURED_OUTPUT,), _STRUCTURED, _SUPPORTED),
    Capability("agent_thought", (ModelFeature.AGENT_THOUGHT,), _THOUGHT, _THINKS),
    # How it chooses its words.
    Capability(
        "temperature",
        rule=Rule(_FLOAT, template="temperature", default=0.7, min=0, max=2, precision=2),
        everywhere=True,
    ),
    Capability(
        "top_p",
        rule=Rule(_FLOAT, template="top_p", default=1, min=0, max=1, precision=2),
        everywhere=True,
    ),
    Capability(
        "top_k", rule=Rule(_INT, template="top_k", default=50, min=1, max=100), chat_only=True
    ),
    Capability(
        "min_p",
        rule=Rule(
            _FLOAT,
            ("Min P", "Min P"),
            (
                "Words less likely than this part of the likeliest word's chance are left out.",
                "概率低于最可能词概率乘以该值的词会被忽略。",
            ),
            default=0,
            min=0,
            max=1,
            precision=2,
        ),
        chat_only=True,
    ),
    Capability(
        "presence_penalty",
        rule=Rule(_FLOAT, template="presence_penalty", default=0, min=-2, max=2, precision=2),
        everywhere=True,
        chat_only=True,
    ),
    Capability(
        "frequency_penalty",
        rule=Rule(_FLOAT, template="frequency_penalty", default=0, min=-2, max=2, precision=2),
        everywhere=True,
        chat_only=True,
    ),
    Capability(
        "repetition_penalty",
        rule=Rule(
            _FLOAT,
            ("Repetition Penalty", "重复惩罚"),
            ("Above 1 the model repeats itself less.", "大于 1 时减少重复。"),
            default=1,
            min=0,
            max=2,
            precision=2,
        ),
        chat_only=True,
    ),
    Capability(
        "seed",
        rule=Rule(
            _INT,
            ("Seed", "随机种子"),
            (
                "The same seed and prompt give the same answer, as far as the model can.",
                "相同种子与提示词尽量得到相同回答。",
            ),
            default=0,
            min=0,
            max=2_147_483_647,
        ),
        everywhere=True,
        chat_only=True,
    ),
    # How much it says.
    Capability(
        "max_tokens",
        rule=Rule(_INT, template="max_tokens", default=1024, min=1, max=4096, precision=0),
        everywhere=True,
    ),
    Capability(
        "max_completion_tokens",
        rule=Rule(_INT, template="max_tokens", default=1024, min=1, max=4096, precision=0),
    ),
    Capability(
        "verbosity",
        rule=Rule(
            _STRING,
            ("Verbosity", "详细程度"),
            ("How detailed the answer is.", "回答的详细程度。"),
            options=("low", "medium", "high"),
        ),
    ),
    # In which form.
    Capability(
        "response_format",
        declared_by=_STRUCTURED,
        declared_as=_SUPPORTED,
        rule=Rule(
            _STRING,
            template="response_format",
            help=(
                "The form of the answer; json_schema needs the field below.",
                "回答的格式；选择 json_schema 时需填写下一项。",
            ),
            options=("text", "json_object", "json_schema"),
            means=FORMATS,
        ),
        write=write_response_format,
    ),
    Capability(
        "json_schema",
        declared_by=_STRUCTURED,
        declared_as=_SUPPORTED,
        rule=Rule(_TEXT, ("JSON Schema", "JSON Schema"), template="json_schema"),
        write=write_json_schema,
    ),
    # How it thinks.
    Capability(
        "reasoning_effort",
        declared_by=_THOUGHT,
        declared_as=_THINKS,
        rule=Rule(
            _STRING,
            ("Reasoning Effort", "推理强度"),
            ("How long the model thinks before it answers.", "回答前思考的程度。"),
            options=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        ),
    ),
    Capability(
        "thinking",
        declared_by=_THOUGHT,
        declared_as=_SUPPORTED,
        rule=Rule(
            _STRING,
            ("Thinking", "思考模式"),
            ("Whether the model thinks before it answers.", "回答前是否思考。"),
            options=("enabled", "disabled"),
            means={True: "enabled", False: "disabled"},
        ),
        write=write_thinking,
        stands_for=("enable_thinking",),
        chat_only=True,
    ),
    Capability(
        "budget_tokens",
        declared_by=_THOUGHT,
        declared_as=_THINKS,
        rule=Rule(
            _INT,
            ("Thinking Budget", "思考预算"),
            (
                "Tokens for thinking, part of max tokens; it switches thinking on.",
                "思考可用的 token 数，计入最大 token 数；设置后即启用思考。",
            ),
            default=1024,
            min=1024,
            max=128_000,
        ),
        write=write_budget_tokens,
        stands_for=("thinking_budget",),
        chat_only=True,
    ),
    Capability(
        "enable_thinking",
        declared_by=_THOUGHT,
        declared_as=_SUPPORTED,
        rule=Rule(
            _BOOLEAN,
            ("Thinking", "思考模式"),
            ("Whether the model thinks before it answers.", "回答前是否思考。"),
            default=True,
            means={"enabled": True, "disabled": False},
        ),
        write=write_enable_thinking,
        stands_for=("thinking",),
        chat_only=True,
    ),
    Capability(
        "thinking_budget",
        declared_by=_THOUGHT,
        declared_as=_THINKS,
        rule=Rule(
            _INT,
            ("Thinking Budget", "思考预算"),
            ("Tokens for thinking.", "思考可用的 token 数。"),
            default=4096,
            min=0,
            max=128_000,
        ),
        stands_for=("budget_tokens",),
        chat_only=True,
    ),
    # How it uses tools.
    Capability(
        "tool_choice",
        rule=Rule(
            _STRING,
            ("Tool Choice", "工具选择"),
            ("auto, none, required, or a tool's name.", "auto、none、required 或工具名称。"),
            options=TOOL_CHOICES,
        ),
        write=write_tool_choice,
    ),
    Capability(
        "parallel_tool_calls",
        declared_by=_CALLING,
        declared_as=("tool_call",),
        rule=Rule(
            _BOOLEAN,
            ("Parallel Tool Calls", "并行工具调用"),
            ("Whether several tools may be called at once.", "是否允许同时调用多个工具。"),
            default=True,
        ),
        write=write_parallel_tool_calls,
    ),
    Capability(
        "strict_tools",
        declared_by=_CALLING,
        declared_as=("tool_call",),
        rule=Rule(
            _BOOLEAN,
            ("Strict Tools", "严格工具参数"),
            (
                "Have the arguments of tools follow their schema to the letter (OpenAI's strict).",
                "让工具参数严格符合其 Schema（OpenAI 的 strict）。",
            ),
            default=False,
        ),
        write=write_strict_tools,
    ),
    # What the provider does with the request.
    Capability(
        "enable_search",
        rule=Rule(
            _BOOLEAN,
            ("Web Search", "联网搜索"),
            ("Whether the model searches the web (Qwen).", "模型是否联网搜索（通义千问）。"),
            default=False,
        ),
        chat_only=True,
    ),
    Capability(
        "prompt_caching",
        rule=Rule(
            _STRING,
            ("Prompt Caching", "提示词缓存"),
            (
                "Keep the beginning of the prompt for five minutes or an hour (cache_control).",
                "将提示词开头缓存五分钟或一小时（cache_control）。",
            ),
            options=LIFETIMES,
        ),
        write=write_prompt_caching,
        chat_only=True,
    ),
    Capability(
        "prompt_cache_key",
        rule=Rule(
            _STRING,
            ("Prompt Cache Key", "提示词缓存键"),
            (
                "Calls with the same key share a cache more often (OpenAI).",
                "相同的键更容易命中缓存（OpenAI）。",
            ),
        ),
    ),
    Capability(
        "service_tier",
        rule=Rule(
            _STRING,
            ("Service Tier", "服务等级"),
            ("Which queue the provider puts the call into.", "服务商处理请求的优先级。"),
            options=("auto", "default", "flex", "priority"),
        ),
    ),
)
"""In the order in which a request is written: a later row sees what an earlier one wrote."""

PARAMETERS: Mapping[str, Capability] = {row.name: row for row in CAPABILITIES if row.rule}
"""The rows that offer a parameter, by its name."""

INPUTS: Mapping[type[PromptMessageContent], Capability] = {
    row.input.part: row for row in CAPABILITIES if row.input
}
