"""Whether what was typed, or sent by Dify, goes out or is refused as its label says."""

from collections.abc import Iterator
from contextlib import contextmanager

from devtools import PluginProcess
from tests.process.rig import ROOT
from tests.wild.cases import Case, Judge
from tests.wild.test_requests import play, play_in_its_environment


@contextmanager
def judging() -> Iterator[Judge]:
    """The judge, with a process of the plugin as long as it is needed."""
    with PluginProcess(ROOT) as plugin:

        def judge(case: Case) -> str:
            try:
                if "env" in case["given"]:
                    play_in_its_environment(case)
                else:
                    play(plugin, case)
            except AssertionError as error:
                return f"not as expected: {error}"
            return ""

        yield judge
