"""Whatever is sent to the emulator, it answers in the right shape, logs no traceback, and goes on working."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import discord
import pytest
import yarl
from emulator_calls import RIGHT, Call, calls
from emulator_stage import Puppet
from hypothesis import HealthCheck, given, settings
from loopback import BOUND_S, openapi_or_none, point_discord_py_at

from bot.emulator.remote import Remote
from bot.emulator.server import Emulator, Options

T = TypeVar("T")
# `make fuzz` tries far more.
EXAMPLES = 4 * settings().max_examples

# No fault is armed and nobody is thrown out: what follows could not be told from a failure.
HANDS_OFF = (
    "/control/faults",
    "/control/live",
    "/control/autocomplete",
    "/control/clock",
    "/api/v10/users/@me/guilds/",
)


class Range:
    """An emulator and a bot, to shoot at: all in this thread, where nothing runs between two calls."""

    def __init__(self, runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runner = runner
        self.errors: list[str] = []
        self._monkeypatch = monkeypatch

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def open(self, openapi: Path | None) -> None:
        self.emulator = Emulator(Options(openapi=openapi, rate_limits=False))
        self.addresses = await self.emulator.start()
        point_discord_py_at(self.addresses, self._monkeypatch)
        self.remote = Remote(self.addresses.to_json())
        self.session = aiohttp.ClientSession()
        self.bot = Puppet()
        self.living = asyncio.create_task(self.bot.start(self.addresses.bot_token))
        ready = asyncio.create_task(self.bot.wait_until_ready())
        await asyncio.wait({self.living, ready}, timeout=BOUND_S, return_when=asyncio.FIRST_COMPLETED)
        assert self.bot.is_ready(), self.living
        self.routes = [
            (one.method, one.path)
            for one in self.emulator.routes
            if one.path.startswith(("/api/", "/control/")) and not one.path.startswith(HANDS_OFF)
            for _ in range(1 if one.method in {"GET", "DELETE"} else 4)  # most can go wrong where there is a body
        ]

    async def close(self) -> None:
        await self.bot.close()
        await asyncio.wait_for(self.living, BOUND_S)
        await self.session.close()
        await self.remote.__aexit__(None, None, None)
        await self.emulator.stop()

    async def work(self) -> None:
        """Run a command that is answered."""

        async def answer(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("still here")

        await self.bot.tree.sync()  # a call may have put other commands in the place of these
        done = self.bot.expect(answer)
        assert (await self.remote.run("do"))["state"] == "answered"
        await asyncio.wait_for(done, BOUND_S)

    async def known(self) -> dict[str, Any]:
        """What the placeholders of a path may name; a message that is gone is made anew."""
        world = self.emulator.world
        guild = next(iter(world.guilds.values()))
        channel = next(one for one in guild.channels.values() if one.name == "dreams")
        answers = [one for one in world.interactions.values() if one.original and one.original.id in channel.messages]
        if not answers:
            await self.work()
            return await self.known()
        answer = answers[-1]
        assert answer.original is not None
        return {
            "channel_id": channel.id,
            "message_id": answer.original.id,
            "user_id": next(iter(world.people)),
            "guild_id": guild.id,
            "role_id": next(iter(guild.roles)),
            "interaction_id": answer.id,
            "interaction_token": answer.token,
            "webhook_id": world.application_id,
            "webhook_token": answer.token,
            "application_id": world.application_id,
            "emoji_name": "🎲",
            "id": answer.original.id,
        }

    async def fire(self, call: Call) -> tuple[str, int, Any]:
        """Send a call and return the path, the status and the answer."""
        method, path = self.routes[call.route % len(self.routes)]
        known = await self.known()
        for one in call.ids:
            before, brace, rest = path.partition("{")
            if brace:
                name, _, after = rest.partition("}")
                path = f"{before}{quote(str(known.get(name, '1') if one == RIGHT else one), safe='')}{after}"
        origin = self.addresses.api.removesuffix("/api/v10")
        url = yarl.URL(origin + path, encoded=True).update_query(call.query)
        headers = {"X-Emulator-Key": self.addresses.control_key, **self._token(call)}
        data, more = _packed(call, known)
        async with self.session.request(method, url, data=data, headers={**headers, **more}) as response:
            text = await response.text()
            assert response.status in {204, 405} or response.headers["Content-Type"] == "application/json", text
            return path, response.status, json.loads(text) if text else None

    def _token(self, call: Call) -> dict[str, str]:
        if call.token == "none":
            return {}
        return {
            "Authorization": {"right": f"Bot {self.addresses.bot_token}", "bytes": "Bot ☃"}.get(call.token, "Bot x.y.z")
        }


def _packed(call: Call, known: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """Put a body on the wire, as it should be or not."""
    text = json.dumps(call.body)
    for name, number in known.items():
        text = text.replace(f"<{name}>", str(number))
    plain = text.encode()
    if call.wrapped == "json":
        return plain, {"Content-Type": "application/json"}
    if call.wrapped == "gzip":
        return gzip.compress(plain) if len(call.junk) % 2 else call.junk, {"Content-Encoding": "gzip"}
    if call.wrapped == "raw":
        return call.junk, {"Content-Type": "multipart/form-data" if len(call.junk) % 2 else "application/json"}
    if call.wrapped == "none":
        return None, {}
    form = aiohttp.FormData()
    form.add_field("payload_json", plain.decode(), content_type="application/json")
    form.add_field("files[0]", call.junk, filename="a.png", content_type="image/png")
    if call.wrapped == "field":
        form.add_field("content", "x")
        form.add_field("payload_json", call.junk.decode("latin-1"))
        form.add_field("files[99]", call.junk, filename="../☃")
    return form, {}


class _Errors(logging.Handler):
    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._into = into

    def emit(self, record: logging.LogRecord) -> None:
        self._into.append(self.format(record))


@pytest.fixture(scope="module", params=["checked by hand", "and by the description"])
def shooting(request: pytest.FixtureRequest) -> Iterator[Range]:
    openapi = openapi_or_none() if request.param != "checked by hand" else None
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as monkeypatch:
        target = Range(runner, monkeypatch)
        handlers = [
            (logging.getLogger(name), _Errors(target.errors)) for name in ("bot.emulator", "aiohttp", "asyncio")
        ]
        for logger, handler in handlers:
            logger.addHandler(handler)
        runner.run(target.open(openapi))
        yield target
        runner.run(target.close())
        for logger, handler in handlers:
            logger.removeHandler(handler)


def judge(target: Range, path: str, status: int, answer: Any) -> None:
    """Hold an answer against the shape that its side of the emulator promises."""
    errors = [target.errors.pop() for _ in range(len(target.errors))]
    assert not errors, "\n".join(errors)
    assert status < 500
    if status >= 400 and path.startswith("/control/"):
        assert isinstance(answer["error"], str)
    elif status >= 400:
        assert isinstance(answer["message"], str)
        assert isinstance(answer["code"], int)
        assert ("errors" in answer) == (answer["code"] == 50035)


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(call=calls)
def test_any_request_is_answered_in_the_right_shape(shooting: Range, call: Call) -> None:
    path, status, answer = shooting.run(shooting.fire(call))
    judge(shooting, path, status, answer)
    if path.startswith("/api/") and call.token != "right" and "/interactions/" not in path and "/webhooks/" not in path:
        assert status == 401 or path.endswith("/gateway")


def test_a_command_still_works_after_all_that_and_no_answer_was_wrong(shooting: Range) -> None:
    shooting.run(shooting.work())
    assert not shooting.errors
    assert [one for one in shooting.emulator.world.violations if one["kind"] == "response"] == []
