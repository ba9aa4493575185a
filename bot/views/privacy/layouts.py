"""What /privacy shows: how much is held and for how long, an export's parts, the question before all is gone."""

from __future__ import annotations

from typing import Any

import discord

from bot.language import Language
from bot.privacy.parts import Cursor, Part
from bot.store.privacy import Held
from bot.views.card import DREAMED, DREAMING, ENDED, Card
from engine.sentences import mark

MIB = 1024 * 1024

EXPORT, FORGET, REALLY, MORE, KEEP = "export", "forget", "really", "more", "keep"

HEADING = mark("**What I hold on you**")
NOTHING = mark("Nothing: you have no dreams and no presets here, or they are gone already.")
HOW_LONG = mark(
    "A dream's pictures, and what I wrote down of it, go {days} days after it ended, or earlier by *Delete*; its rows "
    "stay at least a day, since a day's quota counts them. Presets and your default stay until you delete them, dreams "
    "in a gallery until you withdraw them. With "
    "each I hold Discord's ids of you, the server, the channel and the message, and nothing that you wrote elsewhere."
)
ASKED = mark(
    "**Forget you?** Your dreams that wait or run end, and all dreams, pictures, presets and your default are gone "
    "at once and for good; out of every gallery, too, with your votes and reports.\n"
    "- Messages in the chat stay, and their buttons no longer know the dream: press *Delete* under those that you want "
    "gone first.\n"
    "- Presets that you made for a server stay with the server, without your name.\n"
    "- Somebody who dreamed on with a picture of yours keeps that picture.\n"
    "- What you dreamed today counts in the quota for 24 hours, under a salted hash in place of your name; a bar from "
    "a gallery, or from me, stays under one, too."
)
GONE = mark(
    "**Gone.** Nothing is left but what counts in today's quota, for 24 hours at most, and bars from galleries or "
    "from me, where there are any; both without your name."
)
KEPT = mark("**Nothing was forgotten.**")
FIRST = mark("**Your export.** I send up to {parts} parts at a time, for Discord gives me 15 minutes for each press.")
PART = mark("**Part {number}**")
LEFT = mark("{size} MiB of pictures are still to come.")
ALL = mark("That is all.")
PRESS = mark("{size} MiB of pictures are still to come: press *Next part*.")
READ_ME = mark(
    "This is what Oneiros holds on you: your rows, a JSON file a table, and your pictures, named by the SHA-256 of "
    "their bytes as the rows name them. Keys to your interactions, addresses that have expired and the names of our "
    "own processes are left out, and so are other people's: pictures that you dreamed on with and that are somebody "
    "else's. A picture that was too large for one part is in pieces: put their bytes together in order."
)


def mebibytes(size: int) -> float:
    """Return a number of bytes in MiB, rounded as it is shown: never to nothing."""
    return max(0.1, round(size / MIB, 1))


def button(
    act: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary, *, about: object = None
) -> discord.ui.Button[Card]:
    """Return a button of ``bot.views.privacy.buttons``."""
    tail = "" if about is None else f":{about}"
    return discord.ui.Button(label=label, style=style, custom_id=f"oneiros:privacy:{act}{tail}")


def shown(say: Language, held: Held, retention_days: float) -> Card:
    """Lay out how much is held on a person, and for how long."""
    lines = _lines(say, held)
    text = "\n".join(f"- {line}" for line in lines) if lines else say(NOTHING)
    return Card(
        discord.ui.TextDisplay(f"{say(HEADING)}\n{text}"),
        discord.ui.TextDisplay(f"-# {say(HOW_LONG, days=_plain(retention_days))}"),
        discord.ui.ActionRow(
            button(EXPORT, say("Export")), button(FORGET, say("Forget me"), discord.ButtonStyle.danger)
        ),
        colour=DREAMED,
    )


def _lines(say: Language, held: Held) -> list[str]:
    """Say of every holding how many rows it has, and of the pictures how large they are."""
    dreams, default = held.rows["dreams"], held.rows["default"]
    presets, curated = held.rows["presets"], held.rows["server-presets"]
    settled = held.rows["server-settings-changed"]
    entries, votes = held.rows["gallery"], held.rows["gallery-votes"]
    reports = held.rows["gallery-reports"] + held.rows["operator-reports"]
    bars, acts = held.rows["gallery-bars"], held.rows["gallery-acts"] + held.rows["gallery-bars-set"]
    about = held.rows["gallery-acts-about"]
    operator = sum(held.rows[f"operator-{name}"] for name in ("acts", "acts-about", "reports-about", "reports-decided"))
    size = mebibytes(held.picture_bytes)
    lines = [
        (dreams, say.many("{count} dream", "{count} dreams", dreams)),
        (
            held.pictures,
            say.many(
                "{count} picture of yours ({size} MiB): photos, guides, masks, dreams, thumbnails",
                "{count} pictures of yours ({size} MiB): photos, guides, masks, dreams, thumbnails",
                held.pictures,
                size=size,
            ),
        ),
        (presets, say.many("{count} preset of yours", "{count} presets of yours", presets)),
        (default, say("your default preset, or that you have none")),
        (
            curated,
            say.many("{count} preset that you made for a server", "{count} presets that you made for servers", curated),
        ),
        (
            settled,
            say.many(
                "{count} change of a server's settings that you made",
                "{count} changes of servers' settings that you made",
                settled,
            ),
        ),
        (entries, say.many("{count} dream in a gallery", "{count} dreams in galleries", entries)),
        (votes, say.many("{count} vote in galleries", "{count} votes in galleries", votes)),
        (reports, say.many("{count} report that you made", "{count} reports that you made", reports)),
        (bars, say.many("{count} bar from a gallery", "{count} bars from galleries", bars)),
        (
            about,
            say.many(
                "{count} line about your dreams in galleries' logs",
                "{count} lines about your dreams in galleries' logs",
                about,
            ),
        ),
        (
            acts,
            say.many(
                "{count} act of yours in galleries' logs",
                "{count} acts of yours in galleries' logs",
                acts,
            ),
        ),
        (held.rows["blocked"], say("that whoever runs me has shut you out")),
        (
            operator,
            say.many(
                "{count} line about you in the log of whoever runs me",
                "{count} lines about you in the log of whoever runs me",
                operator,
            ),
        ),
    ]
    return [line for count, line in lines if count]


def _plain(number: float) -> float:
    return int(number) if number == int(number) else round(number, 1)


def asked(say: Language, person_id: int) -> Card:
    """Lay out the question before all is gone; the button names who may say yes."""
    row = discord.ui.ActionRow[Card](
        button(REALLY, say("Forget me"), discord.ButtonStyle.danger, about=person_id),
        button(EXPORT, say("Export first")),
        button(KEEP, say("Keep everything")),
    )
    return Card(discord.ui.TextDisplay(say(ASKED)), row, colour=ENDED)


def told(say: Language, sentence: str) -> Card:
    """Lay out one sentence."""
    return Card(discord.ui.TextDisplay(say(sentence)), colour=ENDED)


def part(say: Language, of: Part, *, at_most: int, is_last: bool) -> Card:
    """Lay out a part of an export; with *Next part* where it is the last of this press, and not of all."""
    rest = say(ALL) if of.next is None else say(PRESS if is_last else LEFT, size=mebibytes(of.left_bytes))
    words = [say(PART, number=of.number), rest]
    if of.number == 1 and of.next is not None:
        words.insert(0, say(FIRST, parts=at_most))
    items: list[discord.ui.Item[Any]] = [
        discord.ui.TextDisplay("\n".join(words)),
        discord.ui.File(f"attachment://{of.file.name}"),
    ]
    if is_last and of.next is not None:
        items.append(_more(say, of.next))
    return Card(*items, colour=DREAMING)


def _more(say: Language, after: Cursor) -> discord.ui.ActionRow[Card]:
    return discord.ui.ActionRow(button(MORE, say("Next part"), discord.ButtonStyle.primary, about=after))
