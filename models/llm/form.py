"""What only chat and completion models have in their form."""

from dataclasses import dataclass

from gateway.chat import Mode
from gateway.settings import AUTO, Credentials, choice, choose, parse_count


@dataclass(frozen=True, slots=True)
class ChatForm:
    """The fields of a chat model that a call depends on; the others describe it (``schema``).

    Attributes:
        mode: which endpoint is asked.
    """

    mode: Mode


def parse_form(credentials: Credentials) -> ChatForm:
    """Read the form of a chat model, or the provider's, which has none of these fields.

    Raises:
        SettingsError: a value cannot be used.
    """
    parse_count(credentials, "context_size", "Model context size")
    parse_count(credentials, "max_tokens_to_sample", "Upper bound for max tokens")
    choice(credentials, "function_calling_type", (AUTO, "tool_call", "no_call"))
    choice(credentials, "stream_function_calling", (AUTO, "supported", "not_supported"))
    choice(credentials, "vision_support", (AUTO, "support", "no_support"))
    is_completion = choose(credentials, "mode", ("chat", "completion"))
    return ChatForm("completion" if is_completion else "chat")
