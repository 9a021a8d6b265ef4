"""Where a request goes: which family, which endpoint, and what wrong paths are answered with.

A base URL may name a family in front of the path, as in `ORIGIN/new-api/v1`; that is how requests
without a model (lists, wrong paths) choose one. Facts §7 says what wrong paths get.
"""

import re
from dataclasses import dataclass

from simulator import accounts, own_newer
from simulator.answer import Answer, json_answer
from simulator.call import Call
from simulator.families import DEFAULT, FAMILIES, Family
from simulator.http11 import Request
from simulator.pages import index_page

ENDPOINTS = {
    "/v1/chat/completions": ("POST", "chat"),
    "/v1/completions": ("POST", "completions"),
    "/v1/embeddings": ("POST", "embeddings"),
    "/v1/rerank": ("POST", "rerank"),
    "/v1/moderations": ("POST", "moderations"),
    "/v1/responses": ("POST", "responses"),
    "/v1/audio/transcriptions": ("POST", "transcriptions"),
    "/v1/audio/speech": ("POST", "speech"),
    "/v1/models": ("GET", "models"),
    **accounts.PAGES,
}
"""Path -> method and name. Another endpoint is one more row here, and one of `results.RESULTS`."""

MISSING = {"one-api": frozenset({"rerank", "responses"})}
"""Endpoints that a family does not have (facts §1, 404)."""

_WITHOUT_V1 = frozenset({"litellm", "gpt-load"})
"""Families that do without `/v1` in a path."""

_REDIRECTED = "/redirected"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes. `endpoint` is empty when the path or the method is wrong."""

    family: str
    path: str
    endpoint: str
    key: str
    rest: str = ""
    """What follows `/v1/models/`."""
    redirected: bool = False
    """Whether the client came here by a redirect of ours."""
    group: str = ""
    """The pool of keys that a path of gpt-load names."""


def route_of(request: Request) -> Route:
    """Where the request goes."""
    path, family = request.path, ""
    head, slash, tail = path.removeprefix("/").partition("/")
    if slash and head in FAMILIES:
        path, family = f"/{tail}", head
    redirected = path.startswith(_REDIRECTED)
    path = path.removeprefix(_REDIRECTED)
    group = ""
    if family == "gpt-load":
        group, path = _pool(path)
    if family in _WITHOUT_V1 and f"/v1{path}" in ENDPOINTS:
        path = f"/v1{path}"
    method, endpoint = ENDPOINTS.get(path, ("", ""))
    rest = ""
    if path.startswith("/v1/models/") and len(path) > len("/v1/models/"):
        method, endpoint, rest = "GET", "models", path.removeprefix("/v1/models/")
    family = family or DEFAULT
    return Route(
        family,
        path,
        endpoint if method == request.method else "",
        key_in(request, FAMILIES[family]),
        rest,
        redirected,
        group,
    )


def key_in(request: Request, family: Family) -> str:
    """The key that came with a request, where that family looks for it."""
    said = request.headers.get("authorization", "").strip()
    scheme, blank, token = said.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    if family.reads_api_key:
        return request.headers.get("x-api-key", "")
    return said if said and not blank else ""


def _pool(path: str) -> tuple[str, str]:
    """The group that a path of gpt-load names, and the rest of the path."""
    found = re.fullmatch(r"/proxy/([\w-]+)(/.*)?", path)
    return (found[1], found[2] or "/") if found else ("", path)


def wrong_path(request: Request, route: Route, family: Family) -> Answer | None:
    """The answer to a path or method that is no endpoint, or None if it is one."""
    missing = MISSING.get(family.name, frozenset()) | accounts.MISSING.get(family.name, frozenset())
    pooled = family.name == "gpt-load"
    if pooled and not route.group and route.endpoint != "models":
        return index_page(f"{family.title} (stub of the web UI)")
    if route.endpoint and route.endpoint not in missing:
        return None
    if request.method == "OPTIONS":
        return _preflight()
    if family.name == "litellm":
        return _as_litellm(request, route, family)
    if pooled:
        return _upstreams_invalid_url(request, route)
    return _as_gateway(request, route, family, missing)


def _as_gateway(request: Request, route: Route, family: Family, missing: frozenset[str]) -> Answer:
    """What One API and its kin say: a slash too many, an address that is none, or a page."""
    if not family.is_gateway:
        return _invalid_url(request, route, family)
    bare = route.path.rstrip("/")
    for other in {bare, f"{bare}/"} - {route.path}:
        if other in ENDPOINTS and ENDPOINTS[other][1] not in missing:
            return _moved(request.method, other)
    if route.path.startswith(("/v1/", "/api/")):
        return _invalid_url(request, route, family)
    return index_page(f"{family.title} (stub of the web UI)")


def _as_litellm(request: Request, route: Route, family: Family) -> Answer:
    """What its web framework says; the same for all that it has not."""
    bare = route.path.rstrip("/")
    if route.path != bare and bare in ENDPOINTS:
        return Answer(307, (("location", f"http://{request.headers['host']}{bare}"),))
    is_known = route.path in ENDPOINTS and route.path not in accounts.PAGES
    name = "not-allowed" if is_known else "not-found"
    refusal = own_newer.refusal(name, family.name)
    return family.error(refusal, refusal.message, "")


def _moved(method: str, to: str) -> Answer:
    """A trailing slash: Go's router sends the client to the path without it."""
    if method == "GET":
        page = f'<a href="{to}">Moved Permanently</a>.\n\n'
        headers = (("Content-Type", "text/html; charset=utf-8"), ("Location", to))
        return Answer(301, headers, (page.encode(),))
    return Answer(307, (("Location", to),))


def _invalid_url(request: Request, route: Route, family: Family) -> Answer:
    refusal = own_newer.refusal("invalid-url", family.name)
    message = refusal.message.replace("{path}", f"{request.method} {route.path}")
    return family.error(refusal, message, "")


def _upstreams_invalid_url(request: Request, route: Route) -> Answer:
    """What the vendor behind a pool of keys says of a path that it has not."""
    message = f"Invalid URL ({request.method} {route.path})"
    fields = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return json_answer(404, {"error": fields})


def _preflight() -> Answer:
    allowed = {
        "Credentials": "true",
        "Headers": "*",
        "Methods": "GET,POST,PUT,DELETE,OPTIONS",
        "Origin": "*",
    }
    headers = tuple((f"Access-Control-Allow-{name}", value) for name, value in allowed.items())
    return Answer(204, (*headers, ("Access-Control-Max-Age", "43200")))


def redirection(call: Call) -> Answer | None:
    """`redirect-STATUS-same` or `-other`: to this host, or to another name of it."""
    words = call.behaviour.split("-")
    if words[0] != "redirect" or len(words) != 3:
        return None
    origin = "" if words[2] == "same" else call.origin.replace("127.0.0.1", "localhost")
    return Answer(int(words[1]), (("Location", f"{origin}{_REDIRECTED}{call.path}"),))
