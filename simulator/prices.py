"""What the newer gateways publish of their models' prices, in the shapes that were recorded.

The ratios are ours, and differ from model to model, so that a mix-up shows.
"""

from typing import Any

from simulator.models import MODELS

SHARES = {"default": 1, "slow": 2}
"""What a group's prices are multiplied with."""

_PER_CALL = "gpt-3.5-turbo-instruct"
"""The one that is paid by the call."""


def ratio_of(name: str) -> float:
    """The ratio of a model's prompt."""
    return (MODELS.index(name) + 1) / 8


def pricing() -> dict[str, Any]:
    """New API's ``/api/pricing``."""
    data = [
        {
            "model_name": name,
            "vendor_id": 1 if name.startswith("gemini") else 2,
            "quota_type": int(name == _PER_CALL),
            "model_ratio": ratio_of(name),
            "model_price": 0,
            "owner_by": "",
            "completion_ratio": 4,
            "enable_groups": ["default"],
            "supported_endpoint_types": ["openai"],
        }
        for name in MODELS
    ]
    return {
        "auto_groups": [],
        "data": data,
        "group_ratio": SHARES,
        "success": True,
        "supported_endpoint": {"openai": {"path": "/v1/chat/completions", "method": "POST"}},
        "usable_group": {"default": "default"},
        "vendors": [{"id": 1, "name": "Google"}, {"id": 2, "name": "Others"}],
    }


def available() -> dict[str, Any]:
    """one-hub's and done-hub's models with groups and both ratios."""
    return {
        name: {
            "groups": ["default", "slow"],
            "owned_by": "未知",
            "price": {
                "model": name,
                "type": "times" if name == _PER_CALL else "tokens",
                "channel_type": 0,
                "input": ratio_of(name),
                "output": 4 * ratio_of(name),
                "locked": False,
            },
        }
        for name in MODELS
    }
