"""A cell of the table is walked: somebody acts somewhere, and what they are told is what the cell says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from authorisation_acts import Act, Component, Scene, Typed
from authorisation_cast import AFTER_DARK, DREAMER, GROUP, HERE, LIBRARY, THERE, THREAD, Cast, Json
from authorisation_rows import PRESSED, TYPED
from standins import PNG

DONE, NOT_OFFERED = "✓", "–"
REVOKED = "right revoked"


@dataclass(frozen=True)
class Outcome:
    """What became of an act: ``✓``, ``–`` where Discord does not offer it there, or the sentence that refused it."""

    said: str
    changed: bool  # anything that is kept


@dataclass(frozen=True)
class Column:
    """Who acts, where; and whose things they act on, and where those are."""

    actor: str
    channel: str = HERE
    home: str | None = None  # of what is acted on, where it is not in ``channel``


COLUMNS = {
    "dreamer": Column(DREAMER),
    "member": Column("bob"),
    "moderator": Column("mod"),
    "manager": Column("max"),
    REVOKED: Column("rex"),
    "other server": Column("ola", THERE, home=HERE),
    "direct message": Column(DREAMER, DREAMER),
    "brought along": Column(DREAMER, LIBRARY),
    "group": Column(DREAMER, GROUP),
    "thread": Column(DREAMER, THREAD),
    "age-restricted": Column(DREAMER, AFTER_DARK),
}


async def walk(cast: Cast, row: str, column: str) -> Outcome:
    """Let somebody act somewhere."""
    await cast.forget()
    if column == REVOKED:
        await cast.entrust("rex", granted=True)
    return await (_typed(cast, TYPED[row], column) if row in TYPED else _pressed(cast, PRESSED[row], column))


async def _revoked(cast: Cast, column: str) -> Any:
    """Take the rights of a moderator away, and dreaming here from everybody; return all that is kept by now."""
    if column == REVOKED:
        await cast.entrust("rex", granted=False)
        await cast.settle(channels=(cast.places["lounge"],))
    return await cast.kept()


async def _outcome(cast: Cast, acted: Json, actor: str, before: Any) -> Outcome:
    told = await cast.settled(acted, actor)
    return Outcome(told or DONE, await cast.kept() != before)


async def _typed(cast: Cast, row: Typed, column: str) -> Outcome:
    actor, channel = COLUMNS[column].actor, COLUMNS[column].channel
    scene = Scene(cast, actor, channel)
    options = await row.options(scene)
    message = await cast.remote.post(
        "messages", {"file": ("cup.png", PNG)}, person=actor, channel=channel, content="see"
    )
    before = await _revoked(cast, column)
    offered = {one["name"] for one in await cast.remote.commands(person=actor, channel=channel)}
    if row.command not in offered and row.command.partition(" ")[0] not in offered:
        return Outcome(NOT_OFFERED, changed=False)
    if row.menu:
        acted = await cast.remote.menu(row.command, person=actor, message=message["message"]["id"])
    else:
        files = dict.fromkeys(row.files, ("cup.png", PNG))
        acted = await cast.remote.run(row.command, person=actor, channel=channel, options=options, files=files)
    return await _outcome(cast, acted, actor, before)


async def shown(cast: Cast, row: Component, column: Column) -> tuple[Act, str]:
    """Put a row in front of who acts: where the bot shows it to one person only, to others as a forged copy."""
    home = column.home or column.channel
    act = await row.show(Scene(cast, DREAMER, home))
    owns = column.actor == DREAMER
    shower = DREAMER if column.home is None else column.actor
    message_id = await cast.carry(act.component(), column.channel, shower, in_private=row.private and owns)
    if act.job is not None and column.home is None and (owns or not row.private):
        for job in await cast.jobs.together(act.job):
            cast.jobs.known[job.id] = replace(job, message_id=int(message_id))
    return act, message_id


async def press(cast: Cast, act: Act, message_id: str, person: str) -> Json:
    """Press, choose, or open a form and send it."""
    if act.form is None:
        return await cast.remote.press(message_id, act.custom_id, person=person, values=act.values)
    cast.client.form = act.form
    opened = await cast.remote.press(message_id, act.custom_id, person=person)
    return await cast.remote.submit(opened["id"], person=person, files=dict(act.files))


async def _pressed(cast: Cast, row: Component, column: str) -> Outcome:
    actor = COLUMNS[column].actor
    act, message_id = await shown(cast, row, COLUMNS[column])
    before = await _revoked(cast, column)
    return await _outcome(cast, await press(cast, act, message_id, actor), actor, before)
