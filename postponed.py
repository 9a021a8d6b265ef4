"""Modules that are imported when they are first used, not when they are named.

The SDK imports all that any kind of plugin may need: a web server for serverless hosts, an HTTP
client, a parser and addresses for tools and endpoints. A model plugin that speaks over a pipe uses
none of them, and they cost an eighth of the start-up, which is outage time, and 6 MiB.
"""

import importlib
import sys
import types


class _Module(types.ModuleType):
    """Stands in for a module until somebody asks it for something."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            # The import system's own questions.
            raise AttributeError(name)
        return getattr(self._real(), name)

    def _real(self) -> types.ModuleType:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return importlib.import_module(self.__name__)


class _Member:
    """Stands in for a name that the SDK takes out of a module at once (``from m import name``)."""

    def __init__(self, module: _Module, name: str) -> None:
        self._module = module
        self._name = name

    def __call__(self, *args: object, **options: object) -> object:
        member = getattr(self._module._real(), self._name)
        return member(*args, **options)

    def __getattr__(self, name: str) -> object:
        return getattr(getattr(self._module._real(), self._name), name)


def postpone(name: str, *members: str) -> None:
    """Let imports of a module succeed without it until it is used; one that is there stays.

    Args:
        name: the module's.
        members: names that others import from it.
    """
    if name in sys.modules:
        return
    module = _Module(name)
    for member in members:
        setattr(module, member, _Member(module, member))
    sys.modules[name] = module
