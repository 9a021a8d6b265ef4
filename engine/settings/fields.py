"""One field of a form: read, or refused with a sentence that says what to enter."""

import math
import re
from collections.abc import Mapping

from engine.errors.messages import Listed, Message, Value, in_all, message
from engine.text.invisible import trimmed

DEFAULT_MAX_RETRY_SECONDS = 45.0
"""A page of Dify's text generation gives a run up after 60 s."""

MAX_MAX_RETRY_SECONDS = 480.0
"""The daemon ends every invocation at 600 s; what is left is for the answer itself."""

AUTO = "auto"
"""What a capability field holds, if not nothing, to have it looked up by the model's name."""

LARGEST_LIMIT = 999_999
"""Of calls or requests; a larger one was not meant."""

MAX_TOKEN_COUNT = 100_000_000
"""A larger one was not meant."""

MAX_TTL_SECONDS = 86_400
"""Seconds; a day. What is older is rather asked again."""

CACHE_SCOPES = ("temperature_0", "all")
"""Which answers are kept: those that would be expected again, or all."""

FORM_SETTINGS = ("default", "custom")
"""Whether the values of the fields below Advanced Settings count."""

MESSAGE_LANGUAGES = ("question", "en", "zh")
"""In which language a failure is explained: in that of the question, or always in one."""

ALWAYS_SHOWN = frozenset({"endpoint_url", "api_key", "settings"})
"""Fields that the forms show whatever was chosen under Advanced Settings."""

type Credentials = Mapping[str, object]


class SettingsError(ValueError):
    """A value in the form cannot be used; the text says which one and what to enter instead.

    Its text has all languages, as a form does not tell which of them its reader speaks.

    Args:
        variable: the form's variable name, such as ``endpoint_url``.
        sentence: what is wrong: its key below ``settings`` in the locales.
        missing: nothing was typed.
        values: of the sentence's placeholders.

    Attributes:
        variable: as above.
        message: the sentence.
        missing: as above.
    """

    def __init__(
        self, variable: str, sentence: str, /, *, missing: bool = False, **values: Value
    ) -> None:
        self.message = message(f"settings.{sentence}", **values)
        super().__init__(in_all(self.message))
        self.variable = variable
        self.missing = missing


def field_name(variable: str) -> Message:
    """Return the label of a field of the form."""
    return message(f"settings.field.{variable}")


def text_of(credentials: Credentials, variable: str) -> str:
    """Return what was typed, without the space around it, visible or not; empty if nothing was.

    Under Advanced Settings, Default means that no custom value counts. Dify drops hidden fields
    when a form is saved. A form that was saved before that choice existed keeps its values.
    """
    if variable not in ALWAYS_SHOWN and credentials.get("settings") == "default":
        return ""
    value = credentials.get(variable)
    return "" if value is None else trimmed(str(value))


def choice(credentials: Credentials, variable: str, values: tuple[str, ...]) -> str:
    """The value that was chosen; the first is the default.

    Raises:
        SettingsError: it is none of them.
    """
    typed = text_of(credentials, variable)
    if typed and typed not in values:
        allowed = Listed(values, "or")
        raise SettingsError(
            variable, "choice", field=field_name(variable), values=allowed, typed=typed[:40]
        )
    return typed or values[0]


def choose(credentials: Credentials, variable: str, values: tuple[str, str]) -> bool:
    """Whether the second of two values was chosen; the first is the default.

    Raises:
        SettingsError: it is neither.
    """
    return choice(credentials, variable, values) == values[1]


def parse_limit(
    credentials: Credentials, variable: str, largest: int = LARGEST_LIMIT
) -> int | None:
    """Read a limit of calls, requests or tokens; empty means to find it out.

    Raises:
        SettingsError: it is no whole number or out of range.
    """
    typed = text_of(credentials, variable)
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", typed) or not 1 <= int(typed) <= largest:
        raise SettingsError(variable, "limit", field=field_name(variable), largest=largest)
    return int(typed)


def parse_cache_ttl(credentials: Credentials) -> int:
    """Read how long answers are kept, in seconds; empty or 0 means not at all.

    Raises:
        SettingsError: it is no whole number or longer than a day.
    """
    typed = text_of(credentials, "cache_ttl_seconds") or text_of(
        credentials, "embedding_cache_ttl_seconds"
    )
    if not typed:
        return 0
    if not re.fullmatch(r"[0-9]{1,6}", typed) or int(typed) > MAX_TTL_SECONDS:
        raise SettingsError("cache_ttl_seconds", "cache_ttl", most=MAX_TTL_SECONDS)
    return int(typed)


def parse_max_retry_seconds(typed: str, default: float = DEFAULT_MAX_RETRY_SECONDS) -> float:
    """Read the waiting budget in seconds: 0 to 480, empty for the default.

    Raises:
        SettingsError: it is no number or out of range.
    """
    if not typed:
        return default
    try:
        seconds = float(typed)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= MAX_MAX_RETRY_SECONDS:
        most, usual = f"{MAX_MAX_RETRY_SECONDS:.0f}", f"{default:.0f}"
        raise SettingsError("max_retry_seconds", "max_retry_seconds", most=most, default=usual)
    return seconds


def parse_count(credentials: Credentials, variable: str) -> int | None:
    """Read a number of tokens; empty or ``auto`` means to look it up by the model's name.

    Raises:
        SettingsError: it is no whole number or out of range.
    """
    typed = text_of(credentials, variable)
    if typed in {"", AUTO}:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", typed) or not 1 <= int(typed) <= MAX_TOKEN_COUNT:
        raise SettingsError(variable, "token_count", field=field_name(variable))
    return int(typed)


def parse_names(typed: str) -> tuple[str, ...]:
    """Names, separated by commas (of either width); each counts once."""
    names = map(str.strip, typed.replace("，", ",").split(","))
    return tuple(dict.fromkeys(name for name in names if name))
