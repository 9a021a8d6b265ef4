"""Who speaks: which gateway, and for itself or for its upstream."""

from typing import Any

import pytest

from engine.errors.evidence import evidence_of_document

OA = {"X-Oneapi-Request-Id": "r"}
NA = {"X-New-Api-Version": "v1.0-116255f0"}
LITELLM = {"x-litellm-call-id": "c"}


def error(message: str = "m", **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("headers", "document", "url", "gateway", "own"),
    [
        ({}, error(), "http://h/v1/chat/completions", "", False),
        (OA, error(), "", "one-api", False),
        (NA, error(), "", "new-api", False),
        ({"X-New-Api-Version": "v0.9.16"}, error(), "", "one-api", False),
        ({}, error(type="new_api_error"), "", "one-api", True),
        ({}, error(type="one_hub_error"), "", "one-api", True),
        ({}, error(type="aihubmix_api_error"), "", "one-api", True),
        ({}, error(type="api_error"), "", "", False),
        ({}, error("分組 G 下模型 M 無可用管道（distributor）"), "", "one-api", False),
        (LITELLM, error(type="throttling_error"), "", "litellm", False),
        ({"llm_provider-retry-after": "7"}, error(), "", "litellm", False),
        ({}, error("litellm.AuthenticationError: OpenAIException - x"), "", "litellm", False),
        ({}, error("Error code: 404"), "", "litellm", False),
        ({}, error("Error code: 429 - You are out of credits"), "", "litellm", False),
        ({}, error("Error code: 404 was returned"), "", "", False),
        ({}, error("Error code: 404 - {'message': 'm'}"), "", "", False),
        (NA, {"success": False, "message": "Token not provided"}, "", "new-api", True),
        (NA, {"success": False, "error": {"message": "m"}}, "", "new-api", False),
        ({}, {"success": False, "message": "m"}, "", "", True),
        ({}, error(type="token_not_found_in_db"), "", "litellm", True),
        (LITELLM, error("Authentication Error, Invalid token passed"), "", "litellm", True),
        (LITELLM, error(type="key_model_access_denied"), "", "litellm", True),
        ({}, {"code": "NO_KEYS_AVAILABLE", "message": "m"}, "", "gpt-load", True),
        ({}, {"code": "UPSTREAM_ERROR", "message": "m"}, "", "gpt-load", False),
        ({}, error(code="UNAUTHORIZED"), "", "", False),
        ({}, error(), "http://h/proxy/group/v1/chat/completions", "gpt-load", False),
    ],
)
def test_speaker(
    headers: dict[str, str], document: dict[str, Any], url: str, gateway: str, own: bool
) -> None:
    evidence = evidence_of_document(400, headers, document, url=url)
    assert (evidence.gateway, evidence.own) == (gateway, own)
    assert evidence.behind_gateway == bool(gateway)
