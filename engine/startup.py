"""Opens the engine for a process of Dify's, and says so in one line of the log."""

import logging
import os
from pathlib import Path

import yaml

from engine.client import Client, shared_client

logger = logging.getLogger("gateway")

_MANIFEST = Path(__file__).resolve().parent.parent / "manifest.yaml"


def open_engine() -> None:
    """Make the client of the process, serve metrics where the environment asks for them, say it."""
    from importlib.metadata import version as version_of  # noqa: PLC0415

    client = shared_client()
    version = str(yaml.safe_load(_MANIFEST.read_text("utf-8"))["version"])
    metrics = _serve_metrics(client, version)
    logger.info(
        "Resilient Gateway %s with dify_plugin %s: calls wait in up to %d MiB; Redis: %s; "
        "metrics: %s",
        version,
        version_of("dify_plugin"),
        _backlog_mib(),
        "none" if client.redis is None else "used",
        metrics or "off",
    )


def _serve_metrics(client: Client, version: str) -> str:
    from engine.metrics.address import AddressError, metrics_address  # noqa: PLC0415

    try:
        address = metrics_address(os.environ)
        if address is None:
            return ""
        from engine.metrics.serve import serve_metrics  # noqa: PLC0415

        return serve_metrics(address, client, version)
    except (AddressError, ImportError) as error:
        logger.warning("No metrics: %s", error)
        return ""


def _backlog_mib() -> int:
    from engine.admission.limits.tuning import MAX_WAITING_BYTES  # noqa: PLC0415

    return MAX_WAITING_BYTES // 2**20
