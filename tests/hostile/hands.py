"""Hands: a real bot on a loopback Discord is flooded in every way that hands can, while somebody else dreams."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service_harness import Bot, Chat, Json, bot_on_discord, buttons_of, text_of
from service_settings import part

from bot.emulator.remote import RemoteError

PERSON, SERVER = 20, 600  # acts a minute, so that few are many
AT_ONCE = 75  # acts of new accounts that a server takes: of a hundred, a quarter is kept for others
SETTINGS = {
    "MAX_ACTS_A_MINUTE_PER_PERSON": str(PERSON),
    "MAX_ACTS_A_MINUTE_PER_SERVER": str(SERVER),
    "NEW_ACCOUNT_DAYS": "0.00001",  # who is there at the start is not new when the bot is
    "DREAM_SIZE": "64",
}
HOUR_S = 3600.0  # by so much the clock goes on: whoever comes then is new, by their id
DREAMERS = 50
PRESSES, NEWCOMERS = 3 * PERSON, 15
AHEAD = 2  # dreams of the flood that may be told before one that is asked for meanwhile: one runs, one is its equal
TOO_FAST, TOO_MUCH = "a little fast", "Too much is done in this server"
LOGGED = "acts faster than one may"


@dataclass
class Hands:
    """Floods, and what did not hold. Each goes to a server of its own, in which a dreamer is at home."""

    bot: Bot
    chat: Chat
    photo: bytes
    tried: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    async def come(self) -> None:
        """Let the dreamers come, and the time in which whoever comes later is new."""
        for number in range(DREAMERS):
            await self.chat.post("people", username=f"dreamer-{number}")
        await self.chat.post("clock", forward_s=HOUR_S)

    async def round(self, number: int) -> None:
        """Flood once in every way."""
        ways = (self.mash, self.type_commands, self.type_letters, self.settle, self.come_in_crowds)
        for count, way in enumerate(ways, number * len(ways)):
            await Scene(self, f"{way.__name__}-{number}", f"dreamer-{count % DREAMERS}").play(way)

    async def mash(self, scene: Scene) -> None:
        """Press *Again* under somebody's dream, as fast as it goes."""
        shown = await self.chat.ended((await scene.dream())["message_id"], person=scene.dreamer, timeout_s=100)
        again = buttons_of(shown)["Again"]
        pressed = [self.chat.press(shown["id"], again, person=scene.flooder) for _ in range(PRESSES)]
        asked = await scene.meanwhile(pressed)
        scene.check(await scene.said(TOO_FAST) == 1, "it was not told once")
        told = await self.bot.told(asked)
        scene.check(told["state"] == "dreamed", "the dream that was asked for meanwhile did not come")
        before = scene.told_before(told)
        scene.check(before <= AHEAD, f"{before} dreams of the flood went before")

    async def type_commands(self, scene: Scene) -> None:
        """Type a command that changes something, as fast as it goes."""
        typed = [
            self.chat.run(
                "preset default", person=scene.flooder, channel=scene.channel, options={"name": "Puppy slugs"}
            )
            for _ in range(PRESSES)
        ]
        await scene.meanwhile(typed)
        scene.check(0 < await scene.said(TOO_FAST) <= PERSON + 2, "it was not told as often as it may")

    async def type_letters(self, scene: Scene) -> None:
        """Type letters for suggestions, as fast as it goes."""
        options = {"of": "pea"}
        typed = [
            self.chat.complete("dream", "of", person=scene.flooder, channel=scene.channel, options=options)
            for _ in range(PRESSES)
        ]
        await scene.meanwhile(typed)
        others = await self.chat.complete("dream", "of", person=scene.dreamer, channel=scene.channel, options=options)
        scene.check(bool(others), "somebody else got no suggestions")

    async def settle(self, scene: Scene) -> None:
        """Change a setting of one's own server, as fast as it goes."""
        await self.chat.post("people", username=f"owner of {scene.name}")
        scene.flooder = f"owner of {scene.name}"
        guild = (await self.chat.post("guilds", name=f"The {scene.name}", owner=scene.flooder))["guild"]["id"]
        channel = (await self.chat.post("channels", guild=guild, name=f"den-{scene.name}"))["channel"]["id"]
        opened = await self.chat.run("settings", person=scene.flooder, channel=channel)
        panel = await self.chat.answered(opened, person=scene.flooder)
        language = part(panel, "language")
        await scene.meanwhile(
            self.chat.press(panel["id"], language, person=scene.flooder, values=["fr"]) for _ in range(PRESSES)
        )

    async def come_in_crowds(self, scene: Scene) -> None:
        """Let many new accounts do a little each."""
        people = [f"{scene.name}-{number}" for number in range(NEWCOMERS)]
        for name in people:
            await self.chat.post("people", username=name, guilds=[scene.name])
        typed = [self.chat.run("queue", person=name, channel=scene.channel) for name in people * (PERSON - 1)]
        begun = time.monotonic()
        await scene.meanwhile(typed)
        refused = [
            one
            for name in people
            for one in await self.chat.messages(person=name, channel=scene.channel)
            if one["only_for"] is not None and TOO_MUCH in text_of(one)
        ]
        most = AT_ONCE + (time.monotonic() - begun) * SERVER / 60
        scene.check(len(typed) - len(refused) - scene.unanswered <= most, "more than the server's share came in")
        scene.check(bool(refused), "nobody was told that it is too much")


class Scene:
    """One flood: a server, whoever floods it, and the one who dreams there meanwhile."""

    def __init__(self, hands: Hands, name: str, dreamer: str) -> None:
        self.hands, self.name, self.dreamer = hands, name, dreamer
        self.flooder = f"flooder of {name}"
        self.channel = ""
        self.unanswered = 0

    def check(self, held: bool, what: str) -> None:
        """Note what did not hold."""
        if not held:
            self.hands.broken.append(f"{self.name}: {what}")

    async def play(self, way: Callable[[Scene], Awaitable[None]]) -> None:
        """Set the scene, flood it, and look at the log."""
        chat = self.hands.chat
        guild = (await chat.post("guilds", name=self.name, owner="ada"))["guild"]["id"]
        self.channel = (await chat.post("channels", guild=guild, name=f"ch-{self.name}".lower()))["channel"]["id"]
        await chat.post("people", username=self.flooder, guilds=[self.name])
        await chat.post("members", guild=guild, person=self.dreamer, here=True)
        before = self.hands.bot.log.read_text().count(LOGGED)
        self.hands.tried[way.__name__] += 1
        await way(self)
        lines = self.hands.bot.log.read_text().count(LOGGED) - before
        self.check(lines == 1, f"the log has {lines} lines of it")

    async def dream(self) -> Json:
        """Let the dreamer ask for a dream."""
        asked = await self.hands.chat.dream("cup.png", self.hands.photo, person=self.dreamer, channel=self.channel)
        self.check(asked["state"] == "thinking", "a dreamer was not let in")
        return asked

    async def meanwhile(self, acts: Iterable[Coroutine[Any, Any, Any]]) -> Json:
        """Do all ``acts`` at once, and have the dreamer ask in the midst of them; return what they asked."""
        flood = [asyncio.create_task(act) for act in acts]
        await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        asked = await self.dream()
        for one in await asyncio.gather(*flood, return_exceptions=True):
            if isinstance(one, BaseException) and not isinstance(one, RemoteError):
                raise one
            self.unanswered += isinstance(one, RemoteError) or (isinstance(one, dict) and one["state"] == "failed")
        self.hands.tried["acts"] += len(flood)
        return asked

    async def said(self, words: str) -> int:
        """Return how often the flooder was told ``words``."""
        seen = await self.hands.chat.messages(person=self.flooder, channel=self.channel)
        return sum(one["only_for"] is not None and words in text_of(one) for one in seen)

    def told_before(self, told: Json) -> int:
        """Return how many dreams of the flooder were told while this one waited."""
        return sum(
            row["channel_id"] == int(self.channel)
            and row["person_id"] != told["person_id"]
            and row["told_at"] is not None
            and told["created_at"] < row["told_at"] < told["told_at"]
            for row in self.hands.bot.jobs()
        )


async def flooded(photo: bytes, until: float) -> tuple[Counter[str], list[str]]:
    """Flood until then, once at least; return what was tried, and what did not hold."""
    with (
        tempfile.TemporaryDirectory(prefix="oneiros-hands-") as folder,
        bot_on_discord(Path(folder) / "data", "--no-rate-limits", **SETTINGS) as bot,
    ):
        async with Chat(bot.addresses) as chat:
            hands = Hands(bot, chat, photo)
            await hands.come()
            await chat.until_ready()
            number = 0
            while number == 0 or time.monotonic() < until:
                await hands.round(number)
                number += 1
            if violations := await chat.violations():
                hands.broken.append(f"requests that Discord would refuse: {violations[:3]}")
            return hands.tried, hands.broken
