"""Builds a plugin as the command does, unpacks it elsewhere, and asks its process."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pathspec
import yaml

from cli.build.describe import Described
from cli.build.plan import Plan, read_plan
from devtools import Json, PluginProcess
from scripts import package_rules

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-good-7f3a9c21"
COMMAND = (sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", "build")


def build(folder: Path, *arguments: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, where no terminal is."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "GATEWAY_KEY": key, "NO_PROXY": "*"}
    env.pop("GATEWAY_URL", None)
    return subprocess.run(
        (*COMMAND, "--lang", "en", *arguments),
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def built(folder: Path, url: str, *arguments: str, key: str = KEY) -> tuple[Plan, Path]:
    """Build from a gateway; the plan and the package."""
    done = build(folder, "--url", url, "--yes", *arguments, key=key)
    assert done.returncode == 0, done.stderr
    plan = read_plan((folder / "gateway.yaml").read_text("utf-8"))
    return plan, folder / f"{plan.identity.name}-{plan.version}.difypkg"


def files_of(package: Path) -> dict[str, bytes]:
    """The content of a package."""
    with zipfile.ZipFile(io.BytesIO(package.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def broken_rules(package: Path) -> list[str]:
    """What the daemon, the SDK, Dify or the marketplace would refuse."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    return package_rules.check(files_of(package), pathspec.GitIgnoreSpec.from_lines(ignored))


def unpacked(package: Path, folder: Path) -> PluginProcess:
    """The plugin's process, in a folder that knows nothing of the repository."""
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    provider = yaml.safe_load((folder / "provider/resilient_gateway.yaml").read_text("utf-8"))
    return PluginProcess(folder, provider=provider["provider"], env={"PYTHONPATH": ""})


def schemas(plugin: PluginProcess, models: Iterable[Described], form: Json) -> dict[str, Json]:
    """What the process says of each model, by its name."""
    asked = {model.name: plugin.schema(model.name, form, model.kind) for model in models}
    return {name: session.wait().value["model_schema"] for name, session in asked.items()}


def answer_limit(schema: Json) -> int | None:
    """The longest answer that a schema offers, tokens."""
    limits = [
        int(rule["max"])
        for rule in schema["parameter_rules"]
        if rule["name"] in ("max_tokens", "max_completion_tokens")
    ]
    return limits[0] if limits else None


def price_of(schema: Json) -> tuple[Decimal, Decimal, str] | None:
    """The prices for a million tokens that a schema comes to, and the currency."""
    pricing = schema["pricing"]
    if pricing is None:
        return None
    million = Decimal(1_000_000) * Decimal(pricing["unit"])
    each, answer = (Decimal(pricing[side] or 0) * million for side in ("input", "output"))
    return each, answer, pricing["currency"]
