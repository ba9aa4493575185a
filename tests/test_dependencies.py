"""What others wrote: each has a reason, a bound and a licence that may come with us."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUNTIME = [*PROJECT["project"]["dependencies"], *EXTRAS["postgres"], *EXTRAS["cluster"]]
LISTS = [PROJECT["project"]["dependencies"], *EXTRAS.values(), PROJECT["build-system"]["requires"]]
LINES = dict.fromkeys(line for lines in LISTS for line in lines)
REQUIREMENTS = [one for one in map(Requirement, LINES) if one.name != "oneiros"]
# FFmpeg's and others' parts under the GPL, by the names of their libraries.
UNDER_GPL = r"lib(x264|x265|xvidcore|vidstab|rubberband|postproc|cdio|dvdread|frei0r|davs2|xavs2?|readline|gsl)\b"


def versions() -> dict[str, Version]:
    """Return the version of each package in constraints.txt, by its plain name."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    return {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in lines)}


@cache
def closure() -> frozenset[str]:
    """Return the plain names of all that is installed to run the bot on this machine, with its extras."""
    found: set[tuple[str, frozenset[str]]] = set()
    todo = [Requirement(line) for line in RUNTIME]
    while todo:
        one = todo.pop()
        key = (canonicalize_name(one.name), frozenset(one.extras))
        if key in found:
            continue
        found.add(key)
        for line in distribution(one.name).requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in one.extras or {""}):
                todo.append(needed)
    return frozenset(name for name, _ in found)


def licences(*options: str) -> dict[str, str]:
    """Return what the tool says of packages, by plain name; it fails where a licence is not one of our list."""
    tool = Path(sysconfig.get_path("scripts"), "pip-licenses")
    command = [tool, f"--python={sys.executable}", "--with-system", "--format=json", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return {canonicalize_name(one["Name"]): one["License"] for one in json.loads(done.stdout)}


@pytest.mark.parametrize("one", REQUIREMENTS, ids=str)
def test_a_requirement_is_bounded_below_the_next_version_that_may_break(one: Requirement) -> None:
    if any(bound.operator == "==" for bound in one.specifier):
        return
    upper = [Version(bound.version) for bound in one.specifier if bound.operator == "<"]
    assert len(upper) == 1
    tested = versions().get(canonicalize_name(one.name))
    if tested is None:
        assert one.name == "setuptools", "pip lists all but what builds"
        return
    assert tested in one.specifier
    bound = Version(f"0.{tested.minor + 1}") if tested.major == 0 else Version(str(tested.major + 1))
    assert upper[0] <= bound


def test_torch_and_torchvision_are_bounded_as_the_one_release_that_they_are() -> None:
    def minors(name: str) -> list[int]:
        specifier = next(one.specifier for one in REQUIREMENTS if one.name == name)
        return sorted(Version(bound.version).minor for bound in specifier)

    assert [minor + 15 for minor in minors("torch")] == minors("torchvision")
    tested = versions()
    assert tested["torch"].minor + 15 == tested["torchvision"].minor


def test_every_dependency_has_its_row_and_every_row_its_dependency_and_licence() -> None:
    wanted: dict[str, list[str]] = {}
    for extra, lines in {"all": PROJECT["project"]["dependencies"], **EXTRAS}.items():
        for one in map(Requirement, lines):
            if one.name != "oneiros":
                wanted.setdefault(one.name, []).append(extra)
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")][1:]
    assert {name: extras.split(", ") for name, extras, _, _ in rows} == wanted
    assert len(rows) == len(wanted)
    assert all(len(why.split()) >= 1 for _, _, why, _ in rows)
    # Without our list of allowed ones: tools for developers may be under any. `make docs` and `make fuzz` alone install
    # their extras.
    stated = licences("--allow-only=", "--ignore-packages=-", "--packages", *wanted)
    missing = {name for name in wanted if canonicalize_name(name) not in stated}
    assert missing <= {Requirement(line).name for line in EXTRAS["docs"] + EXTRAS["fuzz"]}
    found = {name: licence for name, _, _, licence in rows if name not in missing}
    assert found == {name: stated[canonicalize_name(name)] for name in wanted if name not in missing}


def test_all_that_runs_the_bot_is_under_a_licence_that_we_allow() -> None:
    others = sorted(name for name in closure() if not name.startswith("nvidia-"))  # NOTICE tells of NVIDIA's
    found = licences("--packages", *others)
    excepted = set(PROJECT["tool"]["pip-licenses"]["ignore-packages"])
    assert set(others) - found.keys() == excepted & set(others)
    allowed = set(PROJECT["tool"]["pip-licenses"]["allow-only"].split(";"))
    assert set(found.values()) <= allowed


def test_what_is_under_the_gpl_inside_wheels_is_named() -> None:
    names = {
        match[0]
        for one in closure()
        for file in distribution(one).files or []
        if (match := re.match(UNDER_GPL, file.name))
    }
    notice = (ROOT / "NOTICE").read_text()
    assert {name for name in names if name not in notice} == set()
    assert "nvidia-" in notice
