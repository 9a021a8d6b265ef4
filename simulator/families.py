"""The gateways: headers, ids and envelopes of each family, and how each passes answers on."""

import random
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator import newapi, oneapi
from simulator.answer import Answer, Headers, dump
from simulator.call import Call
from simulator.cdn import behind_cdn
from simulator.own import Refusal

NEW_API_VERSION = "v0.9.16-patch.1-592-gf4f144bc"
DEFAULT = "rix"

type Translate = Callable[[Call, Answer], Answer]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of server.

    `kind` is the `type` of its own errors, `id_header` the header of the request's id (empty for
    servers that are no gateway), `plain` the fields of its simple errors besides message and type.
    """

    name: str
    title: str
    kind: str
    id_header: str
    translate: Translate
    version: str = ""
    plain: tuple[tuple[str, Any], ...] = ()

    @property
    def is_gateway(self) -> bool:
        """Whether it stands between the client and an upstream of its own choice."""
        return bool(self.id_header)

    def headers(self, rid: str) -> Headers:
        """What marks every routed answer of this family."""
        version: Headers = (("X-New-Api-Version", self.version),) if self.version else ()
        return (*version, (self.id_header, rid)) if self.is_gateway else version

    def request_id(self, rng: random.Random) -> str:
        """A fresh id: the time, then digits (One API) or digits and letters (New API)."""
        now = time.strftime("%Y%m%d%H%M%S")
        if self.version:
            letters = "".join(rng.choices(string.ascii_letters + string.digits, k=8))
            return f"{now}{rng.randrange(10**9):09d}{letters}"
        return f"{now}{rng.randrange(10**16):016d}"

    def error(self, refusal: Refusal, message: str, rid: str) -> Answer:
        """An error of the gateway's own, in its envelope."""
        text = f"{message} (request id: {rid})" if refusal.rid and self.is_gateway else message
        fields: dict[str, Any] = {"message": text, "type": refusal.kind or self.kind}
        if refusal.relay or not self.is_gateway:
            fields |= {"param": refusal.param, "code": refusal.code}
        else:
            fields |= dict(self.plain)
            if refusal.code is not None:
                fields["code"] = refusal.code
            fields = dict(sorted(fields.items()))  # a Go map, written in order
        fields |= dict(refusal.extra)
        headers = (("Content-Type", "application/json; charset=utf-8"),)
        return Answer(refusal.status, headers, (oneapi.escaped(dump({"error": fields})),))


def _as_it_is(_call: Call, answer: Answer) -> Answer:
    return answer


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family("one-api", "One API", "one_api_error", "X-Oneapi-Request-Id", oneapi.translate),
        Family(
            "new-api",
            "New API",
            "new_api_error",
            "X-Oneapi-Request-Id",
            newapi.translate,
            NEW_API_VERSION,
            (("code", ""),),
        ),
        Family(
            "rix",
            "Rix API",
            "rix_api_error",
            "X-Rixapi-Request-Id",
            oneapi.translate_rix,
            plain=(("param", ""), ("code", None)),
        ),
        Family(
            "shell",
            "Shell API",
            "shell_api_error",
            "X-Oneapi-Request-Id",
            oneapi.translate_shell,
            plain=(("param", ""), ("code", None)),
        ),
        Family("cdn", "CDN", "error", "", behind_cdn),
        Family("openai", "OpenAI-compatible", "invalid_request_error", "", _as_it_is),
    )
}
"""Rix API and Shell API are closed source: their envelopes are those seen in the wild, the rest
is assumed to be as in One API, except that errors within a stream are passed on."""
