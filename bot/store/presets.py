"""Presets and people's defaults. Every question says who asks: nobody finds a preset by its id alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, false, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Job, State
from bot.preset import Owner, Preset, Viewer
from bot.store.changes import job_of
from bot.store.database import Database, whole
from bot.store.moments import moment
from bot.store.tables import BlobRow, JobRow, PersonRow, PresetRow


class NameTakenError(Exception):
    """The owner has a preset of that name."""


class TooManyError(Exception):
    """The owner has as many presets as there may be."""


@dataclass(frozen=True)
class Draft:
    """A preset that is not written down yet. ``key`` is what its name is compared by."""

    name: str
    key: str
    text: str  # the recipe's JSON
    guide_hash: str | None = None
    mask_hash: str | None = None
    restricted: bool = False


@dataclass(frozen=True)
class Default:
    """A person's default: one of their own by its id, or a built-in one by its name."""

    preset_id: int | None = None
    built_in: str | None = None


class PresetStore:
    """The presets of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @whole
    async def visible(self, viewer: Viewer) -> list[Preset]:
        """Return the viewer's own presets, then their server's, each by name."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(*_SEEN)
                .where(seen_by(viewer))
                .order_by(PresetRow.guild_id.is_not(None), PresetRow.name_key, PresetRow.id)
            )
            return [_preset_of(row) for row in rows]

    @whole
    async def get(self, viewer: Viewer, preset_id: int) -> Preset | None:
        """Return a preset that the viewer sees."""
        async with self._database.read() as session:
            row = (await session.execute(select(*_SEEN).where(PresetRow.id == preset_id, seen_by(viewer)))).first()
            return None if row is None else _preset_of(row)

    @whole
    async def by_code(self, code: str) -> Preset | None:
        """Return the preset that was shared by this code: who knows it may see it, wherever they are."""
        async with self._database.read() as session:
            row = (await session.execute(select(*_SEEN).where(PresetRow.share_code == code))).first()
            return None if row is None else _preset_of(row)

    @whole
    async def add(self, viewer: Viewer, draft: Draft, *, server: bool, at_most: int) -> Preset:
        """Write down a preset of the viewer, or of the server that they moderate.

        Raises NameTakenError, TooManyError, and UserError where its guide or mask is no longer kept.
        """
        whose = _whose(viewer, server=server)
        async with self._database.write(in_turn=True) as session:
            if await session.scalar(select(PresetRow.id).where(_mine(whose), PresetRow.name_key == draft.key)):
                raise NameTakenError
            count = await session.scalar(select(func.count()).select_from(PresetRow).where(_mine(whose)))
            if (count or 0) >= at_most:
                raise TooManyError
            await _hold(session, draft)
            rows = await session.execute(
                insert(PresetRow)
                .values(
                    **whose,
                    name=draft.name,
                    name_key=draft.key,
                    recipe=draft.text,
                    guide_hash=draft.guide_hash,
                    mask_hash=draft.mask_hash,
                    restricted=draft.restricted,
                    created_by=viewer.person_id,
                    created_at=moment(),
                )
                .returning(*_SEEN)
            )
            return _preset_of(rows.one())

    @whole
    async def rename(self, viewer: Viewer, preset_id: int, name: str, key: str) -> bool:
        """Give a preset another name; False where the viewer may not. Raises NameTakenError."""
        async with self._database.write(in_turn=True) as session:
            row = await session.scalar(select(PresetRow).where(PresetRow.id == preset_id, _changed_by(viewer)))
            if row is None:
                return False
            whose = {"person_id": row.person_id, "guild_id": row.guild_id}
            taken = and_(_mine(whose), PresetRow.name_key == key, PresetRow.id != preset_id)
            if await session.scalar(select(PresetRow.id).where(taken)):
                raise NameTakenError
            row.name, row.name_key = name, key
            return True

    @whole
    async def replace_recipe(self, viewer: Viewer, preset_id: int, text: str) -> bool:
        """Give a preset another recipe, whose thumbnail is yet to be made; False where the viewer may not."""
        async with self._database.write() as session:
            changed = await session.scalar(
                update(PresetRow)
                .where(PresetRow.id == preset_id, _changed_by(viewer))
                .values(recipe=text, thumbnail_hash=None)
                .returning(PresetRow.id)
            )
            return changed is not None

    @whole
    async def remove(self, viewer: Viewer, preset_id: int) -> bool:
        """Delete a preset; False where the viewer may not. Whose default it was has none from now on."""
        async with self._database.write() as session:
            gone = await session.scalar(
                delete(PresetRow).where(PresetRow.id == preset_id, _changed_by(viewer)).returning(PresetRow.id)
            )
            return gone is not None

    @whole
    async def share(self, viewer: Viewer, preset_id: int, code: str) -> str | None:
        """Return the code that shares a preset, ``code`` if it had none; None where the viewer does not see it."""
        async with self._database.write() as session:
            return await session.scalar(
                update(PresetRow)
                .where(PresetRow.id == preset_id, seen_by(viewer))
                .values(share_code=func.coalesce(PresetRow.share_code, code))
                .returning(PresetRow.share_code)
            )

    @whole
    async def default_of(self, person_id: int) -> Default | None:
        """Return what a person has chosen as their default."""
        async with self._database.read() as session:
            row = await session.get(PersonRow, person_id)
            if row is None or (row.default_preset_id is None and row.default_built_in is None):
                return None
            return Default(row.default_preset_id, row.default_built_in)

    @whole
    async def set_default(self, person_id: int, default: Default | None) -> None:
        """Write down a person's default, or that they have none. A preset named by its id is theirs."""
        chosen = default or Default()
        values = {"default_preset_id": chosen.preset_id, "default_built_in": chosen.built_in}
        async with self._database.write() as session:
            await session.execute(
                self._database.insert(PersonRow)
                .values(person_id=person_id, **values)
                .on_conflict_do_update(index_elements=[PersonRow.person_id], set_=values)
            )

    @whole
    async def newest_dream(self, viewer: Viewer, channel_id: int) -> Job | None:
        """Return the viewer's newest dream in a channel that came to a picture."""
        theirs = and_(JobRow.person_id == viewer.person_id, JobRow.channel_id == channel_id)
        async with self._database.read() as session:
            row = await session.scalar(
                select(JobRow).where(theirs, JobRow.state == State.DREAMED).order_by(JobRow.created_at.desc()).limit(1)
            )
            return None if row is None else job_of(row)

    @whole
    async def without_thumbnail(self, passed_over: frozenset[int]) -> Preset | None:
        """Return the oldest preset that has no thumbnail yet, of anybody: for upkeep, not for a viewer."""
        async with self._database.read() as session:
            rows = await session.execute(
                select(*_SEEN)
                .where(PresetRow.thumbnail_hash.is_(None), PresetRow.id.not_in(passed_over))
                .order_by(PresetRow.id)
                .limit(1)
            )
            row = rows.first()
            return None if row is None else _preset_of(row)

    @whole
    async def set_thumbnail(self, preset: Preset, hash_: str) -> None:
        """Note the thumbnail that was made of a preset, unless its recipe has changed meanwhile."""
        async with self._database.write() as session:
            await session.execute(
                update(PresetRow)
                .where(PresetRow.id == preset.id, PresetRow.recipe == preset.text)
                .values(thumbnail_hash=hash_)
            )


def seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Match the presets that a viewer sees: their own, and those of the server that they are in."""
    theirs = PresetRow.person_id == viewer.person_id
    return theirs if viewer.guild_id is None else or_(theirs, PresetRow.guild_id == viewer.guild_id)


def _changed_by(viewer: Viewer) -> ColumnElement[bool]:
    curated = PresetRow.guild_id == viewer.guild_id if viewer.moderates and viewer.guild_id is not None else false()
    return or_(PresetRow.person_id == viewer.person_id, curated)


def _whose(viewer: Viewer, *, server: bool) -> dict[str, int | None]:
    if not server:
        return {"person_id": viewer.person_id, "guild_id": None}
    if viewer.guild_id is None or not viewer.moderates:
        raise ValueError("only who moderates a server adds to its presets")
    return {"person_id": None, "guild_id": viewer.guild_id}


def _mine(whose: dict[str, int | None]) -> ColumnElement[bool]:
    if whose["person_id"] is not None:
        return PresetRow.person_id == whose["person_id"]
    return PresetRow.guild_id == whose["guild_id"]


async def _hold(session: AsyncSession, draft: Draft) -> None:
    """Touch the pictures that a preset is to keep: from now on no sweep takes them. Raises UserError."""
    wanted = {draft.guide_hash, draft.mask_hash} - {None}
    if not wanted:
        return
    held = await session.scalars(
        update(BlobRow).where(BlobRow.hash.in_(wanted)).values(touched_at=moment()).returning(BlobRow.hash)
    )
    if set(held) != wanted:
        raise UserError(KEPT_NO_MORE)


_SEEN: tuple[Any, ...] = (
    PresetRow.id,
    PresetRow.name,
    PresetRow.name_key,
    PresetRow.person_id,
    PresetRow.recipe,
    PresetRow.guide_hash,
    PresetRow.mask_hash,
    PresetRow.thumbnail_hash,
    PresetRow.restricted,
    PresetRow.created_by,
    PresetRow.created_at,
)


def _preset_of(row: Row[Any]) -> Preset:
    return Preset(
        id=row.id,
        name=row.name,
        key=row.name_key,
        owner=Owner.PERSON if row.person_id is not None else Owner.SERVER,
        text=row.recipe,
        guide_hash=row.guide_hash,
        mask_hash=row.mask_hash,
        thumbnail_hash=row.thumbnail_hash,
        restricted=row.restricted,
        created_by=row.created_by,
        created_at=row.created_at,
    )
