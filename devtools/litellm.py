"""LiteLLM's real proxy on loopback, with a configuration of its own, which is gone afterwards."""

import http.client
import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from .redis import ROOT, free_port

START_SECONDS = 180.0
"""It imports for ten seconds on a machine of its own, and several times that on a busy one."""

WINDOW_SECONDS = 2
"""Over which it counts what a key may do; 60 unless its operator says otherwise."""

_NOWHERE = "http://127.0.0.1:9"
"""A proxy that is none: whatever it asks of the internet fails at once."""

_OFF = {
    "DISABLE_ADMIN_UI": "True",
    "LITELLM_TELEMETRY": "False",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "true",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "true",
    "LITELLM_LOCAL_BLOG_POSTS": "true",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "true",
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "NO_PROXY": "127.0.0.1,localhost",
}

_HOOK = """
from litellm.proxy._types import ProxyException, UserAPIKeyAuth

LIMITS = {limits!r}


async def check(request, api_key):
    kind = api_key.partition("-p")[0]
    if kind not in LIMITS:
        raise ProxyException(
            "Authentication Error, Invalid proxy server token passed. Unable to find token in"
            " cache or `LiteLLM_VerificationTokenTable`",
            "token_not_found_in_db",
            "key",
            401,
        )
    return UserAPIKeyAuth(api_key=api_key, **LIMITS[kind])
"""
"""Keys of `LIMITS` exist, each with its own limits; they stand in for the database of keys."""


def litellm_command() -> str:
    """Path of `litellm`; it is installed if there is none (scripts/find_litellm.sh)."""
    script = subprocess.run(
        ["sh", "scripts/find_litellm.sh"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return script.stdout.strip()


class LiteLLMProcess:
    """A running proxy; a context manager.

    Args:
        models: its `model_list`.
        router: its `router_settings`.
        keys: what keys begin with -> their limits; a key is one of these, or that and `-p…`.
    """

    def __init__(
        self,
        models: list[dict[str, Any]],
        router: dict[str, Any],
        keys: dict[str, dict[str, int]],
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="litellm-")
        folder = Path(self._folder.name)
        config = {
            "model_list": models,
            "router_settings": router,
            "litellm_settings": {"telemetry": False},
            "general_settings": {
                "custom_auth": "keys.check",
                "master_key": f"sk-{secrets.token_hex(24)}",
            },
        }
        # JSON is YAML, too.
        (folder / "config.yaml").write_text(json.dumps(config), "utf-8")
        (folder / "keys.py").write_text(_HOOK.format(limits=keys), "utf-8")
        self.port = free_port()
        self._log = (folder / "log").open("w+b")
        self._process = subprocess.Popen(
            [
                *(litellm_command(), "--config", "config.yaml", "--telemetry", "False"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
            ],
            cwd=folder,
            env={
                **os.environ,
                **_OFF,
                "HOME": self._folder.name,
                "LITELLM_RATE_LIMIT_WINDOW_SIZE": str(WINDOW_SECONDS),
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    @property
    def base_url(self) -> str:
        """What a user would type."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def output(self) -> str:
        """All that it has written so far."""
        self._log.flush()
        return Path(self._log.name).read_text("utf-8", "replace")

    def wait(self) -> None:
        """Block until it serves.

        Raises:
            RuntimeError: it ended, or did not begin in time; with the end of what it wrote.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._is_alive():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"LiteLLM did not start: {self.output[-2000:]}")
            time.sleep(0.05)

    def close(self) -> None:
        """Kill it and remove its folder; safe to call twice."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()
        self._folder.cleanup()

    def _is_alive(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5.0)
        try:
            connection.request("GET", "/health/liveliness")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()
