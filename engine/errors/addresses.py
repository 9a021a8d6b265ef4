"""Which dotted names in an upstream's words are addresses of servers, and which are no such thing.

Error codes (``InternalError.Algo.InvalidParameter``), classes (``java.net.ConnectException``),
places in a request (``messages.0.content.type``) and models in a public registry
(``registry.ollama.ai/library/gemma:2b``) are dotted too, and tell a reader what is wrong.
"""

import re

_ENDINGS = re.compile(
    # Generic domains that servers are found under.
    r"com|org|net|edu|gov|mil|int|info|biz|io|ai|dev|app|cloud|xyz|top|site|online|tech|pro|vip"
    r"|club|shop|store|space|fun|icu|ink|ltd|mobi|asia|name|host|website|network|services|systems"
    r"|world|work|team|live|link|wiki|page|run|chat|plus"
    # Networks of one's own, and what is reserved (RFC 2606, RFC 6762, RFC 8375).
    r"|local|localhost|localdomain|internal|intranet|private|lan|corp|home|svc|arpa"
    r"|test|example|invalid"
    # Countries (ISO 3166).
    r"|[a-z]{2}"
)
"""Last labels of names."""

_SHORT_ENDINGS = re.compile("com|org|net|cn|io|ai|dev|local|internal|svc|lan|corp|test|example")
"""Those that make an address of two labels; others are rather a field or a file."""

_NO_ENDINGS = re.compile(r"id|py|js|ts|rs|go|java|php|rb|\d+")
"""What is rather a field, a file or a figure, though some are a country's letters."""

_REGISTRIES = (
    "registry.ollama.ai/",
    "ollama.com/",
    "hf.co/",
    "huggingface.co/",
    "modelscope.cn/",
    "docker.io/",
    "ghcr.io/",
    "quay.io/",
)
"""Public places of models: what stands behind them is a model's name."""

_CLASS = re.compile(r"(?:[A-Z][a-z0-9]*){2,}")
"""How a class is written: ``SocketTimeoutException``."""


def hide_address(found: re.Match[str]) -> str:
    """The replacement of a dotted name: ``[address]`` if it is one, else the name as it is.

    Args:
        found: groups ``name``, and ``port`` and ``path``, which may be missing.
    """
    name, path = found["name"], found["path"] or ""
    if f"{name}{path}".startswith(_REGISTRIES):
        return found[0]
    labels = name.split(".")
    if _is_host(labels, has_port=found["port"] is not None):
        return "[address]"
    for end in range(len(labels) - 1, 1, -1):
        # A sentence that went on without a blank: "api.example.com.Please try again".
        if _is_host(labels[:end]) and not _CLASS.fullmatch(labels[-1]):
            return f"[address].{'.'.join(labels[end:])}{found['port'] or ''}{path}"
    return found[0]


def _is_host(labels: list[str], *, has_port: bool = False) -> bool:
    last = labels[-1].lower()
    if _NO_ENDINGS.fullmatch(last):
        return False
    if has_port:
        return True
    if len(labels) == 2:
        return _SHORT_ENDINGS.fullmatch(last) is not None
    return _ENDINGS.fullmatch(last) is not None and not any(map(str.isdecimal, labels))
