"""Faults on demand: what a bot meets when Discord, the wire or the CDN fail."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest
from emulator_stage import Stage
from loopback import BOUND_S

from bot.emulator.remote import Remote, RemoteError
from bot.emulator.server import Addresses, Emulator, Options

MESSAGES = {"path": "/messages$", "method": "POST"}


def channel_of(stage: Stage) -> discord.TextChannel:
    return stage.bot.guilds[0].text_channels[0]


async def written(stage: Stage) -> list[str]:
    return [one["content"] for one in await stage.remote.messages()]


async def test_a_failed_call_is_tried_again_and_with_a_nonce_done_once(stage: Stage) -> None:
    await stage.remote.post("faults/rest", **MESSAGES, status=502, after=True)
    sent = await channel_of(stage).send("once", nonce="n1")
    assert await written(stage) == ["once"], "the first try was done, and its answer was lost"
    assert [one["id"] for one in await stage.remote.messages()] == [str(sent.id)]


async def test_an_error_before_the_act_is_not_an_act(stage: Stage) -> None:
    await stage.remote.post("faults/rest", **MESSAGES, status=403, code=50013)
    with pytest.raises(discord.Forbidden) as caught:
        await channel_of(stage).send("refused")
    assert caught.value.code == 50013
    assert await written(stage) == []


async def test_half_an_answer_is_an_error_of_the_bots_though_it_was_done(stage: Stage) -> None:
    await stage.remote.post("faults/rest", **MESSAGES, how="half")
    with pytest.raises(aiohttp.ClientPayloadError):
        await channel_of(stage).send("done all the same")
    assert await written(stage) == ["done all the same"]


async def test_half_of_an_answer_without_a_body_is_an_error_too(stage: Stage) -> None:
    sent = await channel_of(stage).send("soon gone")
    await stage.remote.post("faults/rest", path="/messages/", method="DELETE", how="half")
    with pytest.raises(aiohttp.ClientPayloadError):
        await sent.delete()
    assert await written(stage) == []


@pytest.mark.parametrize("after", [False, True])
async def test_a_call_that_is_never_answered_ends_when_the_bot_gives_up(stage: Stage, after: bool) -> None:
    await stage.remote.post("faults/rest", **MESSAGES, how="timeout", after=after)
    sending = asyncio.create_task(channel_of(stage).send("hello?"))
    await stage.remote.wait_for(lambda change: change["kind"] == "faults" and not change["faults"])
    if after:
        await stage.remote.wait_for(lambda change: change["kind"] == "message_create")
    sending.cancel()
    await asyncio.wait([sending])
    assert await written(stage) == (["hello?"] if after else [])
    assert await channel_of(stage).send("the next one is heard")


async def test_a_call_that_hangs_is_let_go_when_the_faults_are_disarmed(stage: Stage) -> None:
    await stage.remote.post("faults/rest", **MESSAGES, how="timeout")
    sending = asyncio.create_task(channel_of(stage).send("hello?"))
    await stage.remote.wait_for(lambda change: change["kind"] == "faults" and not change["faults"])
    await stage.remote.delete("faults")
    with pytest.raises(aiohttp.ClientConnectionError):
        await asyncio.wait_for(sending, BOUND_S)


@pytest.mark.parametrize("after", [False, True])
async def test_a_call_can_be_answered_late(stage: Stage, after: bool) -> None:
    await stage.remote.post("faults/rest", **MESSAGES, how="delay", delay_s=600, after=after)
    sending = asyncio.create_task(channel_of(stage).send("in time"))
    await stage.remote.wait_for(lambda change: change["kind"] == "faults" and not change["faults"])
    if after:
        await stage.remote.wait_for(lambda change: change["kind"] == "message_create")
    assert await written(stage) == (["in time"] if after else [])
    assert not sending.done()
    await stage.remote.delete("faults")
    assert (await asyncio.wait_for(sending, BOUND_S)).content == "in time"


async def test_the_end_of_the_emulator_waits_for_no_fault(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    running, addresses = emulator
    await remote.post("faults/rest", how="timeout")
    async with aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.get(f"{addresses.api}/gateway"))
        await remote.wait_for(lambda change: change["kind"] == "faults" and not change["faults"])
        await asyncio.wait_for(running.stop(), BOUND_S)
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_armed_faults_are_listed_told_and_disarmed(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    await remote.post("faults/rest", path="@original$", method="patch", status=503, times=2)
    await remote.post("faults/rest", how="half", times=None)
    await remote.post("faults/cdn", delay_s=2, bytes_per_s=1000)
    await remote.post("faults/gateway", refuse_resumes=3)
    armed = (await remote.get("faults"))["faults"]
    assert [(one["id"], one["kind"], one["left"], one["words"]) for one in armed] == [
        ("1", "rest", 2, "the next 2 PATCH calls on @original$: answered with 503"),
        ("2", "rest", None, "every call on any path: answered with half a body"),
        ("3", "cdn", 1, "the next file: 2 s late, at 1000 bytes a second"),
        ("4", "gateway", 3, "the next 3 resumes: refused"),
    ]
    change = await remote.wait_for(lambda one: one["kind"] == "faults" and len(one["faults"]) == 4)
    assert change["faults"] == armed
    assert await remote.delete("faults") == {"faults": []}
    assert await remote.get("faults") == {"faults": []}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("rest", {"how": "gently"}),
        ("rest", {"path": "("}),
        ("rest", {"status": 200}),
        ("rest", {"times": 0}),
        ("cdn", {"bytes_per_s": -1}),
        ("cdn", {"status": 304}),
        ("gateway", {}),
        ("gateway", {"how": "softly"}),
        ("gateway", {"how": ["drop"]}),
        ("token", {"interaction": "none"}),
    ],
)
async def test_a_fault_that_is_none_is_refused_in_one_sentence(
    emulator: tuple[Emulator, Addresses], remote: Remote, path: str, asked: dict[str, Any]
) -> None:
    with pytest.raises(RemoteError, match="not understood"):
        await remote.post(f"faults/{path}", **asked)
    assert (await remote.get("faults"))["faults"] == []


async def posted(remote: Remote, data: bytes) -> str:
    """Post a file, and return its address."""
    sent = await remote.post("messages", {"f": ("cat.png", data)}, person="bob", channel="lounge", content="")
    url: str = sent["message"]["attachments"][0]["url"]
    return url


async def test_a_slow_cdn_sends_a_file_bit_by_bit(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    data = bytes(range(256)) * 400
    url = await posted(remote, data)
    await remote.post("faults/cdn", bytes_per_s=1000)
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.headers["Content-Length"] == str(len(data))
        first = await response.content.readany()
        assert 0 < len(first) < len(data)
        await remote.delete("faults")
        assert first + await response.read() == data


async def test_a_cdn_can_fail_and_be_late(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    url = await posted(remote, b"cat")
    await remote.post("faults/cdn", status=503)
    await remote.post("faults/cdn", delay_s=600)
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            assert response.status == 503
        late = asyncio.create_task(session.get(url))
        await remote.wait_for(lambda change: change["kind"] == "faults" and not change["faults"])
        await remote.delete("faults")
        async with await asyncio.wait_for(late, BOUND_S) as response:
            assert await response.read() == b"cat"


async def say(addresses: Addresses, text: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to the API, or for a path of the CDN to that, and say the beginning of something."""
    at = addresses.cdn if "attachments" in text else addresses.api
    port = int(at.split(":")[2].split("/")[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(text.replace("\n", "\r\n").replace("HOST", f"127.0.0.1:{port}").encode())
    return reader, writer


@pytest.mark.parametrize("options", [Options(patience_s=0.3)])
async def test_slow_clients_are_let_go_and_keep_nobody_waiting(
    emulator: tuple[Emulator, Addresses], remote: Remote
) -> None:
    running, addresses = emulator
    data = b"x" * 20_000_000
    files = running._files  # an upload of this size would be a slow client, too
    path = files.address(files.add(next(iter(running.world.channels.values())), "much.bin", data))
    path = path.removeprefix(addresses.cdn)
    deaf, deaf_writer = await say(addresses, f"GET {path} HTTP/1.1\nHost: HOST\n\n")
    start = f"\nHost: HOST\nAuthorization: Bot {addresses.bot_token}\nContent-Length: 99\n"
    json, form = "Content-Type: application/json\n\n{", "Content-Type: multipart/form-data; boundary=b\n\n--b"
    routes = [
        "POST /api/v10/channels/1/messages",
        "PUT /api/v10/applications/1/commands",
        "POST /api/v10/users/@me/channels",
    ]
    slow = [await say(addresses, f"{route} HTTP/1.1{start}{rest}") for route in routes for rest in (json, form)]
    assert (await remote.get("state"))["connected"] == 0, "others are served meanwhile"
    answers = [await asyncio.wait_for(reader.read(), BOUND_S) for reader, _ in slow]
    assert {answer.split(b" ")[1] for answer in answers} <= {b"404", b"408"}
    assert b"408" in [answer.split(b" ")[1] for answer in answers]
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(deaf.readexactly(len(data)), BOUND_S)
    for writer in (deaf_writer, *(writer for _, writer in slow)):
        writer.close()
