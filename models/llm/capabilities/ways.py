"""The rows of the parameters that say how a model works: thinking, tools, what is kept."""

from dify_plugin.entities.model import ParameterType

from models.llm.caching import LIFETIMES, write_prompt_caching
from models.llm.capabilities.fields import CALLING, SUPPORTED, THINKS, THOUGHT
from models.llm.capabilities.row import Capability, Rule
from models.llm.reasoning import write_budget_tokens, write_enable_thinking, write_thinking
from models.llm.tools import (
    write_parallel_tool_calls,
    write_strict_tools,
    write_tool_choice,
)

_INT, _STRING, _BOOLEAN = ParameterType.INT, ParameterType.STRING, ParameterType.BOOLEAN

WAYS: tuple[Capability, ...] = (
    # How it thinks.
    Capability(
        "reasoning_effort",
        declared_by=THOUGHT,
        declared_as=THINKS,
        rule=Rule(
            _STRING,
            ("Reasoning Effort", "推理强度"),
            ("How long the model thinks before it answers.", "回答前思考的程度。"),
            options=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        ),
    ),
    Capability(
        "thinking",
        declared_by=THOUGHT,
        declared_as=SUPPORTED,
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
        declared_by=THOUGHT,
        declared_as=THINKS,
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
        declared_by=THOUGHT,
        declared_as=SUPPORTED,
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
        declared_by=THOUGHT,
        declared_as=THINKS,
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
        rule=Rule(_STRING),
        write=write_tool_choice,
    ),
    Capability(
        "parallel_tool_calls",
        declared_by=CALLING,
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
        declared_by=CALLING,
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
    Capability("enable_search", rule=Rule(_BOOLEAN), chat_only=True),
    Capability(
        "prompt_caching",
        rule=Rule(
            _STRING,
            ("Prompt Caching", "提示词缓存"),
            (
                "How long the provider keeps the prompt's beginning, which is then billed at less.",
                "模型厂商保留提示词开头的时间；再次使用时按更低的价格计费。",
            ),
            options=LIFETIMES,
        ),
        write=write_prompt_caching,
        chat_only=True,
    ),
    Capability("prompt_cache_key", rule=Rule(_STRING)),
    Capability("service_tier", rule=Rule(_STRING)),
)
