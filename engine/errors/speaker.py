"""Which gateway speaks, and whether for itself or for its upstream.

A refused key of the operator's is not the user's, and the other way round: what an error means
depends on whose words it is. The facts are those of gateway-errors 1 and more-gateways.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from engine.errors.envelope import Said

_FAMILY_HEADER = re.compile(r"^x-[a-z]*api-(request-id|version)$|^x-new-api-version$")
_NEW_API = re.compile(r"v?[1-9]")
_LITELLM_HEADER = re.compile(r"^(?:x-litellm-|llm_provider-)")
_FAMILY_TYPE = re.compile(r"^[a-z0-9]+_api_(?:error|panic)$|^(?:one|done)_hub_error$")
_FAMILY_WORDS = re.compile(r"负载已饱和|无可用渠道|無可用管道|[（(]distributor[）)]")
_LITELLM_WORDS = re.compile(
    r"^litellm\.|LiteLLM: model group|Received Model Group=|^Error code: \d{3}(?: - (?![{\[])|$)",
    re.IGNORECASE,
)
"""The last begins what it makes of a failure that OpenAI's client told it, whose own are JSON."""

_LITELLM_TYPES = frozenset(
    {
        "auth_error",
        "budget_exceeded",
        "expired_key",
        "key_model_access_denied",
        "no_db_connection",
        "org_model_access_denied",
        "team_model_access_denied",
        "token_not_found_in_db",
        "user_model_access_denied",
    }
)
"""Types that only LiteLLM's own refusals have."""

FAMILY = frozenset({"one-api", "new-api"})
"""How ``Speaker.gateway`` names the One API family."""
_LITELLM_REFUSAL = ("Authentication Error, ", "Authentication Error - ")
"""How its refusals of a key begin, whatever their type."""

_GPT_LOAD_CODES = frozenset(
    {
        "UNAUTHORIZED",
        "NO_KEYS_AVAILABLE",
        "UPSTREAM_ERROR",
        "INTERNAL_SERVER_ERROR",
        "MAX_RETRIES_EXCEEDED",
    }
)
_GPT_LOAD_PATH = re.compile(r"/proxy/[^/]+/")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who answered.

    Attributes:
        gateway: ``one-api`` for its whole family, ``new-api`` for New API since its version 1,
            ``litellm``, ``gpt-load``; empty where no gateway is known to be in between.
        own: it speaks for itself, not for its upstream. Also where no gateway is known: a pasted
            answer has no headers.
    """

    gateway: str = ""
    own: bool = False


def is_of_the_family(headers: Mapping[str, str]) -> bool:
    """Whether a gateway of the One API family answered, as far as headers tell."""
    return any(_FAMILY_HEADER.match(name.lower()) for name in headers)


def speaker_of(headers: Mapping[str, str], said: Said, url: str = "") -> Speaker:
    """Who answered, from what only that gateway sends.

    Args:
        headers: of the answer, names in lower case.
        said: what the error says.
        url: that was asked; gpt-load shows itself only there.
    """
    code = str(said.fields.get("code"))
    if said.flat and code in _GPT_LOAD_CODES:
        return Speaker("gpt-load", own=code != "UPSTREAM_ERROR")
    words = said.outer or said.message
    is_refusal = not _LITELLM_TYPES.isdisjoint(said.codes) or words.startswith(_LITELLM_REFUSAL)
    is_litellm = _LITELLM_WORDS.search(words) is not None
    if is_litellm or any(_LITELLM_HEADER.match(name) for name in headers):
        return Speaker("litellm", own=is_refusal)
    if is_refusal:
        return Speaker("litellm", own=True)
    # So its pages answer; what an upstream said comes in an envelope.
    is_of_page = said.flat and said.fields.get("success") is False
    own = any(_FAMILY_TYPE.match(code) for code in said.codes)
    family = own or _FAMILY_WORDS.search(said.message) is not None
    if family or is_of_the_family(headers):
        is_new = _NEW_API.match(headers.get("x-new-api-version", "")) is not None
        own = (own and not said.retold) or is_of_page
        return Speaker("new-api" if is_new else "one-api", own=own)
    through_gpt_load = _GPT_LOAD_PATH.search(urlsplit(url).path) is not None
    return Speaker("gpt-load") if through_gpt_load else Speaker(own=is_of_page)
