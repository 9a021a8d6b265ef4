"""Why no connection came about, where the error says it: a sentence that tells what to change."""

import re
from typing import NamedTuple

import requests

from gateway.bilingual import Both

PROXY_PASSWORD = Both(
    "The proxy that HTTP_PROXY or HTTPS_PROXY names wants a user name and a password: write them "
    "into that variable as http://user:password@proxy:port, or name the gateway in NO_PROXY.",
    "HTTP_PROXY 或 HTTPS_PROXY 指定的代理（proxy）要求用户名和密码：请在该变量中写成 "
    "http://user:password@proxy:port，或在 NO_PROXY 中加入网关的主机名。",
)
"""HTTP 407 (RFC 9110, 15.5.8)."""


_WANTS_TLS = (
    rb"plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server"
    rb"|speaking plain HTTP to an SSL-enabled server port"
)
"""What nginx, Go and Apache answer, with status 400."""

PORT_WITH_TLS = Both(
    "The port speaks TLS: begin the API Base URL with https:// instead of http://.",
    "该端口使用 TLS：请把接口地址的 http:// 改为 https://。",
)


class Cause(NamedTuple):
    """One cause.

    Attributes:
        errors: classes of the error.
        words: that its text holds.
        sentence: what is wrong, and what to do about it.
        lasting: it does not go away by itself, so nothing is tried again.
    """

    errors: tuple[type[Exception], ...]
    words: str
    sentence: Both
    lasting: bool = True


_ANY = ""

CAUSES = (
    Cause((OSError,), r"Tunnel connection failed: 407", PROXY_PASSWORD),
    Cause(
        (OSError,),
        r"Tunnel connection failed: 4",
        Both(
            "The proxy that HTTPS_PROXY names refuses to connect to this host: have it allowed "
            "there, or name the gateway in NO_PROXY.",
            "HTTPS_PROXY 指定的代理（proxy）拒绝连接该主机：请在代理上放行，或在 NO_PROXY 中"
            "加入网关的主机名。",
        ),
    ),
    Cause(
        (requests.exceptions.InvalidSchema,),
        "SOCKS",
        Both(
            "ALL_PROXY, HTTP_PROXY or HTTPS_PROXY names a socks proxy, which this plugin cannot "
            "use: name the proxy's http:// port there, or the gateway in NO_PROXY.",
            "ALL_PROXY、HTTP_PROXY 或 HTTPS_PROXY 指定了 socks 代理，本插件无法使用：请改填"
            "该代理的 http:// 端口，或在 NO_PROXY 中加入网关的主机名。",
        ),
    ),
    Cause(
        (OSError,),
        "proxy appears to only use HTTP and not HTTPS",
        Both(
            "The proxy that HTTPS_PROXY names speaks no TLS itself: write it there with http://.",
            "HTTPS_PROXY 指定的代理（proxy）本身不使用 TLS：请把它写成 http:// 开头。",
        ),
    ),
    Cause(
        (requests.exceptions.InvalidProxyURL,),
        _ANY,
        Both(
            "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is no address of a proxy: write it as "
            "http://proxy:port.",
            "HTTP_PROXY、HTTPS_PROXY 或 ALL_PROXY 不是有效的代理（proxy）地址：请写成 "
            "http://proxy:port。",
        ),
    ),
    Cause(
        (ValueError,),
        "Proxy URL had unsupported scheme",
        Both(
            "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names a proxy of an unknown kind: write it as "
            "http://proxy:port.",
            "HTTP_PROXY、HTTPS_PROXY 或 ALL_PROXY 的代理（proxy）类型未知：请写成 http://proxy:port。",
        ),
    ),
    Cause(
        (requests.exceptions.ProxyError,),
        _ANY,
        Both(
            "The proxy that HTTP_PROXY, HTTPS_PROXY or ALL_PROXY names could not be reached.",
            "连不上 HTTP_PROXY、HTTPS_PROXY 或 ALL_PROXY 指定的代理（proxy）。",
        ),
        lasting=False,
    ),
    Cause(
        (OSError,),
        (
            r"WRONG_VERSION_NUMBER|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE|PACKET_LENGTH_TOO_LONG"
            r"|\[SSL: HTTP_REQUEST\]|record layer failure"
        ),
        Both(
            "The port answers without TLS: begin the API Base URL with http:// instead of https://.",
            "该端口没有使用 TLS：请把接口地址的 https:// 改为 http://。",
        ),
    ),
)
"""The first that fits tells. Words are those of urllib3, ``http.client`` and OpenSSL."""


def cause_of(error: Exception) -> Cause | None:
    """What the error of a connection says of its cause; ``None`` if that is nothing more."""
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
