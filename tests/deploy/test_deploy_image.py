"""The image: what its file says is well said, its steps do what they should, and the bot dreams in what they make."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path

import pytest
from databases import free_port
from folders import Builder, Stage

from bot import loopback
from bot.emulator.remote import Remote
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
BOUND_S = 120.0
NOBODY = 10001  # as the Dockerfile has it
UNIT = ROOT / "deploy" / "oneiros.service"


def said(builder: Builder, image: Stage, data: Path, *command: str, **settings: str) -> tuple[int, str]:
    """Run a command in a container; returns its exit code and what it said."""
    process = builder.started(image, data, command, **settings)
    text = process.communicate(timeout=BOUND_S)[0]
    return process.returncode, text


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sysconfig.get_path("scripts"), "hadolint")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, timeout=BOUND_S)
    assert (done.returncode, done.stdout) == (0, "")


def test_dependencies_come_before_code_and_nothing_that_compiles_is_installed() -> None:
    dependencies, weights, code, last = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    assert re.findall(r"^COPY (.*)$", dependencies, re.MULTILINE) == ["pyproject.toml constraints.txt ./"]
    assert [part.partition("\n")[0].split()[0] for part in (weights, code)] == ["dependencies", "dependencies"]
    assert "pip" not in last
    assert "-slim" in last.partition("\n")[0]
    assert last.partition("\n")[0] == dependencies.partition("\n")[0].removesuffix(" AS dependencies")


def test_nothing_is_sent_but_what_an_image_is_made_of(image: tuple[Builder, Stage]) -> None:
    builder, last = image
    sent = builder.enter("find", str(builder.context), "-type", "f", "-printf", "%P\\n").splitlines()
    meant = {"bot", "engine", "migrations", "pyproject.toml", "constraints.txt", "README.md", "LICENSE", "NOTICE"}
    assert {one.partition("/")[0] for one in sent} - {"Dockerfile", ".dockerignore"} == meant
    assert [one for one in sent if "__pycache__" in one or "token" in Path(one).name] == []
    assert builder.enter("ls", "-A", f"{last.root}{last.folder}") == ""


async def test_the_bot_dreams_in_a_container_that_may_write_nothing_but_its_data(
    image: tuple[Builder, Stage], tmp_path: Path, picture: bytes
) -> None:
    builder, last = image
    os.chown(tmp_path, NOBODY, NOBODY)
    assert last.user == f"{NOBODY}:{NOBODY}"
    port = str(free_port())
    async with loopback.discord() as addresses, Remote(addresses) as remote:
        settings = {
            "DISCORD_TOKEN": addresses["bot_token"],
            "DISCORD_API": addresses["api"],
            "DISCORD_GATEWAY": addresses["gateway"],
            "DISCORD_CDN": addresses["cdn"],
            "METRICS_PORT": port,
            "DEVICES": "cpu",
        }
        bot = builder.started(last, tmp_path, last.command, **settings)
        try:
            assert said(builder, last, tmp_path, *last.health, METRICS_PORT=port)[0] == 1
            await loopback.until_ready(remote)
            assert said(builder, last, tmp_path, *last.health, METRICS_PORT=port) == (0, "")
            asked = await remote.run("dream", files={"image": ("photo.png", picture)})
            async for message in loopback.changed(remote):
                if message["id"] == asked["message_id"] and loopback.has_ended(message):
                    break
            assert len(message["attachments"]) == 1
            bot.send_signal(signal.SIGTERM)
            log = bot.communicate(timeout=BOUND_S)[0]
        finally:
            bot.kill()
            bot.wait()
    assert bot.returncode == 0, log
    assert "Traceback" not in log
    assert "Read-only file system" not in log
    assert (tmp_path / "oneiros.sqlite").stat().st_uid == NOBODY


def test_systemd_takes_the_unit_and_shuts_its_service_in(image: tuple[Builder, Stage]) -> None:
    builder, last = image
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: sudo apt-get install systemd")
    builder.enter("cp", str(UNIT), f"{last.root}/etc/systemd/system/")  # where what it starts is there
    assert builder.enter("chroot", str(last.root), "systemd-analyze", "verify", UNIT.name) == ""
    builder.enter("systemd-analyze", "security", "--offline=true", "--threshold=20", str(UNIT))


def test_the_unit_sets_settings_and_gives_the_bot_time_to_stop() -> None:
    lines = [line.partition("=")[::2] for line in UNIT.read_text().splitlines() if "=" in line and line[0] != "#"]
    assert lines.count(("KillMode", "mixed")) == 1
    said_of = dict(lines)
    named = dict(word.partition("=")[::2] for word in said_of["Environment"].split())
    assert {name.lower() for name in named} - {*Settings.model_fields, "xdg_cache_home"} == set()
    assert named["DISCORD_TOKEN_FILE"] == f"%d/{said_of['LoadCredential'].partition(':')[0]}"
    assert float(said_of["TimeoutStopSec"]) >= 2 * float(named["GRACE_S"])
