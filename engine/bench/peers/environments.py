"""An environment for each peer: its own packages first, and then ours, so that all run on one and the same torch."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

from engine.bench.peers.process import PeerError
from engine.bench.peers.table import Programme
from engine.machine import cache_folder

ROOT = Path(__file__).parents[3]  # where the package ``engine`` lies
OURS_LAST = "ours.pth"
COMPLETE = "complete"
INSTALLING_S = 300


def cache() -> Path:
    """Return the folder that environments and weights are kept in: ``oneiros/peers`` in the XDG cache."""
    return cache_folder() / "peers"


def command_of(programme: Programme, folder: Path, tell: Callable[[str], None]) -> list[str]:
    """Return the command that drives a programme, to be run in ``ROOT``.

    It is run by our Python, or by that of its environment in ``folder``, which is made where it is not there. Raises
    PeerError where its packages cannot be had.
    """
    if not programme.packages:
        return [sys.executable, "-m", programme.driver]
    # In a peer's environment nothing of ours comes first, not even the folder that it is run in.
    return [str(_python_of(programme, folder, tell)), "-P", "-m", programme.driver]


def _python_of(programme: Programme, folder: Path, tell: Callable[[str], None]) -> Path:
    packages = " ".join((*programme.packages, platform.python_version(), sys.prefix))
    environment = folder / f"{programme.name}-{hashlib.sha256(packages.encode()).hexdigest()[:8]}"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (environment / COMPLETE).exists():
        tell(f"{programme.name}: making its environment, {environment}")
        shutil.rmtree(environment, ignore_errors=True)
        venv.create(environment, symlinks=os.name != "nt")
        _install(programme, python)
        (environment / COMPLETE).touch()
    # Written each time: another checkout may have used the environment before this one.
    ours = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(ROOT)])
    _packages_of(environment).joinpath(OURS_LAST).write_text("\n".join(ours) + "\n", encoding="utf-8")
    return python


def _packages_of(environment: Path) -> Path:
    where = {"base": str(environment), "platbase": str(environment)}
    return Path(sysconfig.get_path("purelib", "venv", where))


def _install(programme: Programme, python: Path) -> None:
    # Without dependencies: all are in the table, and torch is not to come a second time.
    wanted = ["install", "--quiet", "--no-deps", "--disable-pip-version-check", *programme.packages]
    asked = [sys.executable, "-m", "pip", "--python", str(python), *wanted]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=INSTALLING_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"its packages were not there after {INSTALLING_S} s") from error
    if done.returncode:
        lines = done.stderr.splitlines() or [f"pip ended with {done.returncode}"]
        said = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise PeerError(f"its packages cannot be installed: {said}")
