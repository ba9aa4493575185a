"""People in a soak: they dream, browse, vote, keep presets, and moderate, each by chance as a seed says."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from PIL import Image
from processes import Process
from rows import Rows
from service_gallery import looked, menu
from service_harness import Chat, Json, buttons_of, is_outcome, text_of
from service_settings import part
from soak_ledger import ENTRY, PRESET, REMOVED, SIZE, VOTE, Key, Ledger, Outcome, found_in

from bot.emulator.remote import RemoteError

GUESTS = 8
PAUSE_S = (1.0, 3.0)  # between two acts of one person, who would act faster than one may with less
SEEN_S = 20.0  # by when an act has its answer, and is in the database
LOOK_EVERY_S = 0.1
AT_ONCE = 4  # dreams that are asked for and not told
LONGEST_S = 120.0  # from a dream to the next one's place
SIZES = ("512", "1024", "none")
NO_SIZE = "None"  # as the database says it
BROKEN = "has been noted as"  # what nobody foresaw
LOADING = 1 << 7  # the message flag of "thinking…"

Act = Callable[[], Awaitable[Outcome]]


@dataclass
class Person:
    """Somebody in the soak, and what they have."""

    name: str
    id: str
    chance: random.Random
    dreams: list[Json] = field(default_factory=list)  # their messages
    presets: list[str] = field(default_factory=list)
    made: int = 0

    def new_name(self) -> str:
        """Return a name that nothing has yet."""
        self.made += 1
        return f"{self.name} {self.made}"


@dataclass
class Crowd:
    """Everybody, before one bot."""

    process: Process
    chat: Chat
    rows: Rows
    ledger: Ledger
    disturbed: Callable[[], int]  # how often the bot was ended or cut off
    seed: int
    untold: int = 0

    @property
    def _file(self) -> Path:
        return self.rows.file

    async def come(self) -> list[Person]:
        """Let the guests come; return them, the server's owner and its moderator."""
        for number in range(GUESTS):
            await self.chat.post("people", username=f"guest{number}", guilds=["The Lighthouse"])
        there = (await self.chat.get("state"))["people"]
        names = [*(f"guest{number}" for number in range(GUESTS)), "ada", "mod"]
        ids = {one["username"]: one["id"] for one in there}
        return [Person(name, ids[name], random.Random(f"{self.seed} {name}")) for name in names]

    async def live(self, person: Person, ending: asyncio.Event) -> None:
        """Act, by chance, until it ends."""
        acts: list[tuple[int, str, Act]] = [
            (4, "dream", lambda: self._dream(person)),
            (2, "dream again", lambda: self._again(person)),
            (3, "browse", lambda: self._browse(person)),
            (2, "suggestions", lambda: self._complete(person)),
            (2, "queue", lambda: self._queue(person)),
            (3, "add to gallery", lambda: self._add(person)),
            (4, "vote", lambda: self._vote(person)),
            (2, "save a preset", lambda: self._save(person)),
            (1, "delete a preset", lambda: self._delete(person)),
        ]
        if person.name == "mod":
            acts = [(4, "browse", acts[2][2]), (1, "remove an entry", lambda: self._remove(person))]
        if person.name == "ada":
            acts = [(1, "change settings", lambda: self._settle(person)), (1, "queue", acts[4][2])]
        while not ending.is_set():
            await asyncio.sleep(person.chance.uniform(*PAUSE_S))
            _, kind, act = person.chance.choices(acts, weights=[weight for weight, _, _ in acts])[0]
            await self.until_there()
            self.ledger.note(kind, await self.outcome_of(act))

    async def until_there(self) -> None:
        """Wait until the bot is connected, as far as anybody knows."""
        while not (self.process.is_back and (await self.chat.get("state"))["connected"]):
            await asyncio.sleep(LOOK_EVERY_S)

    async def outcome_of(self, act: Act) -> Outcome:
        """Do an act; what fails while the bot is away is in vain."""
        before = self.disturbed()
        try:
            outcome = await act()
        except (RemoteError, TimeoutError, aiohttp.ClientError):
            outcome = "unanswered"
        return "vain" if outcome == "unanswered" and self._was_away(before) else outcome

    def _was_away(self, before: int) -> bool:
        return self.disturbed() != before or not self.process.is_back

    async def _dream(self, person: Person) -> Outcome:
        photo = picture(person.chance)
        return await self._ask(person, lambda: self.chat.dream("cup.png", photo, person=person.name))

    async def _again(self, person: Person) -> Outcome:
        if not person.dreams:
            return await self._queue(person)
        dream = person.chance.choice(person.dreams)
        label = person.chance.choice(("Deeper", "Again"))
        button = buttons_of(dream)[label]
        return await self._ask(person, lambda: self.chat.press(dream["id"], button, person=person.name))

    async def _ask(self, person: Person, ask: Callable[[], Awaitable[Json]]) -> Outcome:
        """Ask for a dream once few enough wait; it has to be written down, and is shown some time."""
        async with asyncio.timeout(LONGEST_S):
            while self.untold >= AT_ONCE:
                await asyncio.sleep(LOOK_EVERY_S)
        self.untold += 1
        try:
            await self.until_there()
            asked = await ask()
            if asked["state"] == "failed":
                return "unanswered"
            row = await self._written(asked)
            if row is None:
                return "refused" if await self._is_answered(asked, person) else "unanswered"
            async with asyncio.timeout(LONGEST_S):
                while (row := await self._row(asked)) is not None and row["told_at"] is None:
                    await asyncio.sleep(LOOK_EVERY_S)
            await self._remember(asked, person)
            return "answered"
        finally:
            self.untold -= 1

    async def _written(self, asked: Json) -> Json | None:
        for _ in range(round(SEEN_S / LOOK_EVERY_S)):
            if (row := await self._row(asked)) is not None or not self.process.is_back:
                return row
            await asyncio.sleep(LOOK_EVERY_S)
        return None

    async def _row(self, asked: Json) -> Json | None:
        return next((row for row in await self.rows.read() if row["interaction_id"] == int(asked["id"])), None)

    async def _is_answered(self, asked: Json, person: Person) -> bool:
        there = await self.chat.messages(person=person.name)
        return any(one["id"] == asked["message_id"] and not one["flags"] & LOADING for one in there)

    async def _remember(self, asked: Json, person: Person) -> None:
        there = {one["id"]: one for one in await self.chat.messages(person=person.name)}
        shown = there.get(asked["message_id"])
        if shown is not None and is_outcome(shown) and {"Deeper", "Again", "Add to gallery"} <= set(buttons_of(shown)):
            person.dreams = [*person.dreams[-9:], shown]

    async def _read(self, asked: Json, person: Person) -> Json:
        """Return the reply to an interaction. Raises TimeoutError."""
        if asked["state"] == "failed":
            raise TimeoutError
        async with asyncio.timeout(SEEN_S):
            message = await self.chat.answered(asked, person=person.name)
        if BROKEN in text_of(message):
            raise TimeoutError
        return message

    async def _type(self, person: Person, command: str, **options: object) -> Json:
        return await self._read(await self.chat.run(command, person=person.name, options=dict(options)), person)

    async def _queue(self, person: Person) -> Outcome:
        await self._type(person, "queue")
        return "answered"

    async def _complete(self, person: Person) -> Outcome:
        typed = person.chance.choice(("pea", "do", "ey", "castle", "0.5 dogs + "))
        found = await self.chat.complete("dream", "of", person=person.name, options={"of": typed})
        return "answered" if found else "unanswered"

    async def _page(self, person: Person, sort: str) -> Json:
        async with asyncio.timeout(SEEN_S):
            return await looked(self.chat, person.name, sort=sort)

    async def _browse(self, person: Person) -> Outcome:
        page = await self._page(person, person.chance.choice(("newest", "week", "ever", "random")))
        ways = [one for label, one in buttons_of(page).items() if label in ("More", "Another", "Mine")]
        if ways:
            pressed = await self.chat.press(page["id"], person.chance.choice(ways), person=person.name)
            return "unanswered" if pressed["state"] == "failed" else "answered"
        return "answered"

    async def _card(self, person: Person) -> Json | None:
        """Open an entry of the gallery; None where there is none."""
        page = await self._page(person, "random")
        if "pick" not in str(page["components"]):
            return None
        pick = menu(page, "pick")
        number = person.chance.choice(pick["options"])["value"]
        pressed = await self.chat.press(page["id"], pick["custom_id"], person=person.name, values=[number])
        if pressed["state"] == "failed":
            raise TimeoutError
        async for message in self.chat.states(page["id"], person=person.name, timeout_s=SEEN_S):
            if "Remix" in buttons_of(message):
                return dict(message)
        return None

    async def _vote(self, person: Person) -> Outcome:
        card = await self._card(person)
        votes = [one for label, one in buttons_of(card or {"components": []}).items() if label.isdigit()]
        if not votes:
            return "answered"  # it was looked at: it is empty, or this one is one's own
        key = (VOTE, person.id, votes[0].rpartition(":")[2])
        wanted = 0 if found_in(self._file).get(key) else 1
        pressed = await self.chat.press(card["id"], votes[0], person=person.name)
        return await self._effect(person, pressed, key, wanted)

    async def _effect(self, person: Person, asked: Json, key: Key, wanted: int | str) -> Outcome:
        """Wait until the database says what an act was for; what was seen there has to stay."""
        before = self.disturbed()
        self.ledger.doubt(*key)
        if asked["state"] == "failed":
            return "unanswered"
        for _ in range(round(SEEN_S / LOOK_EVERY_S)):
            if found_in(self._file).get(key, 0) == wanted:
                self.ledger.expect(wanted, *key)
                return "answered"
            if self._was_away(before):
                return "vain"
            await asyncio.sleep(LOOK_EVERY_S)
        return "refused" if await self._was_told(person, asked) else "unanswered"

    async def _was_told(self, person: Person, asked: Json) -> bool:
        """Tell whether a sentence answered an act of whoever did it."""
        there = await self.chat.messages(person=person.name)
        return any(
            one["only_for"] is not None and (one.get("from_interaction") or {}).get("id") == asked["id"]
            for one in there
        )

    async def _add(self, person: Person) -> Outcome:
        if not person.dreams:
            return await self._queue(person)
        dream = person.dreams.pop(person.chance.randrange(len(person.dreams)))
        opened = await self.chat.press(dream["id"], buttons_of(dream)["Add to gallery"], person=person.name)
        if opened["modal"] is None:
            return "refused" if opened["state"] == "answered" else "unanswered"
        title = person.new_name()
        sent = await self.chat.submit(opened["id"], {"title": title}, person=person.name)
        return await self._effect(person, sent, (ENTRY, title), 1)

    async def _remove(self, person: Person) -> Outcome:
        card = await self._card(person)
        if card is None or "Remove…" not in buttons_of(card):
            return "answered"
        title = text_of(card).partition("### ")[2].partition("\n")[0]
        opened = await self.chat.press(card["id"], buttons_of(card)["Remove…"], person=person.name)
        if opened["modal"] is None:
            return "refused" if opened["state"] == "answered" else "unanswered"
        sent = await self.chat.submit(opened["id"], {"reason": "The soak's"}, person=person.name)
        return await self._effect(person, sent, (REMOVED, title), 1)

    async def _save(self, person: Person) -> Outcome:
        if not person.dreams:
            return await self._queue(person)
        name = person.new_name()
        asked = await self.chat.run("preset save", person=person.name, options={"name": name})
        outcome = await self._effect(person, asked, (PRESET, person.id, name), 1)
        if outcome == "answered":
            person.presets.append(name)
        return outcome

    async def _delete(self, person: Person) -> Outcome:
        if not person.presets:
            return await self._queue(person)
        name = person.presets.pop()
        asked = await self.chat.run("preset delete", person=person.name, options={"name": name})
        return await self._effect(person, asked, (PRESET, person.id, name), 0)

    async def _settle(self, person: Person) -> Outcome:
        panel = await self._type(person, "settings")
        now = found_in(self._file).get((SIZE,), NO_SIZE)
        value = person.chance.choice([one for one in SIZES if one != now and (one != "none" or now != NO_SIZE)])
        pressed = await self.chat.press(panel["id"], part(panel, "size"), person=person.name, values=[value])
        return await self._effect(person, pressed, (SIZE,), NO_SIZE if value == "none" else value)


def picture(chance: random.Random) -> bytes:
    """Return a picture of 64 pixels that no other is like, as PNG."""
    data = io.BytesIO()
    Image.frombytes("RGB", (6, 6), chance.randbytes(108)).resize((64, 64), Image.Resampling.BICUBIC).save(data, "PNG")
    return data.getvalue()
