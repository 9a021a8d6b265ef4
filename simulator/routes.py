"""Where a request goes: which family, which endpoint, and what wrong paths are answered with.

A base URL may name a family in front of the path, as in `ORIGIN/new-api/v1`; that is how requests
without a model (lists, wrong paths) choose one. Facts §7 says what wrong paths get.
"""

from dataclasses import dataclass

from simulator import accounts, own
from simulator.answer import Answer
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


def route_of(request: Request) -> Route:
    """Where the request goes."""
    path, family = request.path, ""
    head, slash, tail = path.removeprefix("/").partition("/")
    if slash and head in FAMILIES:
        path, family = f"/{tail}", head
    redirected = path.startswith(_REDIRECTED)
    path = path.removeprefix(_REDIRECTED)
    method, endpoint = ENDPOINTS.get(path, ("", ""))
    rest = ""
    if path.startswith("/v1/models/") and len(path) > len("/v1/models/"):
        method, endpoint, rest = "GET", "models", path.removeprefix("/v1/models/")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else ""
    return Route(
        family or DEFAULT,
        path,
        endpoint if method == request.method else "",
        key,
        rest,
        redirected,
    )


def wrong_path(request: Request, route: Route, family: Family) -> Answer | None:
    """The answer to a path or method that is no endpoint, or None if it is one."""
    missing = MISSING.get(family.name, frozenset()) | accounts.MISSING.get(family.name, frozenset())
    if route.endpoint and route.endpoint not in missing:
        return None
    if request.method == "OPTIONS":
        return _preflight()
    if not family.is_gateway:
        return _invalid_url(request, route, family)
    bare = route.path.rstrip("/")
    for other in {bare, f"{bare}/"} - {route.path}:
        if other in ENDPOINTS and ENDPOINTS[other][1] not in missing:
            return _moved(request.method, other)
    if route.path.startswith(("/v1/", "/api/")):
        return _invalid_url(request, route, family)
    return index_page(f"{family.title} (stub of the web UI)")


def _moved(method: str, to: str) -> Answer:
    """A trailing slash: Go's router sends the client to the path without it."""
    if method == "GET":
        page = f'<a href="{to}">Moved Permanently</a>.\n\n'
        headers = (("Content-Type", "text/html; charset=utf-8"), ("Location", to))
        return Answer(301, headers, (page.encode(),))
    return Answer(307, (("Location", to),))


def _invalid_url(request: Request, route: Route, family: Family) -> Answer:
    refusal = own.refusal("invalid-url", family.name)
    message = refusal.message.replace("{path}", f"{request.method} {route.path}")
    return family.error(refusal, message, "")


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
