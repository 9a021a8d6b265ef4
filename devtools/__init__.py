"""Real processes for the tests, the demo and the benchmarks: a plugin over stdio, a simulator.

Nothing here imitates the plugin or the gateway; the daemon's part is played as the daemon
plays it (Dify plugin daemon 0.6, `internal/core/local_runtime`): one process, one JSON line
per message on stdin and stdout, many sessions at once.
"""

from .litellm import LiteLLMProcess
from .output import LogLine
from .process import PluginDiedError, PluginProcess
from .redis import RedisProcess
from .server import SimulatorProcess, SimulatorStats
from .session import Event, Session, SessionEndedError, WireError
from .wire import Json, assistant, credentials, message, predefined, system, tool, user

__all__ = [
    "Event",
    "Json",
    "LiteLLMProcess",
    "LogLine",
    "PluginDiedError",
    "PluginProcess",
    "RedisProcess",
    "Session",
    "SessionEndedError",
    "SimulatorProcess",
    "SimulatorStats",
    "WireError",
    "assistant",
    "credentials",
    "message",
    "predefined",
    "system",
    "tool",
    "user",
]
