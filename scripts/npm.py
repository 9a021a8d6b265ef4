"""Fetches a package of the npm registry, by name, version and checksum; nothing of it is run."""

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).resolve().parent.parent
FOLDER = _ROOT / ".build" / "npm"
"""Where packages are kept between builds."""

_TIME_LIMIT = 300


class Pin(NamedTuple):
    """A package at one version.

    Attributes:
        name: in the registry.
        version: exact.
        sha512: of its archive, in base 64, as the registry tells it.
    """

    name: str
    version: str
    sha512: str


PYODIDE = Pin(
    "pyodide",
    "314.0.7",
    "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
)
AXE = Pin(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)


class NpmError(Exception):
    """A package cannot be had; the text says why, and what to do."""


def read_package(pin: Pin) -> tarfile.TarFile:
    """Open a package's archive; fetch it with npm if it is not there yet.

    Raises:
        NpmError: npm is missing, cannot reach the registry, or brought something else.
    """
    archive = FOLDER / f"{pin.name}-{pin.version}.tgz"
    if not archive.is_file():
        _fetch(pin)
    content = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(content).digest()).decode() != pin.sha512:
        archive.unlink()
        raise NpmError(f"{pin.name} {pin.version}: the checksum differs from the one expected")
    return tarfile.open(fileobj=io.BytesIO(content))


def read_file(archive: tarfile.TarFile, name: str) -> bytes:
    """Read one file of a package.

    Raises:
        NpmError: the package does not hold it.
    """
    try:
        file = archive.extractfile(f"package/{name}")
    except KeyError:
        file = None
    if file is None:
        raise NpmError(f"{name} is not in the package")
    return file.read()


def _fetch(pin: Pin) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NpmError("npm was not found. Install Node.js with npm, and run this again.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = (npm, "pack", f"{pin.name}@{pin.version}", "--ignore-scripts", "--silent")
    try:
        done = subprocess.run(
            command, cwd=FOLDER, check=False, capture_output=True, text=True, timeout=_TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        raise NpmError(f"npm did not bring {pin.name} within {_TIME_LIMIT} s") from None
    if done.returncode:
        raise NpmError(f"npm could not fetch {pin.name} {pin.version}: {done.stderr.strip()}")
