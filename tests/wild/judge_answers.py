"""Whether a labelled answer reaches Dify as its label says, streamed and whole."""

from collections.abc import Iterator
from contextlib import contextmanager

from devtools import PluginProcess
from tests import wild_runner
from tests.process.rig import ROOT
from tests.wild.cases import Case, Judge
from tests.wild_runner import CALLS, Theatre


@contextmanager
def judging() -> Iterator[Judge]:
    """The judge, with a process of the plugin and a server as long as it is needed."""
    played = {case.id: case for case in wild_runner.cases(*wild_runner.REQUESTS)}
    with PluginProcess(ROOT) as plugin, Theatre(plugin, played.values()) as stage:

        def judge(case: Case) -> str:
            return _problem(stage, played[case["id"]])

        yield judge


def _problem(stage: Theatre, case: wild_runner.Case) -> str:
    # Of other requests there is one way to ask.
    ways = (True, False) if case.request in CALLS else (False,)
    sessions = {stream: stage.ask(case, stream=stream) for stream in ways}
    for stream, session in sessions.items():
        try:
            wild_runner.judge(case, stage.got(case, session, stream=stream))
        except AssertionError as error:
            return f"{'streaming' if stream else 'blocking'}: {error}"
    return ""
