"""Rate limits: who minds the headers is never refused, who does not is told to wait, and in the end banned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import discord
import pytest
from emulator_stage import Stage
from loopback import openapi_or_none

from bot.emulator.remote import Remote
from bot.emulator.rest.limits import INVALID, RULES
from bot.emulator.server import Addresses, Emulator, Options

Ask = Callable[..., Awaitable[tuple[int, dict[str, str], str]]]


@pytest.fixture
async def ask(emulator: tuple[Emulator, Addresses]) -> AsyncIterator[Ask]:
    """Ask REST without minding any limit: status, headers, text."""
    addresses = emulator[1]
    async with aiohttp.ClientSession() as session:

        async def one(method: str, path: str, token: str = addresses.bot_token) -> tuple[int, dict[str, str], str]:
            headers = {"Authorization": f"Bot {token}"}
            body = {"content": "hello"} if method == "POST" else None
            async with session.request(method, addresses.api + path, headers=headers, json=body) as response:
                return response.status, dict(response.headers), await response.text()

        yield one


def messages_of(emulator: Emulator, name: str = "dreams") -> str:
    [channel] = [one for one in emulator.world.channels.values() if one.name == name]
    return f"/channels/{channel.id}/messages"


async def test_headers_count_down_and_then_it_is_too_many(
    emulator: tuple[Emulator, Addresses], remote: Remote, ask: Ask
) -> None:
    path = messages_of(emulator[0])
    answers = [await ask("POST", path) for _ in range(6)]
    assert [status for status, _, _ in answers] == [200] * 5 + [429]
    assert [headers["X-RateLimit-Remaining"] for _, headers, _ in answers] == ["4", "3", "2", "1", "0", "0"]
    first, refused = answers[0][1], answers[5][1]
    assert first["X-RateLimit-Limit"] == "5"
    assert 0 < float(refused["X-RateLimit-Reset-After"]) <= 5
    now = emulator[0].world.clock.now()
    assert now < float(refused["X-RateLimit-Reset"]) <= now + 5
    assert first["X-RateLimit-Bucket"] == refused["X-RateLimit-Bucket"]
    assert (refused["X-RateLimit-Scope"], refused["Retry-After"]) == ("user", "5")
    assert "Via" in refused
    body = json.loads(answers[5][2])
    assert body == {
        "message": "You are being rate limited.",
        "retry_after": float(refused["X-RateLimit-Reset-After"]),
        "global": False,
    }
    assert (await ask("POST", messages_of(emulator[0], "lounge")))[0] == 200, "another channel counts for itself"
    await remote.post("clock", forward_s=5)
    assert (await ask("POST", path))[0] == 200


async def test_the_headers_and_the_body_of_a_refusal_tell_one_time(
    emulator: tuple[Emulator, Addresses], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, steady = emulator[0].world.clock, emulator[0].world.clock.steady

    def later() -> float:
        clock.moved_s += 0.01  # a machine so slow that some milliseconds go by between two readings
        return steady()

    monkeypatch.setattr(clock, "steady", later)
    answers = [await ask("POST", messages_of(emulator[0])) for _ in range(6)]
    refused = answers[-1]
    assert refused[0] == 429
    assert json.loads(refused[2])["retry_after"] == float(refused[1]["X-RateLimit-Reset-After"])


async def test_a_bot_that_was_refused_waits_and_does_it_once(stage: Stage, ask: Ask) -> None:
    path = messages_of(stage.emulator)
    answers = [await ask("POST", path) for _ in range(6)]
    left_s = float(answers[-1][1]["X-RateLimit-Reset-After"])
    await stage.remote.post("clock", forward_s=left_s - 0.5)
    channel = stage.bot.get_channel(int(path.split("/")[2]))
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("at last")
    written = await stage.remote.messages()
    assert [one["content"] for one in written] == ["hello"] * 5 + ["at last"]
    assert written[-1]["id"] == str(sent.id)
    refused = (await stage.remote.get("violations"))["violations"]
    assert [(one["kind"], one["path"], one["findings"][0]["message"]) for one in refused] == [
        ("rate_limit", "/channels/{channel_id}/messages", "more than 5 requests in 5 s")
    ] * 2, "the one above, and the bot once"


async def test_a_bot_that_minds_the_headers_is_never_refused(stage: Stage) -> None:
    channel = stage.bot.guilds[0].text_channels[0]
    for number in range(7):
        await stage.remote.post("messages", person="mod", channel="dreams", content=str(number))
    await stage.remote.post("permissions", channel="dreams", permission="manage_messages", granted=True)
    found = [one async for one in channel.history()]
    await asyncio.gather(*(message.delete() for message in found))
    assert await stage.remote.messages() == []
    assert not stage.emulator.world.violations


async def test_fifty_a_second_are_all_of_a_bot_but_its_interactions(
    emulator: tuple[Emulator, Addresses], remote: Remote, ask: Ask
) -> None:
    answers = [await ask("GET", "/users/@me") for _ in range(51)]
    assert [status for status, _, _ in answers] == [200] * 50 + [429]
    _, headers, text = answers[-1]
    assert (headers["X-RateLimit-Global"], headers["X-RateLimit-Scope"]) == ("true", "global")
    assert json.loads(text)["global"] is True
    assert (await ask("POST", "/interactions/1/token/callback"))[0] == 404
    await remote.post("clock", forward_s=1)
    assert (await ask("GET", "/users/@me"))[0] == 200


async def test_a_stranger_uses_up_nothing_of_the_bots(emulator: tuple[Emulator, Addresses], ask: Ask) -> None:
    path = messages_of(emulator[0])
    assert [(await ask("POST", path, "wrong"))[0] for _ in range(6)] == [401] * 5 + [429]
    assert (await ask("POST", path))[0] == 200


async def test_ten_thousand_invalid_requests_are_a_ban(stage: Stage, ask: Ask) -> None:
    limits = stage.emulator._limits
    for _ in range(INVALID - 1):
        limits.note(401)
    assert (await ask("GET", "/users/@me", "wrong"))[0] == 401
    status, headers, _ = await ask("GET", "/users/@me")
    assert (status, headers["Content-Type"], "Via" in headers) == (429, "text/html; charset=utf-8", False)
    with pytest.raises(discord.HTTPException) as caught:
        await stage.bot.fetch_user(stage.bot.user.id if stage.bot.user else 0)
    assert caught.value.status == 429
    await stage.remote.post("clock", forward_s=3600)
    assert (await ask("GET", "/users/@me"))[0] == 200


async def test_invalid_requests_of_long_ago_are_forgiven(emulator: tuple[Emulator, Addresses], remote: Remote) -> None:
    limits = emulator[0]._limits
    for _ in range(INVALID - 1):
        limits.note(403)
    await remote.post("clock", forward_s=601)
    limits.note(403)
    assert limits._banned_until == 0


@pytest.mark.parametrize("options", [Options(rate_limits=False)])
async def test_limits_can_be_switched_off(emulator: tuple[Emulator, Addresses], ask: Ask) -> None:
    answers = [await ask("POST", messages_of(emulator[0])) for _ in range(60)]
    assert {status for status, _, _ in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0][1]


@pytest.mark.openapi
def test_every_limited_route_is_one_of_discords() -> None:
    description = openapi_or_none()
    if description is None:
        pytest.skip("no copy of Discord's description is named")
    paths = json.loads(description.read_text())["paths"]
    assert [(method, path) for method, path in RULES if method.lower() not in paths.get(path, {})] == []
