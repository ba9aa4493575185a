"""A start that cannot succeed says why and what to do, in a sentence or two, and lets no secret out."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from bot.__main__ import main
from bot.emulator.server import Addresses, Emulator, Options
from bot.resources import StartError, database_url
from bot.settings import Settings

BOUND_S = 60.0
TOKEN = "bXktYm90LWlk.c2VjcmV0.dGhpcy1pcy1hLXNlY3JldC10b2tlbg"


@pytest.fixture
async def discord() -> AsyncIterator[Addresses]:
    emulator = Emulator(Options())
    yield await emulator.start()
    await emulator.stop()


class Listener:
    """A server that lets everybody in, notes what they say, and answers nothing."""

    def __init__(self, *, closes: bool = False) -> None:
        self.heard = b""
        self.spoken_to = asyncio.Event()
        self._closes = closes
        self._server: asyncio.Server | None = None

    async def start(self, host: str) -> int:
        self._server = await asyncio.start_server(self._listen, host, 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.heard += data
            self.spoken_to.set()
            if self._closes:
                break
        writer.close()


def environment(data: Path, settings: dict[str, str]) -> dict[str, str]:
    """Return this machine's environment with no other settings of the bot's than these."""
    ours = ("DISCORD_", "DATA", "MAX_", "DREAM_", "DEVICES", "POOL", "RAY_")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return plain | {"DATA_DIR": str(data), "ONEIROS_SETTINGS": os.devnull} | settings


async def started(data: Path, *words: str, **settings: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        env=environment(data, settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr."""
    try:
        out, err = await asyncio.wait_for(process.communicate(), BOUND_S)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def refused(data: Path, **settings: str) -> str:
    """Run the bot, which must refuse to start; returns what it said, its log apart."""
    return the_sentence(*await ended(await started(data, "run", **settings)), settings)


def refused_at_once(data: Path, **settings: str) -> str:
    """Run the bot here, for a process takes seconds to load; it must refuse before it does anything at all."""
    given = environment(data, settings)
    others = {name: None for name in os.environ if name not in given}
    done = CliRunner().invoke(main, ["run"], env={**others, **given}, catch_exceptions=False)
    return the_sentence(done.exit_code, done.stdout, done.stderr, settings)


def the_sentence(code: int, out: str, err: str, settings: dict[str, str]) -> str:
    """Return what a bot said that refused to start, its log apart."""
    assert code == 1, err
    assert "Traceback" not in out + err
    for secret in (TOKEN, settings.get("DISCORD_TOKEN")):
        assert not secret or secret not in out + err
    said = "\n".join(line for line in err.splitlines() if not line[:4].isdigit()).removeprefix("Error: ")
    assert said, "nothing was said"
    assert said.count("\n") == 0
    assert 1 <= said.count(". ") + 1 <= 3, said
    return said


async def test_without_a_token_it_says_how_to_give_one_or_try_without(tmp_path: Path) -> None:
    said = await refused(tmp_path)
    assert "DISCORD_TOKEN_FILE" in said
    assert "make demo" in said
    assert not list(tmp_path.iterdir()), "and nothing was made"


def test_the_databases_password_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss:w/rd\n")
    settings = Settings(database_url="postgresql://oneiros@host/oneiros", database_password_file=file)
    assert database_url(settings) == "postgresql://oneiros:p%40ss%3Aw%2Frd@host/oneiros"


def test_a_password_file_that_is_not_there_or_has_no_server(tmp_path: Path) -> None:
    file = tmp_path / "password"
    with pytest.raises(ValidationError, match="DATABASE_PASSWORD_FILE needs DATABASE_URL"):
        Settings(database_password_file=file)
    settings = Settings(database_url="postgresql://oneiros@host/oneiros", database_password_file=file)
    with pytest.raises(StartError, match="DATABASE_PASSWORD_FILE cannot be read: No such file"):
        database_url(settings)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00secret", b" \n"], ids=["missing", "binary", "blank"])
def test_a_token_file_that_holds_no_token(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert "DISCORD_TOKEN_FILE" in refused_at_once(tmp_path / "data", DISCORD_TOKEN_FILE=str(file))


def test_two_tokens_are_one_too_many_and_neither_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    said = refused_at_once(tmp_path / "data", DISCORD_TOKEN=TOKEN, DISCORD_TOKEN_FILE=str(file))
    assert "not both" in said


def test_a_setting_that_is_no_number_is_named(tmp_path: Path) -> None:
    assert "DREAM_SIZE" in refused_at_once(tmp_path, DISCORD_TOKEN=TOKEN, DREAM_SIZE="huge")


async def test_a_cdn_that_is_not_safe_is_refused(tmp_path: Path) -> None:
    said = await refused(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_CDN="http://cdn.example.com")
    assert "DISCORD_CDN" in said


async def test_a_wrong_token_is_refused_by_discord(tmp_path: Path, discord: Addresses) -> None:
    said = await refused(
        tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API=discord.api, DISCORD_GATEWAY=discord.gateway, DISCORD_CDN=discord.cdn
    )
    assert "does not take this token" in said


async def test_the_token_goes_to_no_foreign_server_unless_that_is_meant(tmp_path: Path) -> None:
    # Not the loopback address that the bot knows, yet one that we can listen on.
    foreign = Listener(closes=True)
    api = f"http://127.0.0.2:{await foreign.start('127.0.0.2')}/api/v10"
    try:
        said = await refused(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API=api)
        assert "DISCORD_ELSEWHERE" in said
        assert "127.0.0.2" in said
        assert not foreign.spoken_to.is_set()
        await refused(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API=api, DISCORD_ELSEWHERE="true")
        assert TOKEN.encode() in foreign.heard, "it must have been able to go there for this test to mean something"
    finally:
        await foreign.stop()


async def test_a_bot_on_discord_does_not_start_where_it_would_kill_itself(tmp_path: Path) -> None:
    said = await refused(tmp_path, DISCORD_TOKEN="a.b.c", DISCORD_API="https://discord.com/api/v10", DIE_AT="accepted")
    assert "DIE_AT" in said


async def test_an_api_that_nobody_serves(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = await refused(tmp_path, DISCORD_TOKEN=TOKEN, DISCORD_API=f"http://127.0.0.1:{port}/api/v10")
    assert "could not be reached" in said


async def test_sigterm_ends_a_start_that_hangs(tmp_path: Path) -> None:
    silent = Listener()
    api = f"http://127.0.0.1:{await silent.start('127.0.0.1')}/api/v10"
    try:
        process = await started(tmp_path, "run", DISCORD_TOKEN=TOKEN, DISCORD_API=api)
        async with asyncio.timeout(BOUND_S):
            await silent.spoken_to.wait()
        process.send_signal(signal.SIGTERM)
        code, out, err = await ended(process)
    finally:
        await silent.stop()
    assert code == 0, err
    assert "Traceback" not in out + err
    assert TOKEN not in out + err


async def test_the_database_is_made_once_and_upgrading_it_again_changes_nothing(tmp_path: Path) -> None:
    schemas = []
    for _ in range(2):
        code, _out, err = await ended(await started(tmp_path, "db", "upgrade"))
        assert code == 0, err
        assert "Traceback" not in err
        (file,) = (one for one in tmp_path.iterdir() if one.read_bytes().startswith(b"SQLite format 3"))
        with sqlite3.connect(file) as database:
            schemas.append(database.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall())
    assert schemas[0] == schemas[1]
    assert any("job" in str(row) for row in schemas[0])


async def test_a_server_that_has_left_is_forgotten_when_the_operator_says_so(tmp_path: Path) -> None:
    code, _out, err = await ended(await started(tmp_path, "db", "upgrade"))
    assert code == 0, err
    (file,) = (one for one in tmp_path.iterdir() if one.read_bytes().startswith(b"SQLite format 3"))
    with sqlite3.connect(file) as database:
        for guild_id in (7, 8):
            row = "INSERT INTO guild (guild_id, settings, version, changed_at) VALUES (?, '{}', 1, '2026-11-01')"
            database.execute(row, [guild_id])
    code, _out, err = await ended(await started(tmp_path, "db", "forget-server", "7"))
    assert code == 0, err
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT guild_id FROM guild").fetchall() == [(8,)]
