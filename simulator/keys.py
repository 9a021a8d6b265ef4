"""The keys that are refused, or treated in some other way; any other key is good."""

KEYS: dict[str, str] = {
    "sk-wrong": "key-wrong",
    "sk-expired": "key-expired",
    "sk-disabled": "key-disabled",
    "sk-exhausted": "key-exhausted",
    "sk-nomoney": "user-nomoney",
    "sk-tiny": "quota-token-small",
    "sk-poor": "quota-user-small",
    "sk-banned": "user-banned",
    "sk-iplimited": "key-iplimited",
    "sk-onlyok": "model-not-allowed",
    "sk-nochannel": "no-channel",
    "sk-nogroup": "group-forbidden",
    "sk-groupoff": "group-disabled",
    "sk-pinned": "channel-pinned",
    "sk-pinned-off": "channel-off",
    "sk-pinned-unknown": "channel-unknown",
    "sk-saturated": "sat-forever",
    "sk-silent": "hang",
    "sk-nolist": "list-fails",
    "sk-nolist-404": "list-missing",
}
"""Key -> refusal, or behaviour of the upstream. `sk-wrong-2` and the like count as `sk-wrong`."""

_GROUPS = {"sk-nochannel": "empty", "sk-auto": "auto", "sk-vip": "vip"}


def fault_of_key(key: str, *, again: bool, endpoint: str, behaviour: str) -> str | None:
    """What is wrong with the key for this request, by name, or None.

    `again` says that the key was used before: an exhausted one is then refused in other words.
    """
    if not key:
        return "key-missing"
    names = [name for name in KEYS if key == name or key.startswith(f"{name}-")]
    if not names:
        return None
    listing = endpoint == "models"
    fault = KEYS[max(names, key=len)]
    if fault == "key-exhausted" and (again or listing):
        return "key-exhausted-again"
    everywhere = fault.startswith("key-") or fault in {"user-banned", "group-disabled", "hang"}
    if not everywhere and fault.startswith("list-") != listing:
        return None
    return None if fault == "model-not-allowed" and behaviour == "ok" else fault


def group_of(key: str) -> str:
    """The group that the key belongs to."""
    return _GROUPS.get(key, "default")
