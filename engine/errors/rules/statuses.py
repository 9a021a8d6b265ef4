"""What is left when nothing was said that is known: the status alone."""

from engine.errors import kinds
from engine.errors.rules.rule import SERVER_STATUSES, Rule, codes, statuses

BY_STATUS: tuple[Rule, ...] = (
    Rule(
        kinds.UPSTREAM_REFUSED,
        "upstream's 401 behind a gateway: the operator's key",
        statuses=statuses(401),
        behind_gateway=True,
    ),
    Rule(kinds.KEY_REFUSED, "any server asked directly", statuses=statuses(401)),
    Rule(
        kinds.OWN_QUOTA,
        "the gateway itself",
        statuses=statuses(402),
        own=True,
    ),
    Rule(
        kinds.UPSTREAM_QUOTA,
        "upstream's 402 behind a gateway",
        statuses=statuses(402),
        behind_gateway=True,
    ),
    Rule(kinds.OWN_QUOTA, "any server asked directly", statuses=statuses(402)),
    Rule(kinds.ACCESS_DENIED, "the gateway itself", statuses=statuses(403), own=True),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "upstream's 403 behind a gateway",
        statuses=statuses(403),
        behind_gateway=True,
    ),
    Rule(kinds.ACCESS_DENIED, "any server asked directly; a firewall", statuses=statuses(403)),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "OA/NA2: the channel's base URL leads nowhere",
        statuses=statuses(404),
        behind_gateway=True,
        codes=codes("bad_response_status_code"),
    ),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "LiteLLM: a deployment's base URL leads nowhere",
        statuses=statuses(404),
        gateway="litellm",
        own=False,
    ),
    Rule(
        kinds.CONNECT_FAILED,
        "a proxy on the way that wants a name and a password (RFC 9110 15.5.8)",
        statuses=statuses(407),
        final=True,
    ),
    Rule(
        kinds.WRONG_URL,
        "not found, not allowed, redirected",
        statuses=statuses(300, 301, 302, 303, 305, 307, 308, 404, 405, 410, 501),
    ),
    Rule(
        kinds.UPSTREAM_TIMEOUT,
        "an upstream's own time-out",
        statuses=statuses(408),
    ),
    Rule(kinds.SERVER_ERROR, "any other 5xx, HTML of a proxy", statuses=SERVER_STATUSES),
    Rule(kinds.BAD_REQUEST, "any other 4xx", statuses=frozenset(range(400, 500))),
    Rule(kinds.WRONG_URL, "OA/NA: 200 with the web page, /v1 is missing", html=True),
)
