"""``oneiros doctor`` finds each thing that is wrong, says what to do, and goes on."""

from __future__ import annotations

import asyncio
import http.server
import json
import os
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from databases import sqlite_url
from setup_command import Command

from bot.setup.doctor import CHECKS
from bot.store.upgrade import upgrade

TOKEN = "bXktYm90LWlk.c2VjcmV0.dGhpcy1pcy1hLXNlY3JldC10b2tlbg"


@pytest.fixture
def healthy(discord: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The settings of a bot that nothing is wrong with."""
    return {
        "DISCORD_TOKEN": discord["bot_token"],
        "DISCORD_API": discord["api"],
        "DISCORD_GATEWAY": discord["gateway"],
        "DATA_DIR": str(tmp_path / "data"),
        "DEVICES": "cpu",
        "WORKER_MEMORY_MIB": "1024",
    }


def wrong(oneiros: Command, settings: dict[str, str], *words: str) -> dict[str, str]:
    """Return what the doctor finds wrong: check → sentence. Every check is done, whatever the others come to."""
    done = oneiros(*words, "doctor", "--json", **settings)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["check"] for one in found] == list(CHECKS)
    bad = {one["check"]: one["says"] for one in found if not one["ok"]}
    assert done.exit_code == (1 if bad else 0)
    assert not any("please report it" in says for says in bad.values()), bad
    assert TOKEN not in done.output
    return bad


def test_where_all_is_well_it_says_so_and_how_to_invite_the_bot(oneiros: Command, healthy: dict[str, str]) -> None:
    done = oneiros("doctor", **healthy)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert len(lines) == len(CHECKS)
    assert all(line.startswith("ok ") for line in lines)
    assert "https://discord.com/oauth2/authorize?client_id=" in done.stdout
    assert "lite2, lite0" in done.stdout
    assert healthy["DISCORD_TOKEN"] not in done.output


def test_a_wrong_token_and_a_missing_one(oneiros: Command, healthy: dict[str, str]) -> None:
    found = wrong(oneiros, healthy | {"DISCORD_TOKEN": TOKEN})
    assert found.keys() == {"token", "intents", "clock", "gateway"}
    assert "does not take this token" in found["token"]
    assert "the token" in found["clock"]
    assert "DISCORD_TOKEN_FILE" in wrong(oneiros, healthy | {"DISCORD_TOKEN": ""})["token"]


def test_operators_whom_discord_does_not_know(
    oneiros: Command, healthy: dict[str, str], discord: dict[str, str]
) -> None:
    known = discord["application_id"]  # a bot is an account, too
    found = wrong(oneiros, healthy | {"OPERATORS": f"{known},7"})
    assert found.keys() == {"operators"}
    assert "OPERATORS names 7," in found["operators"]
    assert not wrong(oneiros, healthy | {"OPERATORS": known})


def test_ports_that_something_else_has(oneiros: Command, healthy: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:  # what does not answer is no bot of ours
        port = str(taken.getsockname()[1])
        found = wrong(oneiros, healthy | {"METRICS_PORT": port, "WEB_PORT": "0"})
        assert found.keys() == {"ports"}
        assert "Set METRICS_BIND and METRICS_PORT" in found["ports"]
    assert "WEB_BIND" in wrong(oneiros, healthy | {"WEB_PORT": "0", "WEB_BIND": "203.0.113.7"})["ports"]


def test_a_port_that_the_bot_itself_serves_is_no_fault(oneiros: Command, healthy: dict[str, str]) -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = oneiros("doctor", **healthy, METRICS_PORT=str(server.server_port), WEB_PORT="0")
    finally:
        server.shutdown()
        server.server_close()
    assert done.exit_code == 0, done.output
    assert "METRICS_PORT is served already" in done.stdout


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_no_network(oneiros: Command, healthy: dict[str, str], token: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = wrong(oneiros, healthy | {"DISCORD_API": f"http://127.0.0.1:{port}/api/v10", "DISCORD_TOKEN": token})
    assert found.keys() == {"api", "token", "intents", "clock", "gateway"}
    assert "could not be reached" in found["api"]


def test_a_gateway_that_nobody_serves(oneiros: Command, healthy: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = wrong(oneiros, healthy | {"DISCORD_GATEWAY": f"ws://127.0.0.1:{port}"})
    assert found.keys() == {"gateway"}
    assert "firewall" in found["gateway"]


class _Elsewhen(http.server.BaseHTTPRequestHandler):
    """Answers as Discord does, by a clock that is ten minutes ahead, on the last day's last connections."""

    def do_GET(self) -> None:
        body = {"id": "7", "name": "Oneiros", "flags": 0, "url": "ws://x", "session_start_limit": {"remaining": 3}}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(time.time() + 600, usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base calls it so
        pass


@pytest.fixture
def elsewhen() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhen) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_wrong_clock_and_too_many_starts(oneiros: Command, healthy: dict[str, str], elsewhen: str) -> None:
    found = wrong(oneiros, healthy | {"DISCORD_API": elsewhen})
    assert found.keys() == {"clock", "gateway"}
    assert re.search("(599|600|601) s behind", found["clock"])
    assert "NTP" in found["clock"]
    assert "only 3 more connections" in found["gateway"]


def test_databases_that_are_older_newer_and_damaged(oneiros: Command, healthy: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "data" / "oneiros.sqlite"
    asyncio.run(upgrade(sqlite_url(file)))
    assert wrong(oneiros, healthy) == {}
    for revision, told in (("0001", "oneiros db upgrade"), ("9999", "Update Oneiros")):
        with sqlite3.connect(file) as database:
            database.execute("UPDATE alembic_version SET version_num = ?", [revision])
        found = wrong(oneiros, healthy)
        assert found.keys() == {"database"}
        assert told in found["database"]
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xee" * 4096 * 3
    file.write_bytes(content)
    assert "is damaged" in wrong(oneiros, healthy)["database"]
    file.write_bytes(b"this is no database at all, and never was one")
    assert "is damaged" in wrong(oneiros, healthy)["database"]


def test_a_database_that_nobody_serves(oneiros: Command, healthy: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    found = wrong(oneiros, healthy | {"DATABASE_URL": f"postgresql://me:{TOKEN}@127.0.0.1:{port}/oneiros"})
    assert found.keys() == {"database"}
    assert "Check that it runs" in found["database"]


def test_a_folder_that_cannot_be_written(oneiros: Command, healthy: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = wrong(oneiros, healthy | {"DATA_DIR": str(tmp_path / "file")})
    assert found.keys() == {"pictures", "disk"}
    assert "cannot be written" in found["disk"]


def test_networks_that_were_damaged(oneiros: Command, healthy: dict[str, str], tmp_path: Path) -> None:
    kept = tmp_path / "torch" / "hub" / "checkpoints"
    kept.mkdir(parents=True)
    (kept / "googlenet-1378be20.pth").write_bytes(b"half of it")
    found = wrong(oneiros, healthy | {"TORCH_HOME": str(tmp_path / "torch")})
    assert found.keys() == {"networks"}
    assert "Delete it, and it is downloaded again" in found["networks"]


def test_devices_that_are_not_there_and_too_little_memory(oneiros: Command, healthy: dict[str, str]) -> None:
    found = wrong(oneiros, healthy | {"DEVICES": "toaster"})
    assert found.keys() == {"devices", "memory"}
    assert "DEVICES names toaster" in found["devices"]
    found = wrong(oneiros, healthy | {"WORKER_MEMORY_MIB": str(1 << 30)})
    assert found.keys() == {"memory"}
    assert "WORKER_MEMORY_MIB" in found["memory"]
    found = wrong(oneiros, healthy | {"DEVICES": "cuda:99"})
    assert found.keys() == {"devices"}
    assert "DEVICES names cuda:99" in found["devices"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_settings_file_that_others_read_or_that_has_slips(
    oneiros: Command, healthy: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "my.env"
    file.write_text(f"DISCORD_TOKEN={healthy.pop('DISCORD_TOKEN')}\n")
    file.chmod(0o644)
    found = wrong(oneiros, healthy, "--settings", "my.env")
    assert found.keys() == {"settings"}
    assert "chmod 600" in found["settings"]
    file.chmod(0o600)
    assert wrong(oneiros, healthy, "--settings", "my.env") == {}
    with file.open("a") as out:
        out.write("DREAM_SISE=512\nAWS_REGION=eu\n")
    assert "AWS_REGION, DREAM_SISE" in wrong(oneiros, healthy, "--settings", "my.env")["settings"]
