"""How New API hides addresses in the texts of errors that it passes on."""

import re

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?\"]+)(?P<path>/[^\s?\"]*)?(?P<query>\?[^\s\"]*)?"
)
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_DOMAIN = re.compile(r"\b(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}\b(?!\*)")


def masked(text: str, *, countries: bool = True) -> str:
    """The text without addresses, as New API masks it; `countries` keeps `b.cn` of `a@b.cn`."""
    kept: list[str] = []

    def keep(masked_url: str) -> str:
        kept.append(masked_url)
        return f"\x00{len(kept) - 1}\x00"

    text = _URL.sub(lambda match: keep(_mask_url(match)), text)
    text = _DOMAIN.sub(lambda match: _mask_host(match[0], countries), text)
    text = _ADDRESS.sub("***.***.***.***", text)
    return re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])], text)


def _mask_url(match: re.Match[str]) -> str:
    host = match["host"].rsplit(".", 1)[-1]
    path = "".join("/***" for part in (match["path"] or "").split("/") if part)
    names = [pair.partition("=")[0] for pair in (match["query"] or "")[1:].split("&") if pair]
    query = "?" + "&".join(f"{name}=***" for name in names) if names else ""
    return f"{match['scheme']}://***.{host}{path}{query}"


def _mask_host(host: str, countries: bool) -> str:
    labels = host.split(".")
    tail = 2 if countries and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 1
    return ".".join(["***"] * max(1, len(labels) - tail) + labels[-tail:])
