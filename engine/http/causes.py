"""Why no connection came about, where the error says it: each cause has sentences of its own."""

import re
from typing import NamedTuple

import requests

_WANTS_TLS = (
    rb"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server"
    rb"|speaking plain HTTP to an SSL-enabled server port"
)
"""What nginx, Go and Apache answer, with status 400."""

_CONNECTING = r"(?s)Max retries exceeded.*"
"""How urllib3 begins while nothing was sent yet: the same words may come of a later send."""


class Cause(NamedTuple):
    """One cause.

    Attributes:
        name: what is said of it: its key below ``causes`` in the locales.
        errors: classes of the error.
        words: that its text holds.
        lasting: it does not go away by itself, so nothing is tried again.
    """

    name: str
    errors: tuple[type[Exception], ...]
    words: str = ""
    lasting: bool = True


CAUSES = (
    # HTTP 407 (RFC 9110, 15.5.8).
    Cause("proxy_password", (OSError,), r"Tunnel connection failed: 407"),
    Cause("proxy_refuses", (OSError,), r"Tunnel connection failed: 4"),
    Cause("proxy_socks", (requests.exceptions.InvalidSchema,), "SOCKS"),
    Cause("proxy_without_tls", (OSError,), "proxy appears to only use HTTP and not HTTPS"),
    Cause("proxy_address", (requests.exceptions.InvalidProxyURL,)),
    Cause("proxy_type", (ValueError,), "Proxy URL had unsupported scheme"),
    Cause("proxy_unreachable", (requests.exceptions.ProxyError,), lasting=False),
    Cause(
        "port_without_tls",
        (OSError,),
        r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|PACKET_LENGTH_TOO_LONG"
        r"|\[SSL: HTTP_REQUEST\]|record layer failure",
    ),
    Cause("certificate_file", (OSError,), r"TLS CA certificate bundle"),
    Cause(
        "certificate_expired",
        (requests.exceptions.SSLError,),
        r"certificate has expired|certificate is not yet valid",
    ),
    Cause(
        "certificate_name",
        (requests.exceptions.SSLError,),
        r"(?:Hostname|IP address) mismatch|doesn't match",
    ),
    Cause(
        "certificate_issuer",
        (requests.exceptions.SSLError,),
        r"self[- ]signed certificate|unable to get (?:local )?issuer certificate",
    ),
    Cause("connect_timeout", (requests.exceptions.ConnectTimeout,), lasting=False),
    Cause(
        "name_not_found",
        (requests.exceptions.ConnectionError,),
        _CONNECTING + r"(?:NameResolutionError|Failed to resolve|getaddrinfo failed)",
        lasting=False,
    ),
    Cause(
        "port_closed",
        (requests.exceptions.ConnectionError,),
        _CONNECTING + r"(?:Connection refused|Errno (?:111|61)\]|WinError 10061)",
        lasting=False,
    ),
    Cause(
        "unreachable",
        (requests.exceptions.ConnectionError,),
        _CONNECTING + r"(?:Network is unreachable|No route to host|Errno (?:101|113)\])",
        lasting=False,
    ),
)
"""The first that fits tells. Words are those of urllib3, ``http.client``, OpenSSL and systems."""


def cause_of(error: Exception) -> Cause | None:
    """Return what the error of a connection says of its cause; ``None`` if that is nothing more."""
    text = str(error)
    fitting = (
        cause
        for cause in CAUSES
        if isinstance(error, cause.errors) and re.search(cause.words, text)
    )
    return next(fitting, None)


def wants_tls(body: bytes) -> bool:
    """Whether the body of a refusal says that the port takes no requests without TLS."""
    return re.search(_WANTS_TLS, body) is not None
