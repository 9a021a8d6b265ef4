"""The gateways: headers, ids and envelopes of each family, and how each passes answers on."""

import random
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from simulator import gptload, hubs, litellm, litellm_errors, newapi, oneapi
from simulator.answer import Answer, Framing, Headers, dump
from simulator.call import Call
from simulator.cdn import behind_cdn
from simulator.own import Refusal

NEW_API_VERSION = "v0.9.16-patch.1-592-gf4f144bc"
NEW_API_2026_08 = "v1.0-116255f0"
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
    machine: str = ""
    envelope: Literal["error", "numbered", "bare"] = "error"
    """How its own errors are written: as One API's family does, with all four fields and the
    status as code (LiteLLM), or without `error` around code and message (gpt-load)."""
    checks: bool = True
    """Whether it looks into a request as the One API family does."""
    reads_api_key: bool = False
    """Whether a key may come as `X-Api-Key`, and has to come with `Bearer` otherwise."""

    @property
    def is_gateway(self) -> bool:
        """Whether it stands between the client and an upstream of its own choice."""
        return bool(self.id_header) or self.envelope != "error"

    def headers(self, rid: str) -> Headers:
        """What marks every routed answer of this family."""
        version: Headers = (("X-New-Api-Version", self.version),) if self.version else ()
        return (*version, (self.id_header, rid)) if self.id_header else version

    def request_id(self, rng: random.Random) -> str:
        """A fresh id: the time, then digits (One API) or digits and letters (New API)."""
        now = time.strftime("%Y%m%d%H%M%S")
        if self.version:
            letters = "".join(rng.choices(string.ascii_letters + string.digits, k=8))
            return f"{now}{rng.randrange(10**9):09d}{self.machine}{letters}"
        return f"{now}{rng.randrange(10**16):016d}"

    def error(self, refusal: Refusal, message: str, rid: str) -> Answer:
        """An error of the gateway's own, in its envelope."""
        if refusal.plain or refusal.detail or self.envelope != "error":
            return self._other_error(refusal, message, rid)
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
        headers = refusal.headers or oneapi.JSON_HEADERS
        return Answer(refusal.status, headers, (oneapi.escaped(dump({"error": fields})),))

    def _other_error(self, refusal: Refusal, message: str, rid: str) -> Answer:
        """An error that is no `error` with a request's id."""
        if refusal.plain:
            text = (("content-type", "text/plain; charset=utf-8"), ("connection", "close"))
            return Answer(refusal.status, text, (message.encode(),), framing=Framing.CHUNKED)
        if refusal.detail:
            headers = refusal.headers or litellm_errors.JSON
            return Answer(refusal.status, headers, (dump({"detail": message}),))
        if self.envelope == "bare":
            body = dump({"code": refusal.code, "message": message})
            return Answer(refusal.status, (*oneapi.JSON_HEADERS, *gptload.GUARD), (body,))
        fields = {
            "message": message,
            "type": refusal.kind or self.kind,
            "param": refusal.param or None,
            "code": str(refusal.status),
        }
        called = (("x-litellm-call-id", rid),) if refusal.called else ()
        headers = (*litellm_errors.JSON, *refusal.headers, *called)
        return Answer(refusal.status, headers, (dump({"error": fields}),))


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
            "new-api-2026-08",
            "New API",
            "new_api_error",
            "X-Oneapi-Request-Id",
            newapi.translate,
            NEW_API_2026_08,
            (("code", ""),),
            "8268d9d6",
        ),
        Family("one-hub", "One Hub", "one_hub_error", "X-Oneapi-Request-Id", hubs.translate_one),
        Family("done-hub", "Done Hub", "one_hub_error", "X-Oneapi-Request-Id", hubs.translate_done),
        Family(
            "litellm",
            "LiteLLM",
            "",
            "",
            litellm.translate,
            envelope="numbered",
            checks=False,
            reads_api_key=True,
        ),
        Family(
            "gpt-load",
            "GPT Load",
            "",
            "",
            gptload.translate,
            envelope="bare",
            checks=False,
            reads_api_key=True,
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
