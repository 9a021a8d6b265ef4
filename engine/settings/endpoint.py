"""The API Base URL, understood as people paste it."""

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

from engine.settings.fields import SettingsError
from engine.text.invisible import without_invisible

# Patterns are compiled when a form is read first: start-up is outage time.
_API_PATHS = (
    r"(?i)(?:(?<=/v\d)/chat|/(chat/completions|completions|embeddings|models|responses"
    r"|messages|rerank|moderations"
    r"|audio/(speech|transcriptions|translations)|images/(generations|edits|variations)))$"
)
_SCHEME = r"(?i)^([a-z][a-z0-9+.-]*):/{0,2}"
_SHOWN_SCHEME = r"(?i)[a-z]{2,10}"
_HOST_AND_PORT = r"(?i)^[a-z0-9_.-]+:\d+(/|$)"
_LOCAL_HOST = (
    r"(?i)^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|host\.docker\.internal"
    r"|[^.:/]+(:\d+)?(/|$))"
)
_QUOTES = "\"'`“”‘’„«»<>《》〈〉「」『』*"
_BEFORE = f"{_QUOTES}({{（【：:，。、；"
_BEHIND = f"{_QUOTES})}}）】：:，。、；！？,.;!?…·|"
_LABEL = r"(?i)^[^/]*?[:=：＝(（\s]\s*[\"'“‘`<「]*(?=https?://)"
"""Such as ``Base URL:``, ``export OPENAI_BASE_URL=``, ``接口地址：``, ``[page](``."""

_ENCODED_BLANKS = r"(?i)(?:%20|%0A|%0D|%C2%A0|%E2%80%8B|%EF%BB%BF)+$"
_WIDE = r"[\u3000-\u303f\uff01-\uff5e]"
_NO_PATH = r"[^\x21-\x7e]|[\"'<>\\^`{|}]"
_SEVERAL = r"[,;]"
_TOO_LONG = r"[^.:/]{64}"
"""More than stands before the first point of a host's name (RFC 1035, 2.3.4)."""

_KEY = (
    r"(?i)(?:sk|pk|ak|rk|gsk|xai|pat|hf|nvapi)[-_](?=[\w-]*\d)[\w-]{12,}|sk-[\w-]+"
    r"|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
    r"|(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{20,}|[a-z\d]{16,}\.[a-z\d]{12,}"
    r"|eyJ[\w-]+(?:\.[\w-]+)*"
)
"""What is a key where a host's name stands: by its beginning, or as nobody names a host."""


def parse_endpoint(typed: str) -> str:
    """Understand a base URL as people paste it.

    A label, quotes, punctuation and invisible characters that came along, a missing scheme, a
    trailing slash, a pasted ``/chat/completions`` and a query are put right; ``/v1`` is added only
    to an empty path, as any other path is meant.

    Raises:
        SettingsError: it is no URL of a gateway; the text says what to type.
    """
    text = _bare(typed)
    if not text:
        raise _refused("endpoint_empty")
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise _refused("endpoint_space")
    if wide := re.search(_WIDE, text):
        raise _refused("endpoint_wide", character=wide[0])
    parts = _split(text)
    host, port = _host_and_port(parts)
    path = re.sub(_API_PATHS, "", re.sub(r"/{2,}", "/", parts.path).rstrip("/")).rstrip("/")
    if re.search(_SEVERAL, path):
        raise _refused("endpoint_several")
    if odd := re.search(_NO_PATH, path):
        raise _refused("endpoint_odd", character=odd[0])
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        netloc = f"{netloc}:{port}"
    return urlunsplit((parts.scheme.lower(), netloc, path or "/v1", "", ""))


def _refused(sentence: str, *, character: str = "", scheme: str = "") -> SettingsError:
    return SettingsError("endpoint_url", sentence, character=character, scheme=scheme)


def _bare(typed: str) -> str:
    """What was typed without what came along with it."""
    text = _trimmed(without_invisible(typed))
    return _trimmed(re.sub(_ENCODED_BLANKS, "", re.sub(_LABEL, "", text, count=1)))


def _trimmed(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = text.strip().lstrip(_BEFORE).rstrip(_BEHIND)
        # The bracket of an IPv6 address has its other half.
        if text.endswith("]") and "[" not in text:
            text = text[:-1]
    return text


def _split(text: str) -> SplitResult:
    if _is_key(text):
        raise _refused("endpoint_is_key")
    try:
        parts = urlsplit(_with_scheme(text))
        _ = parts.hostname, parts.port
    except SettingsError:
        raise
    except ValueError:
        raise _refused("endpoint_port") from None
    return parts


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    host = parts.hostname
    if not host or host in {"http", "https"} or not re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", host):
        raise _refused("endpoint_no_host")
    if parts.username is not None or parts.password is not None:
        raise _refused("endpoint_user")
    if _is_key(host):
        raise _refused("endpoint_is_key")
    return host, parts.port


def _is_key(text: str) -> bool:
    """Whether it is rather a key, where only a host's name may stand."""
    return bool(re.fullmatch(_KEY, text) or re.match(_TOO_LONG, text))


def _with_scheme(text: str) -> str:
    scheme = re.match(_SCHEME, text)
    if scheme is None or re.match(_HOST_AND_PORT, text):
        # A host on this machine or in a private network hardly ever speaks TLS.
        return f"{'http' if re.match(_LOCAL_HOST, text) else 'https'}://{text.lstrip('/')}"
    if scheme[1].lower() not in {"http", "https"}:
        # Of what is no scheme nothing is repeated: it may be a key.
        if re.fullmatch(_SHOWN_SCHEME, scheme[1]):
            raise _refused("endpoint_other_scheme", scheme=scheme[1])
        raise _refused("endpoint_scheme")
    return f"{scheme[1].lower()}://{text[scheme.end() :]}"
