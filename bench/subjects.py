"""Who is measured: this plugin and its two references, each a complete plugin directory."""

import compileall
import functools
from dataclasses import dataclass
from pathlib import Path

from devtools import Json, PluginProcess, credentials

from . import ROOT
from .environments import runtime_python


@dataclass(frozen=True, slots=True)
class Subject:
    """A plugin under measurement; `provider` is its provider's name."""

    name: str
    directory: Path
    provider: str

    def start(self) -> PluginProcess:
        """Start its process; the caller closes it."""
        _compile(self.directory)
        return PluginProcess(self.directory, provider=self.provider, python=runtime_python())


@functools.cache
def _compile(directory: Path) -> None:
    """What the daemon does to a plugin after its installation, once."""
    for place in ("gateway", "models", "provider"):
        if (directory / place).is_dir():
            compileall.compile_dir(directory / place, quiet=1)
    for file in directory.glob("*.py"):
        compileall.compile_file(file, quiet=1)


OURS = Subject("ours", ROOT, "resilient_gateway")
SDK_CLASS = Subject("sdk_class", ROOT / "bench/peers/sdk_class", "sdk_class")
BARE = Subject("bare", ROOT / "bench/peers/bare", "bare")


def chat_credentials(base_url: str) -> Json:
    """The same form for everyone: a customizable chat model."""
    return credentials(base_url, api_key="sk-bench", max_retry_seconds="0")
