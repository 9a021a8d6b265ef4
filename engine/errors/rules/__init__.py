"""How each kind of failure is recognised: one row a rule, the first that holds decides.

Codes and texts come before the status, because operators remap statuses per channel and gateways
overwrite texts (New API ``status_code_mapping``; One API puts the saturated text on every 429).
What is certain comes before what is general: a gateway's own codes, then vendors' codes and words
by families of meaning, then the status alone.
OA = One API, NA = New API, RX = Rix API and DMXAPI, SH = Shell API.
"""

from engine.errors.rules.access import ACCESS, KEYS, QUOTA
from engine.errors.rules.busy import BUSY, LIMITS
from engine.errors.rules.content import CONTENT, SIZE
from engine.errors.rules.models import MODELS, REQUESTS
from engine.errors.rules.own import OWN
from engine.errors.rules.rule import (
    BUSY_STATUSES,
    SERVER_STATUSES,
    UNKNOWN_STATUS,
    Rule,
    asks_beyond_limit,
)
from engine.errors.rules.statuses import BY_STATUS

__all__ = [
    "BUSY_STATUSES",
    "RULES",
    "SERVER_STATUSES",
    "UNKNOWN_STATUS",
    "Rule",
    "asks_beyond_limit",
]

RULES: tuple[Rule, ...] = (
    *OWN,
    *LIMITS,
    *CONTENT,
    *SIZE,
    *QUOTA,
    *ACCESS,
    *KEYS,
    *MODELS,
    *REQUESTS,
    *BUSY,
    *BY_STATUS,
)
