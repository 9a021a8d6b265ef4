"""The API Base URL, understood as people paste it."""

import re
from urllib.parse import urlsplit, urlunsplit

from gateway.settings.fields import SettingsError

_API_PATHS = re.compile(
    r"/(chat/completions|completions|embeddings|models|responses|messages|rerank|moderations"
    r"|audio/(speech|transcriptions|translations)|images/generations)$"
)
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):/{0,2}", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"^[a-z0-9_.-]+:\d+(/|$)", re.IGNORECASE)
_LOCAL_HOST = re.compile(
    r"^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|host\.docker\.internal"
    r"|[^.:/]+(:\d+)?(/|$))",
    re.IGNORECASE,
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
