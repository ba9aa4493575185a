"""Presets: everything that commands and buttons may ask of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.errors import UserError
from bot.images.store import ImageStore
from bot.job import Job
from bot.preset import BUILT_IN_TAG, Owner, Preset, Viewer
from bot.presets import codes, names, networks, sharing
from bot.presets.built_in import built_in, thumbnail
from bot.presets.ranking import ranked
from bot.store.presets import Default, Draft, NameTakenError, PresetStore, TooManyError
from engine.recipe import Recipe
from engine.sentences import mark

MOST = 100  # of a person, and of a server
OFFERED = 3

NOT_FOUND = mark("There is no preset called “{name}” here. /preset list shows those that you can use.")
NEARLY = mark("There is no preset called “{name}” here. Did you mean {near}?")
GONE = mark("This preset is no longer there. /preset list shows those that you can use.")
YOURS_TAKEN = mark("You have a preset called “{name}” already: choose another name, or delete that one first.")
SERVERS_TAKEN = mark("This server has a preset called “{name}” already: choose another name, or delete that one first.")
YOURS_FULL = mark("You have {most} presets, and there is room for no more: delete one first with /preset delete.")
SERVERS_FULL = mark("This server has {most} presets, and there is room for no more: delete one first.")
MODERATORS_ONLY = mark("Only somebody who may manage this server can change its presets.")
NO_SERVER = mark("Here is no server: save the preset for yourself, or do this in a server's channel.")
BUILT_IN_STAYS = mark("“{name}” is a built-in preset, which stays as it is. Save a dream of it under a name of yours.")
NO_DREAM = mark("You have no dream in this channel whose recipe I could save: dream one first with /dream.")
NO_SUCH_CODE = mark("Nobody shares a preset by this code any more: ask for it, or for its file, again.")
EVERYBODY_HAS_IT = mark("“{name}” is built in: everybody has it already.")
DEFAULT_NOT_YOURS = mark(
    "“{name}” belongs to this server, and your default goes with you everywhere: choose one of your own or a built-in."
)


_ID = re.compile("[0-9]{1,18}")


class Fetches(Protocol):
    """Hands over the bytes of a file that somebody sent. Raises UserError."""

    async def fetch(self, url: str) -> bytes: ...


class Presets:
    """The presets of everybody; each method is told who asks."""

    def __init__(self, store: PresetStore, images: ImageStore, files: Fetches, on_saved: Callable[[], None]) -> None:
        """Build the rules on ``store``; ``files`` fetches what is imported, ``on_saved`` hears of each new recipe."""
        self._store = store
        self._images = images
        self._files = files
        self._on_saved = on_saved

    async def all(self, viewer: Viewer) -> list[Preset]:
        """Return what a viewer may use: their own, their server's, the built-in ones."""
        return [*await self._store.visible(viewer), *built_in().values()]

    async def named(self, viewer: Viewer, text: str) -> Preset:
        """Return the preset that ``text`` names: a reference, or a name, of which one's own goes first.

        Raises UserError with the nearest names.
        """
        presets = await self.all(viewer)
        wanted = names.key(text)
        found = [
            one
            for one in presets
            if wanted == one.key or (wanted.endswith(one.key) and wanted == names.key(one.reference))
        ]
        if found:
            return found[0]
        near = tuple(dict.fromkeys(names.shown(one.name) for one in ranked(text, presets)))[:OFFERED]
        shown = names.shown(text[: names.LONGEST])
        raise UserError(NEARLY, name=shown, near=near) if near and wanted else UserError(NOT_FOUND, name=shown)

    async def search(self, viewer: Viewer, text: str, limit: int = 25) -> list[Preset]:
        """Return the presets that ``text``, typed so far, may become, the likest first."""
        return ranked(text, await self.all(viewer))[:limit]

    async def tagged(self, viewer: Viewer, tag: str) -> Preset:
        """Return the preset that a button names by ``Preset.tag``. Raises UserError where the viewer sees none."""
        if tag.startswith(BUILT_IN_TAG):
            found = built_in().get(names.key(tag.removeprefix(BUILT_IN_TAG)))
        else:
            found = await self._store.get(viewer, int(tag)) if _ID.fullmatch(tag) else None
        if found is None:
            raise UserError(GONE)
        return found

    async def newest_dream(self, viewer: Viewer, channel_id: int) -> Job:
        """Return the viewer's newest dream in a channel. Raises UserError where there is none."""
        found = await self._store.newest_dream(viewer, channel_id)
        if found is None:
            raise UserError(NO_DREAM)
        return found

    async def save_dream(self, viewer: Viewer, name: str, job: Job, *, server: bool = False) -> Preset:
        """Keep the recipe of a dream, with its guide and mask. Raises UserError."""
        return await self.save(
            viewer,
            name,
            Recipe.from_json(job.recipe),
            server=server,
            guide_hash=job.guide_hash,
            mask_hash=job.mask_hash,
            restricted=job.restricted,
        )

    async def default_of(self, viewer: Viewer) -> Preset | None:
        """Return the viewer's default; None where they have chosen none, or it is gone."""
        chosen = await self._store.default_of(viewer.person_id)
        if chosen is None:
            return None
        if chosen.preset_id is not None:
            return await self._store.get(viewer, chosen.preset_id)
        return built_in().get(chosen.built_in or "")

    async def set_default(self, viewer: Viewer, preset: Preset | None) -> None:
        """Make a preset the viewer's default, or none. Raises UserError for a server's, which stays there."""
        if preset is not None and preset.owner is Owner.SERVER:
            raise UserError(DEFAULT_NOT_YOURS, name=names.shown(preset.name))
        default = None
        if preset is not None:
            default = Default(built_in=preset.key) if preset.id is None else Default(preset.id)
        await self._store.set_default(viewer.person_id, default)

    async def save(
        self,
        viewer: Viewer,
        name: str,
        recipe: Recipe,
        *,
        server: bool = False,
        guide_hash: str | None = None,
        mask_hash: str | None = None,
        restricted: bool = False,
    ) -> Preset:
        """Keep a recipe under a name, as the viewer's own or as their server's. Raises UserError."""
        if server:
            _check_curates(viewer)
        name = names.checked(name)
        draft = Draft(
            name=name,
            key=names.key(name),
            text=recipe.to_json(),
            guide_hash=guide_hash,
            mask_hash=mask_hash,
            restricted=restricted and (guide_hash or mask_hash) is not None,
        )
        try:
            saved = await self._store.add(viewer, draft, server=server, at_most=MOST)
        except NameTakenError:
            raise UserError(SERVERS_TAKEN if server else YOURS_TAKEN, name=names.shown(name)) from None
        except TooManyError:
            raise UserError(SERVERS_FULL if server else YOURS_FULL, most=MOST) from None
        self._on_saved()
        return saved

    async def rename(self, viewer: Viewer, preset: Preset, name: str) -> Preset:
        """Give a preset another name. Raises UserError."""
        name = names.checked(name)
        try:
            renamed = await self._store.rename(viewer, _changeable(viewer, preset), name, names.key(name))
        except NameTakenError:
            taken = SERVERS_TAKEN if preset.owner is Owner.SERVER else YOURS_TAKEN
            raise UserError(taken, name=names.shown(name)) from None
        if not renamed:
            raise UserError(GONE)
        return replace(preset, name=name, key=names.key(name))

    def check_may_change(self, viewer: Viewer, preset: Preset) -> None:
        """Raise UserError where the viewer may not change a preset."""
        _changeable(viewer, preset)

    async def delete(self, viewer: Viewer, preset: Preset) -> None:
        """Delete a preset. Raises UserError."""
        if not await self._store.remove(viewer, _changeable(viewer, preset)):
            raise UserError(GONE)

    async def mend(self, viewer: Viewer, preset: Preset) -> Preset:
        """Give a preset whose network is gone the nearest one that can dream it. Raises UserError."""
        preset_id = _changeable(viewer, preset)
        instead = networks.nearest(preset) if networks.gone_from(preset) else None
        if instead is None:
            networks.usable(preset)
            return preset
        if not await self._store.replace_recipe(viewer, preset_id, instead.to_json()):
            raise UserError(GONE)
        self._on_saved()
        return replace(preset, text=instead.to_json(), thumbnail_hash=None)

    async def share(self, viewer: Viewer, preset: Preset) -> str:
        """Return the code that imports a preset on any server of this bot. Raises UserError."""
        if preset.id is None:
            raise UserError(EVERYBODY_HAS_IT, name=names.shown(preset.name))
        code = await self._store.share(viewer, preset.id, codes.drawn())
        if code is None:
            raise UserError(GONE)
        return codes.shown(code)

    async def import_code(self, viewer: Viewer, typed: str, name: str | None = None, *, server: bool = False) -> Preset:
        """Keep a copy of the preset that was shared by a code, under its name or another. Raises UserError."""
        found = await self._store.by_code(codes.read(typed))
        if found is None:
            raise UserError(NO_SUCH_CODE)
        return await self.save(
            viewer,
            name or found.name,
            networks.usable(found),
            server=server,
            guide_hash=found.guide_hash,
            mask_hash=found.mask_hash,
            restricted=found.restricted,
        )

    async def import_file(self, viewer: Viewer, url: str, name: str | None = None, *, server: bool = False) -> Preset:
        """Keep the preset of a file that was sent, under its name or another. Raises UserError and RecipeError."""
        shared = sharing.read(await self._files.fetch(url))
        return await self.save(viewer, name or shared.name, shared.recipe, server=server)

    async def thumbnails(self, presets: Sequence[Preset]) -> dict[Preset, bytes]:
        """Return the thumbnails, as WebP or another small file, of those that have one."""
        found = {}
        for one in presets:
            if one.owner is Owner.BUILT_IN:
                found[one] = thumbnail(one)
            elif one.thumbnail_hash is not None:
                found[one] = await self._images.get(one.thumbnail_hash)
        return found


def may_change(viewer: Viewer, preset: Preset) -> bool:
    """Tell whether a viewer may change a preset that they see."""
    return preset.owner is Owner.PERSON or (preset.owner is Owner.SERVER and viewer.moderates)


def _changeable(viewer: Viewer, preset: Preset) -> int:
    """Return a preset's id. Raises UserError where the viewer may not change it."""
    if preset.id is None:
        raise UserError(BUILT_IN_STAYS, name=names.shown(preset.name))
    if preset.owner is Owner.SERVER:
        _check_curates(viewer)
    return preset.id


def _check_curates(viewer: Viewer) -> None:
    if viewer.guild_id is None:
        raise UserError(NO_SERVER)
    if not viewer.moderates:
        raise UserError(MODERATORS_ONLY)
