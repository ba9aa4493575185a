"""A Dockerfile's steps without an engine: each stage is a folder, and what the file runs is run in it, as it stands.

This machine's own files stand for the base image, and the environment that tests have for what pip would download.
Stages are overlays in a mount namespace of their own: nothing is written elsewhere, and all is gone with it. It knows
what our file uses.
"""

from __future__ import annotations

import json
import shlex
import string
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from docker.utils import exclude_paths
from dockerfile_parse import DockerfileParser

STEP_S = 120
# pip takes nothing from the network: neither what the project needs, nor what builds it.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_ROOT_USER_ACTION": "ignore"}
BASE_PATH = f"{sys.base_prefix}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OVERLAY = "mount -t overlay -o lowerdir={lower},upperdir={layer},workdir={work} overlay {root}"
IN_FOLDER = ("/bin/sh", "-c", 'cd "$0" && exec "$@"')


@dataclass(frozen=True)
class Stage:
    """A stage, so far."""

    root: Path
    layers: tuple[Path, ...]  # the newest first, without this machine's files
    environment: Mapping[str, str]
    arguments: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    health: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


class Builder:
    """Builds stages below ``work`` in the mount namespace of the process ``inside``."""

    def __init__(self, work: Path, inside: int) -> None:
        self._work = work
        self._entering = ("nsenter", "--mount", "--target", str(inside), "--")
        self._stages: dict[str, Stage] = {}
        self._given: Mapping[str, str] = {}
        self.context = work / "context"

    def build(self, file: Path, arguments: Mapping[str, str]) -> Stage:
        """Take every step of a Dockerfile, with its folder as the context; returns the last stage."""
        self._send(file.parent)
        self._given = arguments
        with file.open("rb") as opened:
            steps = [(one["instruction"], one["value"]) for one in DockerfileParser(fileobj=opened).structure]
        name = ""
        for what, said in steps:
            if what == "FROM":
                origin, _, name = said.partition(" AS ")
                self._stages[name] = self._begin(name or "last", self._stages.get(origin))
            elif what != "COMMENT":
                self._stages[name] = self._step(self._stages[name], what, said)
        return self._stages[name]

    def enter(self, *command: str, said: str = "") -> str:
        """Run a command in the namespace, ``said`` being its input; returns its output. Raises CalledProcessError."""
        whole = (*self._entering, *command)
        try:
            done = subprocess.run(whole, check=True, input=said, capture_output=True, text=True, timeout=STEP_S)
        except subprocess.CalledProcessError as error:
            error.add_note(f"{error.stdout}\n{error.stderr}")
            raise
        return done.stdout

    def started(self, stage: Stage, data: Path, command: tuple[str, ...], **settings: str) -> subprocess.Popen[str]:
        """Start a command as a container has it: read-only but for ``data`` and /tmp, no root, no capabilities."""
        root = self._work / "containers" / data.name
        if not root.exists():
            self.enter("mkdir", "-p", str(root))
            self.enter("mount", "--bind", str(stage.root), str(root))
            self.enter("mount", "-o", "remount,bind,ro", str(root))
            self.enter("mount", "-t", "tmpfs", "-o", "mode=1777", "none", f"{root}/tmp")  # noqa: S108 - the container's
            for packages in _packages():
                if packages.is_relative_to("/tmp"):  # noqa: S108 - a clone may lie there
                    self.enter("mkdir", "-p", f"{root}{packages}")
                    self.enter("mount", "--bind", str(packages), f"{root}{packages}")
            self.enter("mount", "--bind", str(data), f"{root}{stage.folder}")
            self._mount_kernels(root)
        uid, gid = stage.user.split(":")
        person = ("setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--no-new-privs", "--bounding-set=-all")
        variables = _variables({"HOME": stage.folder, **stage.environment, **settings})
        whole = (*self._entering, "chroot", str(root), *person, *variables, *IN_FOLDER, stage.folder, *command)
        return subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _send(self, folder: Path) -> None:
        """Copy what .dockerignore lets through, as an engine is sent it."""
        lines = (folder / ".dockerignore").read_text().splitlines()
        sent = exclude_paths(str(folder), [line for line in lines if line and not line.startswith("#")])
        files = [one for one in sorted(sent) if (folder / one).is_file()]
        self.enter("mkdir", str(self.context))
        copy = 'cd "$0" && xargs -0 cp --parents --preserve=timestamps,mode -t "$1"'
        self.enter("sh", "-c", copy, str(folder), str(self.context), said="\0".join(files))

    def _begin(self, name: str, origin: Stage | None) -> Stage:
        layer, work, root = (self._work / name / part for part in ("layer", "work", "root"))
        self.enter("mkdir", "-p", str(layer), str(work), str(root))
        layers = origin.layers if origin is not None else ()
        lower = ":".join(str(one) for one in (*layers, "/"))
        self.enter(*OVERLAY.format(lower=lower, layer=layer, work=work, root=root).split())
        self._mount_kernels(root)
        if origin is not None:
            return replace(origin, root=root, layers=(layer, *layers), arguments={})
        for folder in Path(sys.base_prefix).parents:  # Python may be where others may not go, as in root's home
            self.enter("chmod", "a+x", f"{root}{folder}")
        return Stage(root, (layer,), {"PATH": BASE_PATH})

    def _mount_kernels(self, root: Path) -> None:
        for shared in ("/dev", "/proc"):
            self.enter("mount", "--rbind", shared, f"{root}{shared}")

    def _step(self, stage: Stage, what: str, said: str) -> Stage:
        match what:
            case "ARG":
                name, _, default = said.partition("=")
                return replace(stage, arguments={**stage.arguments, name: self._given.get(name, default)})
            case "ENV":
                words = shlex.split(string.Template(said).substitute(stage.environment))
                return replace(stage, environment={**stage.environment, **dict(word.split("=", 1) for word in words)})
            case "WORKDIR":
                self._run(stage, "mkdir", "-p", said)
                return replace(stage, folder=said)
            case "COPY":
                self._copy(stage, *shlex.split(said))
            case "RUN":
                self._run(stage, "/bin/sh", "-c", said)
                self._bring_packages(stage)
            case "USER":
                return replace(stage, user=said)
            case "HEALTHCHECK":
                return replace(stage, health=tuple(json.loads(said.partition(" CMD ")[2])))
            case "CMD":
                return replace(stage, command=tuple(json.loads(said)))
            case "VOLUME":
                assert said == stage.folder, "what is written lies where the bot works"
            case _:
                raise NotImplementedError(f"{what} {said}")
        return stage

    def _run(self, stage: Stage, *command: str) -> None:
        variables = _variables({**OFFLINE, **stage.arguments, **stage.environment})
        self.enter("chroot", str(stage.root), *variables, *IN_FOLDER, stage.folder, *command)

    def _copy(self, stage: Stage, *words: str) -> None:
        origin = self.context
        if words[0].startswith("--from="):
            origin = self._stages[words[0].removeprefix("--from=")].root
            words = words[1:]
        *sources, target = words
        into = f"{stage.root}{target if target.startswith('/') else f'{stage.folder}/{target}'}"
        # Of a folder the contents are copied, and not itself.
        copy = 'if [ -d "$0" ]; then mkdir -p "$1" && cp -a "$0/." "$1"; else cp -a "$0" "$1"; fi'
        for source in sources:
            self.enter("sh", "-c", copy, f"{origin}/{source.removeprefix('/')}", into)

    def _bring_packages(self, stage: Stage) -> None:
        """Let a new environment find the packages that pip would have put into it."""
        packages = sysconfig.get_path("purelib", vars={"base": "/opt/oneiros"})
        ours = "\n".join(map(str, _packages()))
        self.enter("sh", "-c", 'if [ -d "$0" ]; then echo "$1" > "$0/tests.pth"; fi', f"{stage.root}{packages}", ours)


@contextmanager
def building(work: Path) -> Iterator[Builder]:
    """Yield a builder whose folders, in memory, are gone afterwards. Raises OSError where we may not mount."""
    mount = 'mount -t tmpfs none "$0" && echo && exec cat'
    command = ("unshare", "--mount", "--propagation", "private", "sh", "-c", mount, str(work))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as holding:
        assert holding.stdout is not None
        assert holding.stderr is not None
        if holding.stdout.readline() != b"\n":
            raise OSError(holding.stderr.read().decode().strip())
        yield Builder(work, holding.pid)


def _packages() -> list[Path]:
    """Return where the tests' own packages lie."""
    return [Path(one) for one in sys.path if Path(one).name.endswith("-packages")]


def _variables(given: Mapping[str, str]) -> tuple[str, ...]:
    return ("/usr/bin/env", "-i", *(f"{name}={value}" for name, value in given.items()))
