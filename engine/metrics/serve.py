"""Switches the metrics on."""

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from engine import observe
from engine.client import Client
from engine.metrics.address import MetricsAddress
from engine.metrics.history import History
from engine.metrics.meter import Meter
from engine.metrics.page import STYLE, status_page
from engine.metrics.server import Document, MetricsServer
from engine.metrics.state import StateCollector


def serve_metrics(address: MetricsAddress, client: Client, version: str) -> str:
    """Serve metrics and the status page of this process; returns where.

    Args:
        address: what the operator named.
        client: that of the process.
        version: of the plugin.

    Raises:
        AddressError: no port is free.
    """
    registry = CollectorRegistry(auto_describe=False)
    meter = Meter(registry)
    look = client.limiter.snapshot
    registry.register(StateCollector(version, look, meter.named, client.redis))
    ProcessCollector(registry=registry)
    history = History(version, look, meter.failures, client.redis)

    def metrics(_query: str, accepted: str) -> Document:
        encoder, media_type = choose_encoder(accepted)
        return Document(media_type, encoder(registry))

    server = MetricsServer(
        address,
        {
            "/": ("Accept-Language", lambda query, said: status_page(history.all(), query, said)),
            "/metrics": ("Accept", metrics),
            "/style.css": ("Accept", lambda _query, _said: STYLE),
        },
    )
    observe.listen(meter)
    history.start()
    server.start()
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"http://{host}:{server.port}"
