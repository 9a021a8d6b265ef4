"""What a CDN or a web server in front of a gateway makes of its failures: pages without headers."""

from dataclasses import replace

from simulator.answer import Answer, html_answer
from simulator.call import Call
from simulator.pages import cloudflare_json, cloudflare_page, nginx_page


def behind_cdn(_call: Call, up: Answer) -> Answer:
    """What comes through a CDN in front of the gateway when the gateway or the CDN fails."""
    server = (("Server", "cloudflare"), ("CF-RAY", "8c0ffee000000001-HKG"))
    if up.status < 400:
        kept = tuple(pair for pair in up.headers if pair[0] != "Server")
        return replace(up, headers=(*kept, *server)) if up.status else up
    if up.status >= 520:
        page = html_answer(up.status, cloudflare_page(up.status), server)
    else:
        page = html_answer(up.status, nginx_page(up.status), (("Server", "nginx"),))
    return replace(page, delay=up.delay)


def cloudflare_524() -> Answer:
    """Cloudflare's timeout as JSON, with `retry_after` in the body."""
    headers = (("Content-Type", "application/json"), ("Server", "cloudflare"))
    return Answer(524, headers, (cloudflare_json(524),))
