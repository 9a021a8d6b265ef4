"""What all tests share."""

import sys
import types
from collections.abc import Iterator

import pytest

from devtools import RedisProcess

# Importing the SDK patches the standard library for gevent. Under pytest-xdist that kills the
# worker, whose own threads are already running. So in this process the SDK finds its patching
# done: tests run under plain threads; the protocol tests run the plugin under gevent, as a process.
sys.modules.setdefault("dify_plugin._gevent", types.ModuleType("dify_plugin._gevent"))


@pytest.fixture(scope="session")
def redis_process() -> Iterator[RedisProcess]:
    """A Redis for the session; tests share it, and each asks with keys of its own."""
    with RedisProcess() as process:
        yield process
