"""The demo's last step: a plugin with exactly the simulated gateway's models, built and asked."""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from cli.build.plan import read_plan
from devtools import PluginProcess, SimulatorProcess

from . import ROOT
from .checks import Checks
from .screen import DIM, Screen
from .watch import watch

NAME = "simulated"
MODEL = "ok"
"""Only this gateway has it."""

COMMAND = (sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", "build")


def show(screen: Screen, checks: Checks, sim: SimulatorProcess, key: str, prompt: str) -> None:
    """Build, list, and chat once."""
    screen.title("4. A plugin for this gateway: resilient-gateway build")
    with tempfile.TemporaryDirectory(prefix="built-") as name:
        folder = Path(name)
        done = subprocess.run(
            (*COMMAND, "--url", sim.base_url, "--name", NAME, "--fixed-url", "--yes"),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_KEY": key},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        checks.claim("the package was built", done.returncode == 0, done.stderr)
        if done.returncode:
            return
        plan = read_plan((folder / "gateway.yaml").read_text("utf-8"))
        names = [model.name for model in plan.models]
        screen.paragraph(f"Its {len(names)} models: {', '.join(names)}", DIM)
        with zipfile.ZipFile(folder / f"{NAME}-{plan.version}.difypkg") as package:
            package.extractall(folder / "unpacked")
        with PluginProcess(folder / "unpacked", provider=NAME) as plugin:
            screen.start_clock()
            form = {"api_key": key}
            schema = plugin.schema(MODEL, form).wait().value["model_schema"]
            checks.claim(
                f"{MODEL} is one of its models, without being typed",
                schema["fetch_from"] == "predefined-model",
            )
            call = watch(screen, plugin, plugin.chat(MODEL, prompt, credentials=form))
            screen.line()
            answered = call.session.error is None and bool(call.session.text)
            checks.claim("it answers, with nothing but the key typed", answered)
