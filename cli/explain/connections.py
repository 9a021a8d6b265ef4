"""Connections that failed, or led to a web page: what libraries of several languages say."""

import re

from cli.explain.finding import Finding, Sure
from cli.explain.judge import stated
from engine.errors import Kind, kinds

_API_PATH = re.compile(
    r"/chat/completions\b|/v1/(?:completions|embeddings|rerank|models|responses|messages|audio)\b",
    re.IGNORECASE,
)
_OTHER_PATH = re.compile(r"with url: /(?!v\d|\S{0,80}/v\d)(?!\S{0,80}(?:chat|completion|embed))\S")
"""The path of a call to something else than a model."""

_CAUSES: tuple[tuple[Kind, str], ...] = (
    (
        kinds.TLS_FAILED,
        r"certificate[ _]verify[ _]failed|CERTIFICATE_VERIFY_FAILED|SSLCertVerification|\bSSLError"
        r"|\[SSL: |wrong[ _]version[ _]number|certificate (?:has expired|is not yet valid)"
        r"|self.signed certificate|unable to (?:get local issuer|verify the first) certificate"
        r"|UNABLE_TO_VERIFY_LEAF_SIGNATURE|DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT|x509: "
        r"|(?:ssl|tls) ?(?:handshake|alert|v1)|证书(?:校验|验证)失败|证书(?:无效|过期|不受信任)",
    ),
    (
        kinds.CONNECT_FAILED,
        r"name or service not known|failed to resolve|getaddrinfo|no such host"
        r"|nodename nor servname|name resolution|connection refused|ECONNREFUSED|ENOTFOUND"
        r"|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|no route to host|network is unreachable"
        r"|connect ?timeout|connection to \S{1,200} timed out|NewConnectionError|ProxyError"
        r"|unable to connect to proxy|all connection attempts failed|cannot connect to host"
        r"|failed to establish a new connection|dial tcp|fetch failed|ERR_CONNECTION"
        r"|连接被拒绝|无法连接|域名解析失败|连接超时|网络不可达",
    ),
    (
        kinds.CONNECTION_LOST,
        r"connection (?:was )?(?:reset|aborted|closed)|ECONNRESET|EPIPE|socket hang up"
        r"|remotedisconnected|remote ?(?:end closed|protocol ?error)|server disconnected"
        r"|broken ?pipe|incomplete ?read|chunked ?encoding ?error|incomplete chunked read"
        r"|stream (?:disconnected|closed|interrupted)|error decoding response body"
        r"|upstream connect error or disconnect|peer closed connection"
        r"|response ended prematurely|连接(?:被)?(?:重置|断开|中断)",
    ),
    (
        kinds.NO_ANSWER,
        r"read ?time(?:d )?-?out|request timed out|ETIMEDOUT|APITimeoutError|\btimed? ?out\b"
        r"|context deadline exceeded|请求超时|响应超时|读取超时",
    ),
    (
        kinds.WRONG_URL,  # A web page came where JSON was expected.
        r"unexpected token '?<|invalid character '<'|expecting value: line 1 column 1",
    ),
    (kinds.CONNECT_FAILED, r"max retries exceeded|connection ?error|network ?error|网络错误"),
)


def connection_in(text: str, *, in_call: bool) -> Finding | None:
    """A connection's own error, of a call to a model; any program may have one of another call.

    Args:
        text: a line.
        in_call: it was said of a call to a model, or by a plugin of Dify's.
    """
    is_of_model = _API_PATH.search(text) is not None
    if not is_of_model and (not in_call or _OTHER_PATH.search(text)):
        return None
    for kind, pattern in _CAUSES:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            # The class of an exception says less than its text, which stands beside it.
            is_class = text.startswith("error_type: ")
            return stated(kind, Sure.POSSIBLE if is_class else Sure.LIKELY, found[0])
    return None
