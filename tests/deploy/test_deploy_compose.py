"""The compose files: by their schema, and where they name settings, secrets, arguments, ports and options of others."""

from __future__ import annotations

import re
import shlex
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings

ROOT = Path(__file__).parents[2]
ALONE = ROOT / "compose.yaml"
GPU = ROOT / "deploy" / "compose.gpu.yaml"
CLUSTER = ROOT / "deploy" / "compose.cluster.yaml"
WHOLE = [ALONE, CLUSTER]
ARGUMENTS = set(re.findall(r"^ARG (\w+)=", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
RAYS = {"ray_auth_mode", "ray_auth_token_path"}


def read(file: Path) -> dict[str, Any]:
    """Return a file's content, with the defaults of what is taken from the environment."""
    content: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", file.read_text()))
    return content


def ours(file: Path) -> dict[str, dict[str, Any]]:
    """Return the services that run our image, by name."""
    return {name: one for name, one in read(file)["services"].items() if "build" in one}


def test_the_files_are_as_the_specification_has_them() -> None:
    check = Path(sysconfig.get_path("scripts"), "check-jsonschema")
    command = [check, "--builtin-schema", "vendor.compose-spec", ALONE, GPU, CLUSTER]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", WHOLE, ids=lambda file: file.name)
def test_what_is_named_is_there_and_what_is_there_is_named(file: Path) -> None:
    content = read(file)
    services = content["services"].values()
    for kind in ("secrets", "networks"):
        assert {name for one in services for name in one.get(kind, [])} == set(content.get(kind, {})), kind
    named = {volume.partition(":")[0] for one in services for volume in one["volumes"]}
    assert named == set(content["volumes"])
    assert {one["file"].removeprefix("../") for one in content["secrets"].values()} == {
        f"secrets/{name}" for name in content["secrets"]
    }
    for one in services:
        given = [*(one.get("environment") or {}).values(), *one.get("command", [])]
        read_from = {name for text in given for name in re.findall(r"/run/secrets/(\w+)", str(text))}
        assert read_from == set(one["secrets"])
        for name, how in one.get("depends_on", {}).items():
            other = content["services"][name]
            if how["condition"] == "service_healthy":
                assert "test" in other["healthcheck"]
            else:
                assert (how["condition"], "restart" in other) == ("service_completed_successfully", False)


@pytest.mark.parametrize("file", WHOLE, ids=lambda file: file.name)
def test_our_services_are_built_by_the_one_dockerfile_and_set_settings(file: Path) -> None:
    for one in ours(file).values():
        assert (file.parent / one["build"]["context"]).resolve() == ROOT
        assert set(one["build"]["args"]) <= ARGUMENTS
        names = {name.lower() for name in one["environment"]}
        assert names - {*Settings.model_fields, *RAYS} == set()
        values = {name.lower(): value for name, value in one["environment"].items()}
        Settings(**{name: value for name, value in values.items() if name not in RAYS})
        assert "data:/data" in one["volumes"]
        if "grace_s" in values:
            assert float(one["stop_grace_period"].removesuffix("s")) >= 2 * float(values["grace_s"])


def test_the_page_names_every_argument_of_the_image() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text().partition("| build argument |")[2]
    assert set(re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE)) == ARGUMENTS


@pytest.mark.parametrize("file", WHOLE, ids=lambda file: file.name)
def test_every_service_is_bounded_and_shut_in(file: Path) -> None:
    for name, one in read(file)["services"].items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["init"] is True, name
        assert {"mem_limit", "pids_limit", "tmpfs"} <= one.keys(), name
        assert one["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert not {"ports", "privileged", "cap_add"} & one.keys(), name
        assert one.get("restart") == "unless-stopped" or name == "migrations"


def test_the_database_is_reached_from_inside_alone() -> None:
    content = read(ALONE)
    assert content["networks"]["inside"] == {"internal": True}
    assert content["services"]["postgres"]["networks"] == ["inside"]


def test_ray_knows_each_option_and_the_ports_are_those_of_the_firewall(ray_installed: None) -> None:
    from ray.scripts.scripts import start  # it takes a second, which others need not wait for

    known = {option for parameter in start.params for option in parameter.opts}
    port = re.compile(r"--[a-z-]+-port=\d+")
    documented = set(port.findall((ROOT / "docs" / "scaling.md").read_text()))
    for one in ours(CLUSTER).values():
        words = [
            word for word in shlex.split(one["command"][-1].replace("&& exec oneiros run", "")) if word[:2] == "--"
        ]
        assert {word.partition("=")[0] for word in words} <= known
        assert {word for word in words if port.match(word)} == documented
