"""What a user typed into the form, checked and typed before any request is made."""

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

DEFAULT_MAX_RETRY_SECONDS = 45.0
"""A page of Dify's text generation gives a run up after 60 s."""

LONGEST_MAX_RETRY_SECONDS = 480.0
"""The daemon ends every invocation at 600 s; what is left is for the answer itself."""

DEFAULT_CONTEXT_SIZE = 4096
LARGEST_TOKEN_COUNT = 100_000_000
MOST_KEYS = 100

Mode = Literal["chat", "completion"]
ToolCalling = Literal["tool_call", "no_call"]

_API_PATHS = re.compile(
    r"/(chat/completions|completions|embeddings|models|responses|messages|rerank|moderations"
    r"|audio/(speech|transcriptions|translations)|images/generations)$"
)
_KEY_SEPARATORS = re.compile(r"[,\s\u3000，]+")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):/{0,2}", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"^[a-z0-9_.-]+:\d+(/|$)", re.IGNORECASE)
_LOCAL_HOST = re.compile(
    r"^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|host\.docker\.internal"
    r"|[^.:/]+(:\d+)?(/|$))",
    re.IGNORECASE,
)


class SettingsError(ValueError):
    """A value in the form cannot be used; the text says which one and what to type instead.

    Attributes:
        variable: the form's variable name, such as ``endpoint_url``.
        missing: nothing was typed.
    """

    def __init__(self, variable: str, text: str, *, missing: bool = False) -> None:
        super().__init__(text)
        self.variable = variable
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that one call needs to know of its endpoint, key and model.

    Attributes:
        endpoint: base URL without a trailing slash, such as ``https://api.example.com/v1``.
        api_key: the secret in use; never part of ``repr``, a log line or an error.
        api_keys: all that were typed, in their order.
        model: the name that the gateway knows the model by.
        max_retry_seconds: how long the call may wait (queue, pauses, failed attempts), seconds.
        mode: ``chat`` or ``completion`` (which endpoint is asked).
        context_size: tokens that fit into the model, prompt and answer together.
        max_output_tokens: upper bound of ``max_tokens`` in Dify's slider.
        function_calling_type: whether tools are offered to the model natively.
        stream_function_calling: whether tool calls may arrive in a stream.
        vision: whether images may be sent.
        display_name: what Dify shows instead of the model's name; may be empty.
        max_concurrency: calls that each key takes at once; ``None`` to find out.
        requests_per_minute: requests that each key takes in a minute; ``None`` to find out.
        fallback_models: names to ask, in order, when the model is saturated or has no channel.
    """

    endpoint: str
    api_key: str = field(repr=False)
    model: str
    max_retry_seconds: float = DEFAULT_MAX_RETRY_SECONDS
    mode: Mode = "chat"
    context_size: int = DEFAULT_CONTEXT_SIZE
    max_output_tokens: int = DEFAULT_CONTEXT_SIZE
    function_calling_type: ToolCalling = "no_call"
    stream_function_calling: bool = False
    vision: bool = False
    display_name: str = ""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    max_concurrency: int | None = None
    requests_per_minute: int | None = None
    fallback_models: tuple[str, ...] = ()

    def each_key(self) -> tuple["Settings", ...]:
        """These settings with each of the keys in use."""
        return tuple(replace(self, api_key=key) for key in self.api_keys or (self.api_key,))

    def with_model(self, model: str) -> "Settings":
        """The same for another model."""
        return replace(self, model=model)

    @property
    def key_digest(self) -> str:
        """SHA-256 of the key, shortened: what state may be keyed by instead of the secret."""
        return hashlib.sha256(self.api_key.encode()).hexdigest()[:24]

    @property
    def origin(self) -> str:
        """Scheme, host and port of the endpoint (RFC 6454)."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


def parse_settings(credentials: Mapping[str, object], model: str) -> Settings:
    """Turn Dify's credentials into ``Settings``.

    Args:
        credentials: values of the provider's or the model's form (strings, absent or ``None``).
        model: the model's name in Dify; ``endpoint_model_name`` wins if it is filled in.

    Raises:
        SettingsError: a value is missing or cannot be used.
    """
    max_tokens = parse_count(credentials, "max_tokens_to_sample", "Upper bound for max tokens")
    context = parse_count(credentials, "context_size", "Model context size")
    keys = parse_keys(_text(credentials, "api_key"))
    return Settings(
        endpoint=parse_endpoint(_text(credentials, "endpoint_url")),
        api_key=keys[0],
        api_keys=keys,
        model=_text(credentials, "endpoint_model_name") or model.strip(),
        max_retry_seconds=parse_max_retry_seconds(_text(credentials, "max_retry_seconds")),
        mode="completion" if _choice(credentials, "mode", ("chat", "completion")) else "chat",
        context_size=context,
        max_output_tokens=max_tokens,
        function_calling_type="tool_call"
        if _choice(credentials, "function_calling_type", ("no_call", "tool_call"))
        else "no_call",
        stream_function_calling=_choice(
            credentials, "stream_function_calling", ("not_supported", "supported")
        ),
        vision=_choice(credentials, "vision_support", ("no_support", "support")),
        display_name=_text(credentials, "display_name"),
        max_concurrency=parse_limit(credentials, "max_concurrency", "Max Concurrency"),
        requests_per_minute=parse_limit(credentials, "requests_per_minute", "Requests per Minute"),
        fallback_models=_names(_text(credentials, "fallback_models")),
    )


def parse_endpoint(typed: str) -> str:
    """Understand a base URL as people paste it.

    A missing scheme, a trailing slash, a pasted ``/chat/completions`` and a query are put right;
    ``/v1`` is added only to an empty path, as any other path is meant.

    Raises:
        SettingsError: it is no URL of a gateway; the text says what to type.
    """
    example = "Type it as in https://api.example.com/v1."
    text = typed.strip().strip("\"'<>`").strip()
    if not text:
        raise SettingsError("endpoint_url", f"The API Base URL is empty. {example}")
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise SettingsError(
            "endpoint_url",
            f"The API Base URL contains a space or a line break; type one address only. {example}",
        )
    try:
        parts = urlsplit(_with_scheme(text, example))
        host, port = parts.hostname, parts.port
    except SettingsError:
        raise
    except ValueError:
        sentence = "The API Base URL names no host, or a port that does not exist."
        raise SettingsError("endpoint_url", f"{sentence} {example}") from None
    if not host or host in {"http", "https"} or not re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host):
        raise SettingsError("endpoint_url", f"The API Base URL names no host. {example}")
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "endpoint_url",
            f"Take user name and password out of the API Base URL: the key goes into API Key. "
            f"{example}",
        )
    path = _API_PATHS.sub("", re.sub(r"/{2,}", "/", parts.path).rstrip("/")).rstrip("/")
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, path or "/v1", "", ""))


def _with_scheme(text: str, example: str) -> str:
    scheme = _SCHEME.match(text)
    if scheme is None or _HOST_AND_PORT.match(text):
        # A host on this machine or in a private network hardly ever speaks TLS.
        return f"{'http' if _LOCAL_HOST.match(text) else 'https'}://{text.lstrip('/')}"
    if scheme[1].lower() not in {"http", "https"}:
        raise SettingsError(
            "endpoint_url",
            f"The API Base URL must begin with https:// or http://, not {scheme[1]}:. {example}",
        )
    return f"{scheme[1].lower()}://{text[scheme.end() :]}"


def parse_keys(typed: str) -> tuple[str, ...]:
    """Read API keys, separated by commas or white space (gateways give one group per key).

    Printable ASCII only, as a key has to fit into an HTTP header; the same key twice counts once.

    Raises:
        SettingsError: there is none, or one holds something no key holds. No key is repeated.
    """
    keys = tuple(dict.fromkeys(key for key in _KEY_SEPARATORS.split(typed) if key))
    keys = tuple(key for key in keys if key.lower() != "bearer")
    if not keys:
        raise SettingsError(
            "api_key", "The API Key is empty. Type the key of your gateway.", missing=True
        )
    if len(keys) > MOST_KEYS:
        raise SettingsError("api_key", f"Type at most {MOST_KEYS} API keys.")
    for position, key in enumerate(keys, start=1):
        which = "The API Key" if len(keys) == 1 else f"API key {position}"
        if not key.isascii():
            raise SettingsError(
                "api_key",
                f"{which} contains a character that no key has (a full-width letter, a quotation "
                "mark or an accent). Copy it again from your gateway's page.",
            )
        if not all("!" <= character <= "~" for character in key):
            raise SettingsError(
                "api_key",
                f"{which} contains a control character. Copy it again from your gateway's page.",
            )
    return keys


def parse_limit(credentials: Mapping[str, object], variable: str, label: str) -> int | None:
    """Read a limit of calls; empty means to find it out.

    Raises:
        SettingsError: it is no whole number or out of range.
    """
    typed = _text(credentials, variable)
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", typed) or int(typed) < 1:
        raise SettingsError(
            variable,
            f"{label} must be a whole number from 1 to 999999; leave it empty to have it found "
            f"out.",
        )
    return int(typed)


def _names(typed: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in map(str.strip, typed.split(",")) if name))


def parse_max_retry_seconds(typed: str) -> float:
    """Read the waiting budget in seconds: 0 to 480, empty for 45.

    Raises:
        SettingsError: it is no number or out of range.
    """
    if not typed:
        return DEFAULT_MAX_RETRY_SECONDS
    try:
        seconds = float(typed)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_MAX_RETRY_SECONDS:
        raise SettingsError(
            "max_retry_seconds",
            f"Max Retry Seconds must be a number from 0 (never wait) to "
            f"{LONGEST_MAX_RETRY_SECONDS:.0f}; leave it empty for "
            f"{DEFAULT_MAX_RETRY_SECONDS:.0f}.",
        )
    return seconds


def parse_count(credentials: Mapping[str, object], variable: str, label: str) -> int:
    """Read a number of tokens; empty means 4096.

    Raises:
        SettingsError: it is no whole number or out of range.
    """
    typed = _text(credentials, variable)
    if not typed:
        return DEFAULT_CONTEXT_SIZE
    if not re.fullmatch(r"[0-9]{1,9}", typed) or not 1 <= int(typed) <= LARGEST_TOKEN_COUNT:
        raise SettingsError(
            variable,
            f"{label} must be a whole number of tokens, such as 128000, without letters, "
            f"commas or points.",
        )
    return int(typed)


def _text(credentials: Mapping[str, object], variable: str) -> str:
    value = credentials.get(variable)
    return "" if value is None else str(value).strip()


def _choice(credentials: Mapping[str, object], variable: str, values: tuple[str, str]) -> bool:
    """Whether the second of two values was chosen; the first is the default."""
    typed = _text(credentials, variable)
    if typed and typed not in values:
        raise SettingsError(
            variable, f"{variable} must be {values[0]} or {values[1]}, not {typed[:40]!r}."
        )
    return typed == values[1]
