"""Proxies as the environment of Dify's plugin daemon names them (``HTTP_PROXY`` and its kin)."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from requests.exceptions import InvalidProxyURL
from requests.utils import select_proxy
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

_QUOTES = "\"'`“”‘’ \t\r\n"


def unquoted(value: str) -> str:
    """A variable's value as it is meant: ``.env`` files of containers keep quotes as they are."""
    return value.strip(_QUOTES)


def usable_proxies(url: str, proxies: Mapping[str, str]) -> dict[str, str]:
    """Proxies without the quotes around them.

    Args:
        url: that is to be asked; the proxy for it is looked at.
        proxies: what the environment says, by scheme.

    Raises:
        InvalidProxyURL: the one for this address is none.
    """
    found = {scheme: unquoted(value) for scheme, value in proxies.items()}
    proxy = select_proxy(url, found)
    if proxy:
        try:
            host = parse_url(proxy if "://" in proxy else f"http://{proxy}").host
        except LocationParseError:
            host = None
        if not host:
            # Without the value: it may hold a password.
            raise InvalidProxyURL("the environment names a proxy that is no address")
    return found


def proxy_passwords() -> tuple[str, ...]:
    """The passwords in the environment's proxies, as they are typed and as they are meant."""
    found: list[str] = []
    for value in getproxies().values():
        try:
            password = urlsplit(unquoted(value)).password
        except ValueError:
            continue
        if password:
            found += (password, unquote(password))
    return tuple(found)
