"""What only chat and completion models have in their form."""

from dataclasses import dataclass

from engine import (
    AUTO,
    Credentials,
    Mode,
    SettingsError,
    choice,
    choose,
    field_name,
    parse_count,
    read_once,
)
from models.llm.capabilities import CHOICES
from models.llm.capabilities.fields import VIDEO, VISION, WITH_VIDEO
from models.llm.pricing import parse_pricing

API_TYPES = ("chat_completions", "responses", "completion")
"""The APIs that a chat model may be asked at; the first is the default."""


@dataclass(frozen=True, slots=True)
class ChatForm:
    """The fields of a chat model that a call depends on; the others describe it (``schema``).

    Attributes:
        mode: which API is asked.
        function_calls: tools are offered in the words of before ``tools``.
    """

    mode: Mode
    function_calls: bool = False


@read_once
def parse_form(credentials: Credentials) -> ChatForm:
    """Read the form of a chat model, or the provider's, which has none of these fields.

    Raises:
        SettingsError: a value cannot be used.
    """
    parse_count(credentials, "context_size")
    parse_count(credentials, "max_tokens_to_sample")
    parse_pricing(credentials)
    chosen = {
        variable: choice(credentials, variable, (AUTO, *CHOICES[variable])) for variable in CHOICES
    }
    # `mode` is openai_api_compatible's, and in forms that were saved before API Type had all three.
    is_completion = choose(credentials, "mode", ("chat", "completion"))
    api = choice(credentials, "api_type", API_TYPES)
    is_responses = api == "responses"
    if is_completion and is_responses:
        raise SettingsError("api_type", "completion_responses")
    is_completion = is_completion or api == "completion"
    declares = {"audio_support": "support", VIDEO: "support", VISION: WITH_VIDEO}
    for variable, value in declares.items():
        if is_responses and chosen[variable] == value:
            raise SettingsError(variable, "responses_media", field=field_name(variable))
    return ChatForm(
        "completion" if is_completion else "responses" if is_responses else "chat",
        function_calls=chosen["function_calling_type"] == "function_call" and not is_responses,
    )
