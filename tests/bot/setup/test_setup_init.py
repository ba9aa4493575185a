"""``oneiros init`` writes a file that the bot can be run with, and keeps its secret."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import aiohttp
import pytest
from click.testing import Result
from setup_command import Command

from bot.emulator.permissions import Permission
from bot.emulator.remote import Remote
from bot.settings import Settings
from bot.setup.application import PERMISSIONS

TOKEN = "bXktYm90LWlk.c2VjcmV0.dGhpcy1pcy1hLXNlY3JldC10b2tlbg"


@pytest.fixture(autouse=True)
def _no_settings_around(oneiros: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1, result.output
    assert all(word in result.stderr for word in words), result.stderr
    assert TOKEN not in result.output


def test_what_was_asked_for_stands_in_a_file_that_only_its_owner_reads(
    oneiros: Command, discord: dict[str, str], tmp_path: Path
) -> None:
    token = discord["bot_token"]
    data = tmp_path / "Ada's # data"
    done = oneiros("init", said=f"{token}\n{data}\n", DISCORD_API=discord["api"])
    assert done.exit_code == 0, done.output
    file = tmp_path / "oneiros.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = Settings(_env_file=file)
    assert read.discord_token is not None
    assert read.discord_token.get_secret_value() == token
    assert (read.data_dir, read.devices) == (data, "auto")
    assert token not in done.output
    assert f"permissions={PERMISSIONS.value}" in done.output
    assert "scope=bot+applications.commands" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Ada's # data", "oneiros.env"]


def test_nothing_is_asked_where_all_is_named(oneiros: Command, discord: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text(discord["bot_token"])
    words = ("--settings", "own/my.env", "init", "--token-file", "token", "--devices", "cpu", "--yes")
    done = oneiros(*words, DISCORD_API=discord["api"])
    assert done.exit_code == 0, done.output
    assert "oneiros --settings own/my.env run" in done.output
    read = Settings(_env_file=tmp_path / "own/my.env")
    assert (read.discord_token, read.discord_token_file) == (None, tmp_path / "token")
    assert (read.data_dir, read.devices) == (tmp_path / "data", "cpu")


def test_a_file_that_is_there_stays_unless_its_owner_says_so(
    oneiros: Command, discord: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "oneiros.env"
    file.write_text("DREAM_SIZE=512")
    (tmp_path / "token").write_text(discord["bot_token"])
    refused(oneiros("init", "--token-file", "token", "--yes"), "is there already")
    refused(oneiros("init", "--token-file", "token", said="n\n"), "stays as it is")
    assert file.read_text() == "DREAM_SIZE=512"
    assert oneiros("init", "--token-file", "token", said="y\n\n", DISCORD_API=discord["api"]).exit_code == 0
    assert "DISCORD_TOKEN_FILE" in file.read_text()


def test_a_wrong_token_is_told_before_anything_is_written(
    oneiros: Command, discord: dict[str, str], tmp_path: Path
) -> None:
    refused(oneiros("init", said=f"{TOKEN}\n", DISCORD_API=discord["api"]), "does not take this token")
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_the_file_is_written_and_that_is_told(oneiros: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = oneiros("init", said=f"{TOKEN}\n\n", DISCORD_API=f"http://127.0.0.1:{port}/api/v10")
    assert done.exit_code == 0, done.output
    assert "could not be reached" in done.stderr
    assert "doctor" in done.stdout
    assert (tmp_path / "oneiros.env").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--yes",), "--token-file"),
        (("--yes", "--token-file", "empty"), "is empty"),
        (("--yes", "--token-file", "binary"), "that can be read"),
        (("--yes", "--token-file", "token", "--data", "token/data"), "cannot be written"),
        (("--yes", "--token-file", "token", "--devices", "toaster"), "DEVICES names toaster"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(
    oneiros: Command, discord: dict[str, str], tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "token").write_text(discord["bot_token"])
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    refused(oneiros("init", *words, DISCORD_API=discord["api"]), told)
    assert not (tmp_path / "oneiros.env").exists()


def test_the_settings_file_counts_less_than_the_environment_and_its_slips_are_told(
    oneiros: Command, tmp_path: Path
) -> None:
    (tmp_path / "oneiros.env").write_text("DREAM_SIZE=huge\n")
    refused(oneiros("db", "backup", "out.zip"), "DREAM_SIZE")
    refused(oneiros("--settings", "other.env", "db", "backup", "out.zip"), "There is no settings file other.env")
    (tmp_path / "oneiros.env").write_bytes(b"\xff\xfe")
    refused(oneiros("db", "backup", "out.zip"), "cannot be read")


async def test_the_permissions_of_the_invite_suffice_and_none_is_spare(discord: dict[str, str]) -> None:
    async with Remote(discord) as chat, aiohttp.ClientSession(discord["api"] + "/") as session:
        session.headers["Authorization"] = f"Bot {discord['bot_token']}"
        channels = (await chat.get("state"))["channels"]
        channel = next(one["id"] for one in channels if one["name"] == "dreams")

        async def post(place: str, **body: object) -> bool:
            form = aiohttp.FormData()
            form.add_field("payload_json", aiohttp.JsonPayload(body), content_type="application/json")
            form.add_field("files[0]", b"a picture", filename="dream.png")
            async with session.post(f"channels/{place}/messages", data=form) as answer:
                return answer.status == 200

        async def works() -> list[bool]:
            async with session.get(f"channels/{channel}/messages") as answer:
                read = answer.status == 200 and bool(await answer.json())
            return [await post(channel, content="a dream"), await post(thread, content="a dream"), read]

        async with session.post(f"channels/{channel}/threads", json={"name": "night", "type": 11}) as made:
            thread = (await made.json())["id"]
        await post(channel, content="the first")
        for one in Permission:
            await chat.post("permissions", channel="dreams", permission=one.name, granted=bool(one & PERMISSIONS.value))
        assert all(await works())
        for one in Permission:
            if one & PERMISSIONS.value:
                await chat.post("permissions", channel="dreams", permission=one.name, granted=False)
                assert not all(await works()), one.name
                await chat.post("permissions", channel="dreams", permission=one.name, granted=True)
