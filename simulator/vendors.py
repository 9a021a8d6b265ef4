"""What the vendors' chat APIs refuse, model by model; `strict` applies it.

The rules are of the vendors' own references, not of our catalogue; `source` says where each is
written. What no source says is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

SAMPLING = frozenset({"temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty"})
PENALTIES = frozenset({"presence_penalty", "frequency_penalty"})

_EVERY_MODEL = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "stop", "n", "seed", "user"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format", "metadata"),
        *("temperature", "top_p", "max_tokens", "max_completion_tokens"),
    }
)
_OPENAI = _EVERY_MODEL | {
    *("reasoning_effort", "verbosity", "presence_penalty", "frequency_penalty", "logit_bias"),
    *("logprobs", "top_logprobs", "service_tier", "store", "prompt_cache_key", "modalities"),
    *("prompt_cache_retention", "safety_identifier", "audio", "prediction", "web_search_options"),
}
_LEVELS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range; an open end is itself refused."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def hold(self, value: object) -> bool:
        """Whether it is a number within."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        above = value > self.low if self.low_open else value >= self.low
        return above and (value < self.high if self.high_open else value <= self.high)


@dataclass(frozen=True, slots=True)
class Vendor:
    """The rules of some models of one vendor.

    Every row that fits a name counts; of two that say what a field may hold, the later.

    Attributes:
        models: pattern of whole names, in small letters, without a vendor in front.
        source: where the vendor says so.
        refused: fields that it refuses whatever they hold.
        known: the fields it knows; any other is refused. Empty if it takes what it does not know.
        bounds: ranges of numbers.
        values: what a field may hold.
        together: what is refused in one request: fields, or values as in `thinking=enabled`.
        formats: types of `response_format`; empty for any.
        thinking: types of `thinking`; empty for any.
    """

    models: str
    source: str
    refused: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    bounds: Mapping[str, Bounds] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    together: tuple[frozenset[str], ...] = ()
    formats: frozenset[str] = frozenset()
    thinking: frozenset[str] = frozenset()


_OPEN_TOP_P = Bounds(0, 1, low_open=True)
_UP_TO_2 = Bounds(0, 2)
_LIMIT = "max_tokens"
_JSON_ONLY = frozenset({"text", "json_object"})

VENDORS: tuple[Vendor, ...] = (
    Vendor(
        r"(gpt-(?!oss)|o\d).*",
        "platform.openai.com/docs/api-reference/chat/create",
        known=_OPENAI,
        bounds={
            "temperature": _UP_TO_2,
            "top_p": Bounds(0, 1),
            "presence_penalty": Bounds(-2, 2),
            "frequency_penalty": Bounds(-2, 2),
        },
        values={"verbosity": ("low", "medium", "high")},
    ),
    Vendor(
        r"(gpt-[5-9]|o\d).*",
        "platform.openai.com/docs/guides/latest-model, parameter compatibility",
        refused=SAMPLING | {_LIMIT, "logprobs", "top_logprobs", "logit_bias"},
    ),
    Vendor(
        r"gpt-4.*",
        "platform.openai.com/docs/guides/reasoning",
        refused=frozenset({"reasoning_effort", "verbosity"}),
    ),
    Vendor(
        r"o\d.*",
        "platform.openai.com/docs/guides/reasoning",
        refused=frozenset({"verbosity"}),
        values={"reasoning_effort": ("low", "medium", "high")},
    ),
    Vendor(
        r"gpt-5(-mini|-nano)?",
        "platform.openai.com/docs/models/gpt-5",
        values={"reasoning_effort": ("minimal", "low", "medium", "high")},
    ),
    Vendor(
        r"gpt-5\.1",
        "platform.openai.com/docs/models/gpt-5.1",
        values={"reasoning_effort": ("none", "low", "medium", "high")},
    ),
    Vendor(
        r"gpt-5\.[2-5].*",
        "platform.openai.com/docs/models/gpt-5.5",
        values={"reasoning_effort": ("none", "low", "medium", "high", "xhigh")},
    ),
    Vendor(
        r"gpt-(5\.6|6).*",
        "developers.openai.com/api/docs/models/gpt-5.6-sol",
        values={"reasoning_effort": ("none", "low", "medium", "high", "xhigh", "max")},
    ),
    Vendor(
        r"gpt-6(-astra|\.1-sol).*",
        "developers.openai.com/api/docs/pricing, through litellm 1.110.2",
        values={"reasoning_effort": ("low", "medium", "high", "xhigh", "max")},
    ),
    Vendor(
        r"(gpt-oss|llama|deepseek-(v3|chat|reasoner)).*",
        "console.groq.com/docs/api-reference; docs.vllm.ai, sampling parameters",
        bounds={"temperature": _UP_TO_2, "top_p": _OPEN_TOP_P},
        values={"reasoning_effort": ("low", "medium", "high")},
    ),
    Vendor(
        r"claude-.*",
        "platform.claude.com/docs/en/api/messages",
        bounds={"temperature": Bounds(0, 1), "top_p": Bounds(0, 1)},
        thinking=frozenset({"enabled", "disabled", "adaptive"}),
    ),
    Vendor(
        r"claude-(opus|sonnet|haiku)-4-[156].*",
        "platform.claude.com/docs/en/about-claude/models/migration-guide",
        together=(frozenset({"temperature", "top_p"}),),
    ),
    Vendor(
        r"claude-(\w+-5.*|opus-4-[78].*)",
        "platform.claude.com/docs/en/about-claude/models/whats-new-sonnet-5",
        refused=SAMPLING,
        thinking=frozenset({"adaptive", "disabled"}),
    ),
    Vendor(
        r"claude-(\w+-5.*|opus-4-[78].*)",
        "QuantumNous/new-api, relayconvert: it becomes thinking.type=enabled, which is refused",
        refused=frozenset({"reasoning_effort"}),
    ),
    Vendor(
        r"claude-(opus-5-5|sonnet-5-5|fable-5.*)",
        "platform.claude.com/docs/en/about-claude/models/overview, through litellm 1.110.2",
        thinking=frozenset({"adaptive"}),
    ),
    Vendor(
        r"gemini-.*",
        "ai.google.dev/gemini-api/docs/openai",
        bounds={"temperature": _UP_TO_2, "top_p": Bounds(0, 1)},
        values={"reasoning_effort": ("none", "minimal", "low", "medium", "high")},
    ),
    Vendor(
        r"gemini-3\.[5-9].*",
        "ai.google.dev/gemini-api/docs/models/gemini-3.7-flash",
        refused=SAMPLING,
    ),
    Vendor(
        r"gemini-3\.[78].*",
        "ai.google.dev/gemini-api/docs/thinking",
        values={"reasoning_effort": ("low", "medium", "high")},
    ),
    Vendor(
        r"gemini-4-argon",
        "ai.google.dev/gemini-api/docs/thinking, through litellm 1.110.2",
        values={"reasoning_effort": ("low", "medium", "high")},
    ),
    Vendor(
        r"gemini-4-hydrogen",
        "aistudio.google.com/docs/pricing, through litellm 1.110.2",
        values={"reasoning_effort": ("low", "medium", "high", "xhigh")},
    ),
    Vendor(
        r"deepseek-v4.*",
        "api-docs.deepseek.com/api/create-chat-completion",
        bounds={
            "temperature": _UP_TO_2,
            "top_p": _OPEN_TOP_P,
            _LIMIT: Bounds(1, 393_216),
        },
        values={"reasoning_effort": ("low", "medium", "high", "xhigh", "max")},
        formats=_JSON_ONLY,
        thinking=frozenset({"enabled", "disabled"}),
    ),
    Vendor(
        r"qwen.*",
        "help.aliyun.com/zh/model-studio/qwen-api-reference",
        bounds={
            "temperature": Bounds(0, 2, high_open=True),
            "top_p": _OPEN_TOP_P,
            "top_k": Bounds(0, 100),
        },
    ),
    Vendor(
        r"qwen(3\.[567]|-plus|-flash|3-).*",
        "help.aliyun.com/zh/model-studio/json-mode",
        formats=_JSON_ONLY,
        together=(frozenset({"enable_thinking=True", "response_format=json_object"}),),
    ),
    Vendor(
        r"qwen3\.8-max",
        "help.aliyun.com/zh/model-studio/qwen3-8-max",
        values={"reasoning_effort": ("low", "medium", "xhigh")},
    ),
    Vendor(
        r"kimi-.*",
        "platform.kimi.ai/docs/api/chat",
        refused=SAMPLING,
        thinking=frozenset({"enabled", "disabled"}),
    ),
    Vendor(
        r"kimi-k3.*",
        "platform.kimi.ai/docs/pricing/chat, through litellm 1.110.2",
        refused=frozenset({"thinking"}),
        values={"reasoning_effort": ("low", "high", "max")},
    ),
    Vendor(
        r"glm-.*",
        "docs.bigmodel.cn/api-reference",
        bounds={"temperature": Bounds(0, 1), "top_p": Bounds(0.01, 1), _LIMIT: Bounds(1, 131_072)},
        values={"reasoning_effort": _LEVELS},
        formats=_JSON_ONLY,
        thinking=frozenset({"enabled", "disabled"}),
    ),
    Vendor(
        r"glm-5\.3",
        "docs.z.ai/guides/overview/pricing, through Dify's zhipuai plugin",
        refused=SAMPLING,
        values={"reasoning_effort": ("low", "high", "max")},
    ),
    Vendor(
        r"doubao-.*",
        "www.volcengine.com/docs/82379/1494384",
        bounds={"temperature": _UP_TO_2, "top_p": Bounds(0, 1)},
        values={"reasoning_effort": ("minimal", "low", "medium", "high")},
        thinking=frozenset({"enabled", "disabled", "auto"}),
    ),
    Vendor(
        r"minimax-.*",
        "platform.minimax.io/docs/api-reference/text-openai-api",
        bounds={"top_p": Bounds(0, 1)},
    ),
    Vendor(
        r"minimax-m2.*",
        "platform.minimax.io/docs/api-reference/text-openai-api",
        bounds={"temperature": Bounds(0, 1, low_open=True)},
    ),
    Vendor(
        r"minimax-m3.*",
        "platform.minimax.io/docs/api-reference/text-openai-api, through Dify's minimax plugin",
        bounds={"temperature": _UP_TO_2},
    ),
    Vendor(
        r"grok-.*",
        "docs.x.ai/docs/guides/reasoning",
        refused=PENALTIES | {"stop"},
        bounds={"temperature": _UP_TO_2, "top_p": _OPEN_TOP_P},
        values={"reasoning_effort": ("low", "medium", "high", "xhigh")},
    ),
    Vendor(
        r"grok-4\.[57]",
        "docs.x.ai/docs/guides/reasoning, through Dify's x plugin",
        values={"reasoning_effort": ("low", "medium", "high")},
    ),
    Vendor(
        r"(mistral|codestral|ministral|magistral)-.*",
        "docs.mistral.ai/api",
        known=_EVERY_MODEL - {"max_completion_tokens"}
        | PENALTIES
        | {"reasoning_effort", "safe_prompt", "random_seed", "prompt_mode"},
        bounds={"temperature": Bounds(0, 1.5), "top_p": _OPEN_TOP_P},
        values={"reasoning_effort": ("none", "high")},
    ),
)

LONGEST: tuple[tuple[str, int], ...] = (
    (r"gpt-4o.*", 16_384),
    (r"gpt-4\.1.*", 32_768),
    (r"gpt-[56].*", 128_000),
    (r"o\d.*", 100_000),
    (r"claude-(haiku|sonnet|opus)-4-5.*", 64_000),
    (r"claude-.*", 128_000),
    (r"gemini-[23].*", 65_536),
    (r"qwen3\.8.*", 131_072),
    (r"qwen-plus.*", 32_768),
    (r"qwen.*", 65_536),
)
"""Longest answers that the vendors' model pages name; first match."""
