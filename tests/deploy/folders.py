"""A Dockerfile's steps without an engine: each stage is a folder, and what the file runs is run in it.

This machine's own files stand for the base image, the environment that tests have for what pip would download. Stages
are overlays in a mount namespace of their own, so that absolute paths are meant as they stand, and nothing is written
outside. It knows what our file uses: FROM, ARG, ENV, WORKDIR, COPY, RUN, USER, HEALTHCHECK, CMD.
"""

from __future__ import annotations

import json
import os
import shlex
import string
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docker.utils import exclude_paths
from dockerfile_parse import DockerfileParser

STEP_S = 120
# pip takes nothing from the network: neither what the project needs, nor what builds it.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_ROOT_USER_ACTION": "ignore"}
BASE_PATH = f"{sys.base_prefix}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Stage:
    """One stage: what it has become so far."""

    root: Path
    layers: tuple[Path, ...]  # the newest first, without this machine's files
    environment: Mapping[str, str]
    arguments: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    health: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    def expanded(self, text: str) -> str:
        """Return a text with the names of arguments and variables replaced."""
        return string.Template(text).substitute({**self.arguments, **self.environment})


class Builder:
    """Builds stages below ``work``, which must be empty, in the mount namespace of the process ``inside``."""

    def __init__(self, work: Path, inside: int) -> None:
        self._work = work
        self._inside = inside
        self.ran: list[str] = []

    def build(self, file: Path, arguments: Mapping[str, str]) -> Stage:
        """Run every step of a Dockerfile in its folder; returns the last stage."""
        context = self._context(file.parent)
        with file.open("rb") as opened:
            steps = DockerfileParser(fileobj=opened).structure
        stages: dict[str, Stage] = {}
        name = ""
        for step in steps:
            what, said = step["instruction"], step["value"]
            if what == "FROM":
                origin, _, name = said.partition(" AS ")
                stages[name] = self._stage(name or "last", stages.get(origin))
            elif what != "COMMENT":
                stages[name] = self._stepped(stages[name], what, said, context, stages, arguments)
        return stages[name]

    def run(self, stage: Stage, *command: str) -> None:
        """Run a command in a stage as root. Raises CalledProcessError."""
        variables = [f"{name}={value}" for name, value in {**OFFLINE, **stage.arguments, **stage.environment}.items()]
        inside = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', stage.folder, *command]
        self.enter("chroot", str(stage.root), "/usr/bin/env", "-i", *variables, *inside)

    def enter(self, *command: str, said: str = "") -> None:
        """Run a command in the namespace, ``said`` being its input. Raises CalledProcessError."""
        try:
            subprocess.run(
                [*self._entering, *command], check=True, input=said, capture_output=True, text=True, timeout=STEP_S
            )
        except subprocess.CalledProcessError as error:
            error.add_note(f"{error.stdout}\n{error.stderr}")
            raise

    def start(self, stage: Stage, data: Path, command: tuple[str, ...], **settings: str) -> subprocess.Popen[str]:
        """Start a command as a container would be: read-only but for ``data`` and /tmp, its user, no capabilities."""
        held = Path("/run-once", str(len(self.ran)))
        root = self._work / held.relative_to("/")
        self.enter("mkdir", "-p", str(root))
        self.enter("mount", "--bind", str(stage.root), str(root))
        self.enter("mount", "-o", "remount,bind,ro", str(root))
        self.enter("mount", "-t", "tmpfs", "-o", "mode=1777", "none", f"{root}/tmp")
        self.enter("mount", "--bind", str(data), f"{root}{stage.folder}")
        self._mount_kernel(root)
        self.ran.append(shlex.join(command))
        uid, gid = stage.user.split(":")
        person = ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        variables = [f"{name}={value}" for name, value in {"HOME": stage.folder, **stage.environment, **settings}.items()]
        inside = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', stage.folder, *command]
        return subprocess.Popen(
            [*self._entering, "chroot", str(root), *person, "/usr/bin/env", "-i", *variables, *inside],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def _entering(self) -> list[str]:
        return ["nsenter", "--mount", "--target", str(self._inside), "--"]

    def _context(self, folder: Path) -> Path:
        """Copy what .dockerignore lets through, as an engine would be sent it."""
        patterns = [
            line for line in (folder / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")
        ]
        context = self._work / "context"
        sent = sorted(one for one in exclude_paths(str(folder), patterns) if (folder / one).is_file())
        self.enter("mkdir", str(context))
        script = 'cd "$0" && xargs -0 cp --parents --preserve=timestamps,mode -t "$1"'
        self.enter("sh", "-c", script, str(folder), str(context), said="\0".join(sent))
        return context

    def _stage(self, name: str, origin: Stage | None) -> Stage:
        layer, work, root = (self._work / name / part for part in ("layer", "work", "root"))
        self.enter("mkdir", "-p", str(layer), str(work), str(root))
        layers = origin.layers if origin is not None else ()
        lower = ":".join(str(one) for one in (*layers, "/"))
        self.enter("mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={layer},workdir={work}", "overlay", str(root))
        self._mount_kernel(root)
        if origin is not None:
            return replace(origin, root=root, layers=(layer, *layers), arguments={})
        for folder in Path(sys.base_prefix).parents:  # where Python may be closed to others, as in root's home
            self.enter("chmod", "a+x", f"{root}{folder}")
        return Stage(root, (layer,), {"PATH": BASE_PATH})

    def _mount_kernel(self, root: Path) -> None:
        for shared in ("dev", "proc"):
            self.enter("mount", "--rbind", f"/{shared}", f"{root}/{shared}")

    def _stepped(
        self, stage: Stage, what: str, said: str, context: Path, stages: Mapping[str, Stage], given: Mapping[str, str]
    ) -> Stage:
        match what:
            case "ARG":
                name, _, default = said.partition("=")
                return replace(stage, arguments={**stage.arguments, name: given.get(name, default)})
            case "ENV":
                new = dict(word.split("=", 1) for word in shlex.split(stage.expanded(said)))
                return replace(stage, environment={**stage.environment, **new})
            case "WORKDIR":
                self.run(stage, "mkdir", "-p", said)
                return replace(stage, folder=said)
            case "COPY":
                self._copy(stage, shlex.split(said), context, stages)
            case "RUN":
                self.ran.append(said)
                self.run(stage, "/bin/sh", "-c", said)
                self._bring_dependencies(stage)
            case "USER":
                return replace(stage, user=said)
            case "HEALTHCHECK":
                return replace(stage, health=tuple(json.loads(said.partition(" CMD ")[2])))
            case "CMD":
                return replace(stage, command=tuple(json.loads(said)))
            case "VOLUME":
                pass
            case _:
                raise NotImplementedError(what)
        return stage

    def _copy(self, stage: Stage, words: list[str], context: Path, stages: Mapping[str, Stage]) -> None:
        origin = context
        if words[0].startswith("--from="):
            origin = stages[words.pop(0).removeprefix("--from=")].root
        *sources, target = words
        into = stage.root / Path(stage.folder, target).relative_to("/")
        for source in sources:
            path = origin / source.removeprefix("/")
            # A folder's contents are copied, and not the folder itself.
            script = 'if [ -d "$0" ]; then mkdir -p "$1" && cp -a "$0/." "$1/"; else cp -a "$0" "$1"; fi'
            self.enter("sh", "-c", script, str(path), f"{into}/" if len(sources) > 1 else str(into))

    def _bring_dependencies(self, stage: Stage) -> None:
        """Let a new environment find the packages that pip would have installed into it."""
        packages = Path(sysconfig.get_path("purelib", vars={"base": "/opt/oneiros"}))
        ours = "\n".join(one for one in sys.path if Path(one).name.endswith("-packages"))
        self.enter("sh", "-c", 'if [ -d "$0" ]; then echo "$1" > "$0/tests.pth"; fi', f"{stage.root}{packages}", ours)


@contextmanager
def building(work: Path) -> Iterator[Builder]:
    """Yield a builder whose folders are gone afterwards. Raises CalledProcessError where we may not mount."""
    holding = subprocess.Popen(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs none "$0" && echo && exec cat', str(work)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holding.stdout is not None
        if holding.stdout.readline() != b"\n":
            raise subprocess.CalledProcessError(holding.wait(), "unshare")
        yield Builder(work, holding.pid)
    finally:
        assert holding.stdin is not None
        holding.stdin.close()
        holding.wait(STEP_S)
