"""The rows of the parameters that say how an answer is worded: sampling, length, form."""

from dify_plugin.entities.model import ParameterType

from models.llm.capabilities.fields import STRUCTURED, SUPPORTED
from models.llm.capabilities.row import Capability, Rule
from models.llm.structured import FORMATS, write_json_schema, write_response_format

_FLOAT, _INT = ParameterType.FLOAT, ParameterType.INT
_STRING, _TEXT = ParameterType.STRING, ParameterType.TEXT

WORDS: tuple[Capability, ...] = (
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
    Capability("top_k", rule=Rule(_INT, template="top_k"), chat_only=True),
    Capability("min_p", rule=Rule(_FLOAT), chat_only=True),
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
    Capability("repetition_penalty", rule=Rule(_FLOAT), chat_only=True),
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
    # How much it says; how much that may be differs from model to model.
    Capability("max_tokens", rule=Rule(_INT, template="max_tokens"), everywhere=True),
    Capability("max_completion_tokens", rule=Rule(_INT, template="max_tokens")),
    Capability(
        "verbosity",
        rule=Rule(
            _STRING,
            ("Verbosity", "详细程度"),
            ("How long and detailed the answer is.", "回答的长短与详细程度。"),
            options=("low", "medium", "high"),
        ),
    ),
    # In which form.
    Capability(
        "response_format",
        declared_by=STRUCTURED,
        declared_as=SUPPORTED,
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
        declared_by=STRUCTURED,
        declared_as=SUPPORTED,
        rule=Rule(_TEXT, ("JSON Schema", "JSON Schema"), template="json_schema"),
        write=write_json_schema,
    ),
)
