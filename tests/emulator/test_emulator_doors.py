"""Who may reach the emulator: loopback names, its own page, and whoever holds the run's key."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import aiohttp
import pytest
from emulator_stage import Stage
from loopback import BOUND_S

from bot.emulator.remote import Remote, RemoteError
from bot.emulator.server import Addresses, Emulator

HOUR_S = 3600


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X-Emulator-Key": "wrong"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_the_control_api_asks_for_key_host_and_origin(
    emulator: tuple[Emulator, Addresses], headers: dict[str, str], status: int
) -> None:
    addresses = emulator[1]
    given = {"X-Emulator-Key": addresses.control_key} | headers
    async with aiohttp.ClientSession() as session, session.get(f"{addresses.control}/state", headers=given) as response:
        assert response.status == status


async def test_the_cdn_is_an_origin_of_its_own_that_runs_nothing(
    emulator: tuple[Emulator, Addresses], remote: Remote
) -> None:
    addresses = emulator[1]
    assert addresses.cdn not in addresses.page
    script = b"<script>alert(1)</script>"
    sent = await remote.post("messages", {"f": ("page.html", script)}, person="bob", channel="lounge", content="")
    url = sent["message"]["attachments"][0]["url"]
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert await response.read() == script
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_addresses_on_the_cdn_are_signed_and_expire(
    emulator: tuple[Emulator, Addresses], remote: Remote, picture: bytes
) -> None:
    sent = await remote.post("messages", {"f": ("cat.png", picture)}, person="bob", channel="lounge", content="")
    url = sent["message"]["attachments"][0]["url"]
    assert await remote.download(url) == picture
    async with aiohttp.ClientSession() as session, session.head(url) as response:
        assert (response.status, response.headers["Content-Length"]) == (200, str(len(picture)))
    for forged in (url.split("?")[0], url.replace("hm=", "hm=0"), url.replace("cat.png", "dog.png")):
        with pytest.raises(RemoteError, match="no longer available"):
            await remote.download(forged)
    await remote.post("clock", forward_s=25 * HOUR_S)
    with pytest.raises(RemoteError, match="no longer available"):
        await remote.download(url)
    [message] = await remote.messages(channel="lounge")
    assert await remote.download(message["attachments"][0]["url"]) == picture, "a message read again is signed anew"


async def test_whoever_has_no_picture_of_their_own_has_one_of_six(emulator: tuple[Emulator, Addresses]) -> None:
    async with aiohttp.ClientSession() as session:
        seen = set()
        for number in range(6):
            async with session.get(f"{emulator[1].cdn}/embed/avatars/{number}.png?size=1024") as response:
                assert (response.status, response.content_type) == (200, "image/png")
                seen.add(await response.read())
        assert len(seen) == 6
        async with session.get(f"{emulator[1].cdn}/embed/avatars/6.png") as response:
            assert response.status == 404


async def test_a_commands_attachment_vanishes(stage: Stage, picture: bytes) -> None:
    async def answer(interaction: object) -> str:
        await interaction.response.send_message("ok")  # type: ignore[attr-defined]
        return str(interaction.extras["image"].url)  # type: ignore[attr-defined]

    _, url = await stage.run(answer, files={"image": ("a.png", picture)})
    assert await stage.remote.download(url) == picture
    await stage.remote.post("clock", forward_s=HOUR_S + 1)
    with pytest.raises(RemoteError, match="no longer available"):
        await stage.remote.download(url)


@pytest.mark.parametrize(
    ("path", "asked", "sentence"),
    [
        ("commands", {"person": "ada", "channel": "dreams", "command": "do", "options": {"x": 1}}, "no option"),
        ("commands", {"person": "ada", "channel": "dreams", "command": "nothing"}, "no command"),
        ("commands", {"person": "zoe", "channel": "dreams", "command": "do"}, "no person"),
        ("commands", {"person": "ada"}, "not understood"),
        ("messages", {"person": "ada", "channel": "bob", "content": "x"}, "may not"),
        ("messages", {"person": "ada", "channel": "dreams"}, "empty"),
        ("faults/gateway", {"how": "gently"}, "not understood"),
        ("clock", {"forward_s": -1}, "only moves forward"),
        ("clock", {"forward_s": 1e300}, "only moves forward"),
    ],
)
async def test_what_a_person_cannot_do_is_answered_in_one_sentence(
    stage: Stage, path: str, asked: dict[str, object], sentence: str
) -> None:
    with pytest.raises(RemoteError, match=sentence):
        await stage.remote.post(path, **asked)


async def test_it_runs_as_a_process_of_its_own_and_ends_cleanly() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.emulator", "--json", "--bot-name", "Parrot",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=os.environ | {"DISCORD_OPENAPI": ""},
    )  # fmt: skip
    assert process.stdout is not None
    addresses = json.loads(await asyncio.wait_for(process.stdout.readline(), BOUND_S))
    assert set(addresses) == {
        "api", "gateway", "cdn", "page", "control", "control_key", "bot_token", "application_id",
    }  # fmt: skip
    async with Remote(addresses) as remote:
        assert (await remote.get("state"))["bot"]["display"] == "Parrot"
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), BOUND_S)
    assert (process.returncode, errors) == (0, b"")
