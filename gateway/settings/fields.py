"""One field of a form: read, or refused with a sentence that says what to type."""

import math
import re
from collections.abc import Mapping

from gateway.invisible import trimmed
from gateway.settings.hints import HINTS

DEFAULT_MAX_RETRY_SECONDS = 45.0
"""A page of Dify's text generation gives a run up after 60 s."""

LONGEST_MAX_RETRY_SECONDS = 480.0
"""The daemon ends every invocation at 600 s; what is left is for the answer itself."""

AUTO = "auto"
"""What a capability field holds, if not nothing, to have it looked up by the model's name."""

LARGEST_LIMIT = 999_999
"""Of calls or requests; a larger one was not meant."""

LARGEST_TOKEN_COUNT = 100_000_000
"""A larger one was not meant."""

LONGEST_CACHE_TTL = 86_400
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
    """A value in the form cannot be used; the text says which one and what to type instead.

    Both languages of Dify's forms are in it, as the form does not say which of them was read.

    Attributes:
        variable: the form's variable name, such as ``endpoint_url``.
        missing: nothing was typed.
    """

    def __init__(self, variable: str, text: str, *, missing: bool = False) -> None:
        super().__init__(f"{text} {HINTS[variable]}")
        self.variable = variable
        self.missing = missing


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
        raise SettingsError(
            variable, f"{variable} must be {' or '.join(values)}, not {typed[:40]!r}."
        )
    return typed or values[0]


def choose(credentials: Credentials, variable: str, values: tuple[str, str]) -> bool:
    """Whether the second of two values was chosen; the first is the default.

    Raises:
        SettingsError: it is neither.
    """
    return choice(credentials, variable, values) == values[1]


def parse_limit(
    credentials: Credentials, variable: str, label: str, largest: int = LARGEST_LIMIT
) -> int | None:
    """Read a limit of calls, requests or tokens; empty means to find it out.

    Raises:
        SettingsError: it is no whole number or out of range.
    """
    typed = text_of(credentials, variable)
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", typed) or not 1 <= int(typed) <= largest:
        raise SettingsError(
            variable,
            f"{label} must be a whole number from 1 to {largest}; leave it empty to have it found "
            f"out.",
        )
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
    if not re.fullmatch(r"[0-9]{1,6}", typed) or int(typed) > LONGEST_CACHE_TTL:
        raise SettingsError(
            "cache_ttl_seconds",
            f"Cache TTL Seconds must be a whole number from 0 (off) to {LONGEST_CACHE_TTL}; leave "
            f"it empty to keep no answers.",
        )
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
    if not 0 <= seconds <= LONGEST_MAX_RETRY_SECONDS:
        raise SettingsError(
            "max_retry_seconds",
            f"Max Retry Seconds must be a number from 0 (never wait) to "
            f"{LONGEST_MAX_RETRY_SECONDS:.0f}; leave it empty for "
            f"{default:.0f}.",
        )
    return seconds


def parse_count(credentials: Credentials, variable: str, label: str) -> int | None:
    """Read a number of tokens; empty or ``auto`` means to look it up by the model's name.

    Raises:
        SettingsError: it is no whole number or out of range.
    """
    typed = text_of(credentials, variable)
    if typed in {"", AUTO}:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", typed) or not 1 <= int(typed) <= LARGEST_TOKEN_COUNT:
        raise SettingsError(
            variable,
            f"{label} must be a whole number of tokens, such as 128000, without letters, "
            f"commas or points; leave it empty to have it looked up by the model's name.",
        )
    return int(typed)


def parse_names(typed: str) -> tuple[str, ...]:
    """Names, separated by commas (of either width); each counts once."""
    names = map(str.strip, typed.replace("，", ",").split(","))
    return tuple(dict.fromkeys(name for name in names if name))
