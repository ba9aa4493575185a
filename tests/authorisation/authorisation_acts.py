"""What is typed, pressed and sent, and what must be there before: the makings of the rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import discord
from authorisation_cast import AFTER_DARK, DREAMER, HERE, Cast
from galleries import write_down
from standins import PNG

from bot.drafts import Ask, Draft, Kept, KeptWish
from bot.entry import Entry, EntryState, Nominee, Visitor, Wish
from bot.guild import Bounds, WebMode
from bot.job import Job, Shown, State
from bot.language import ENGLISH, language_of
from bot.preset import Preset, Viewer
from bot.presets.built_in import built_in
from bot.store.gallery.entries import Draft as Said
from bot.views.atlas.forms import NumberForm
from bot.views.dream_form import EditForm, NewForm
from bot.views.forms import Form
from bot.views.gallery.forms import AddForm, ReportForm, WebForm
from bot.views.presets.forms import RenameForm, SaveForm
from bot.views.reports import forms as reports
from bot.views.reports.layouts import custom_id
from bot.views.settings.forms import BoundsForm
from engine.recipe import Recipe

SAY = language_of(ENGLISH)
PICTURE = {"picture": ("cup.png", PNG)}
LIVE = {"state": State.QUEUED, "result_hash": None, "shown": None, "finished_at": None, "told_at": None}
KEPT = {"shown": Shown.KEPT}
BUILT_IN = next(iter(built_in().values())).tag


@dataclass(frozen=True)
class Scene:
    """Whose things are acted on, and in which channel they are."""

    cast: Cast
    owner: str
    channel: str

    def viewer(self, *, moderates: bool = False, guild_id: int | None = None) -> Viewer:
        guild = guild_id or self.cast.guild_id(self.channel)
        return Viewer(self.cast.ids[self.owner], guild, moderates=moderates)

    async def preset(self, *, server: bool = False, gone: bool = False) -> Preset:
        """Let the owner have a preset, or the server of the channel, or else the one of this story."""
        guild = self.cast.guild_id(self.channel) or (self.cast.ids["The Lighthouse"] if server else None)
        viewer = self.viewer(moderates=server, guild_id=guild)
        presets = self.cast.client.presets
        saved = await presets.save(viewer, f"Waves {self.cast.number()}", Recipe(), server=server)
        if gone:
            text = saved.text.replace('"lite2"', '"lite9"')
            assert saved.id is not None
            assert await presets._store.replace_recipe(viewer, saved.id, text)
        return saved

    async def dreamed(self) -> Job:
        """Let the database have a dream of the owner's in the channel."""
        job = self.cast.job(self.channel, person=self.owner)
        await write_down(self.cast.database, job)
        return job

    async def pictured(self) -> str:
        """Keep a picture that no other is like; returns its hash."""
        data = PNG + str(self.cast.number()).encode()
        return await self.cast.client.gallery._images.put(data, "image/png", 12, 9)

    async def entry(self, **said: Any) -> Entry:
        """Let the owner have an entry in the gallery of the channel's server, or else the one of this story.

        ``person``: whose it is instead, where the owner is to vote.
        """
        guild = self.cast.guild_id(self.channel) or self.cast.ids["The Lighthouse"]
        person = said.pop("person", self.owner)
        job = self.cast.job(
            self.channel,
            person=person,
            source_hash=await self.pictured(),
            result_hash=await self.pictured(),
            restricted=self.channel == AFTER_DARK,
        )
        await write_down(self.cast.database, job)
        visitor, of = Visitor(guild, job.person_id), Nominee(job, 12, 9)
        gallery = self.cast.client.gallery
        return await gallery._entries.add(visitor, of, Said(f"Waves {job.id}", **said), EntryState.SHOWN, 1000)

    async def report(self) -> int:
        """Let somebody have reported a dream; returns the report's number."""
        store, number = self.cast.client.reports, self.cast.number()
        await store.add(9_000_000 + number, guild_id=None, channel_id=3, message_id=number, reason="odd")
        return (await store.undecided())[-1].id

    async def settle_gallery(self, **values: Any) -> None:
        """Settle what holds in the gallery of this story's server, beside what is settled already."""
        now = self.cast.client.guild_settings.of(self.cast.ids["The Lighthouse"]).gallery
        await self.cast.settle(gallery={**now.model_dump(), **values})

    @property
    def version(self) -> int:
        guild = self.cast.guild_id(self.channel)
        return 0 if guild is None else self.cast.client.guild_settings.versioned(guild).version


@dataclass(frozen=True)
class Act:
    """A component or a form that is put in front of somebody, and what is done with it. ``job``: of its message."""

    custom_id: str
    job: Job | None = None
    values: list[str] | None = None
    item: Callable[..., discord.ui.Item[Any]] = discord.ui.Button
    form: Form | None = None
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    def component(self) -> discord.ui.Item[Any]:
        """Return the component, as the bot could show it."""
        if self.item is discord.ui.Button:
            return discord.ui.Button(label="Press", custom_id=self.custom_id)
        if self.item is discord.ui.Select:
            options = [discord.SelectOption(label=one, value=one) for one in self.values or ()]
            return discord.ui.Select(custom_id=self.custom_id, options=options)
        return self.item(custom_id=self.custom_id, min_values=0)


Show = Callable[[Scene], Awaitable[Act]]


@dataclass(frozen=True)
class Component:
    """A row that is pressed, chosen in or sent. ``private``: the bot shows it to one person only."""

    show: Show
    private: bool = False


@dataclass(frozen=True)
class Typed:
    """A row that is typed, or chosen in the menu of a message."""

    command: str
    options: Callable[[Scene], Awaitable[dict[str, Any]]]
    files: tuple[str, ...] = ()
    menu: bool = False


def about_job(act: str, **changes: Any) -> Show:
    async def show(scene: Scene) -> Act:
        job = scene.cast.job(scene.channel, person=scene.owner, **changes)
        return Act(f"oneiros:{act}:{job.id}", job)

    return show


def about_preset(act: str, *, server: bool = False, gone: bool = False) -> Show:
    async def show(scene: Scene) -> Act:
        return Act(f"oneiros:preset:{(await scene.preset(server=server, gone=gone)).tag}:{act}")

    return show


def just(custom_id: str, *values: str) -> Show:
    async def show(_: Scene) -> Act:
        return Act(custom_id, values=list(values) or None, item=discord.ui.Select if values else discord.ui.Button)

    return show


def of_settings(
    act: str, item: Callable[..., discord.ui.Item[Any]] = discord.ui.Button, *values: str, **before: Any
) -> Show:
    """``before``: what a manager of this story's server has settled, where it is that one."""

    async def show(scene: Scene) -> Act:
        if before and scene.channel == HERE:
            await scene.cast.settle(**before)
        chosen = None if item is discord.ui.Button else list(values)
        return Act(f"oneiros:settings:{act}:{scene.version}", values=chosen, item=item)

    return show


def about_entry(act: str, **said: Any) -> Show:
    async def show(scene: Scene) -> Act:
        return Act(f"oneiros:gallery:{act}:{(await scene.entry(**said)).id}")

    return show


async def of_web(scene: Scene) -> Act:
    await scene.settle_gallery(web=WebMode.PUBLIC)
    return Act(f"oneiros:gallery:web:{(await scene.entry()).id}")


async def link(scene: Scene) -> Act:
    await scene.settle_gallery(web=WebMode.PUBLIC)
    return Act(f"oneiros:gallery:link:{(await scene.entry(on_web=True)).id}")


def dream_to_keep(act: str, *, person: str | None = None, **settled: Any) -> Show:
    """``person``: whose dream it is, if not the owner's."""

    async def show(scene: Scene) -> Act:
        if settled:
            await scene.settle_gallery(**settled)
        hashes = {"source_hash": await scene.pictured(), "result_hash": await scene.pictured()}
        job = scene.cast.job(scene.channel, person=person or scene.owner, **hashes)
        await write_down(scene.cast.database, job)
        return Act(f"oneiros:{act}:{job.id}", job)

    return show


async def pick_entry(scene: Scene) -> Act:
    entry = await scene.entry()
    return Act("oneiros:gallery:pick:0:ne000", values=[str(entry.id)], item=discord.ui.Select)


async def choose_own(scene: Scene) -> Act:
    entry = await scene.entry()
    return Act("oneiros:gallery:own", values=[str(entry.id)], item=discord.ui.Select)


async def add_form(scene: Scene) -> Act:
    shown = await dream_to_keep("add")(scene)
    assert shown.job is not None
    return Act("walk:form", shown.job, form=AddForm(SAY, shown.job.id))


async def add_again(scene: Scene) -> Act:
    shown = await dream_to_keep("add")(scene)
    assert shown.job is not None
    kept = KeptWish(scene.cast.ids[scene.owner], shown.job.id, Wish("Waves"))
    return Act(f"oneiros:gallery:add-again:{scene.cast.client.wishes.keep(kept)}")


async def web_form(scene: Scene) -> Act:
    entry = await scene.entry(on_web=True)
    return Act("walk:form", form=WebForm(SAY, entry.id))


async def report_form(scene: Scene) -> Act:
    form = ReportForm(SAY, (await scene.entry()).id)
    form.reason.default = "upside down"
    return Act("walk:form", form=form)


async def report_dream_form(scene: Scene) -> Act:
    form = reports.ReportForm(SAY, scene.cast.number(), scene.cast.number())
    form.reason.default = "upside down"
    return Act("walk:form", form=form)


def of_report(act: str) -> Show:
    async def show(scene: Scene) -> Act:
        return Act(custom_id(act, await scene.report()))

    return show


async def take_down_form(scene: Scene) -> Act:
    form = reports.TakeDownForm(SAY, await scene.report())
    form.reason.default = "no"
    return Act("walk:form", form=form)


async def block_form(scene: Scene) -> Act:
    form = reports.BlockForm(SAY, await scene.report())
    form.reason.default = "no"
    return Act("walk:form", form=form)


async def pick(scene: Scene) -> Act:
    first = scene.cast.job(scene.channel, person=scene.owner, jobs_in_message=2)
    second = scene.cast.job(
        scene.channel, person=scene.owner, jobs_in_message=2, place=1, interaction_id=first.interaction_id
    )
    return Act(f"oneiros:pick:{first.id}", first, [str(second.id)], discord.ui.Select)


async def moderate(scene: Scene) -> Act:
    job = scene.cast.job(scene.channel, person=scene.owner, **LIVE)
    return Act("oneiros:moderate:all", values=[str(job.id)], item=discord.ui.Select)


async def reopen(scene: Scene) -> Act:
    kept = Kept(scene.cast.ids[scene.owner], Draft(Ask(Recipe(), source_url=None)), {"of": "dogs", "look": "classic"})
    return Act(f"oneiros:reopen:{scene.cast.client.drafts.keep(kept)}")


def moving(act: str) -> Show:
    async def show(scene: Scene) -> Act:
        draft = Draft(Ask(Recipe(), source_url="https://cdn.discordapp.com/dance.gif", moving=True))
        key = scene.cast.client.drafts.keep(Kept(scene.cast.ids[scene.owner], draft, {}))
        return Act(f"oneiros:{act}:{key}")

    return show


async def really_forget(scene: Scene) -> Act:
    await scene.preset()
    return Act(f"oneiros:privacy:really:{scene.cast.ids[scene.owner]}")


async def new_form(_: Scene) -> Act:
    form = NewForm(SAY, "new", {"of": "dogs", "look": "classic"})
    return Act("walk:form", form=form, files=PICTURE)


async def number_form(_: Scene) -> Act:
    form = NumberForm(SAY, "lite2", "blocks.4", 119)
    form.typed.default = "17"
    return Act("walk:form", form=form)


async def edit_form(scene: Scene) -> Act:
    job = scene.cast.job(scene.channel, person=scene.owner)
    shown = {"of": "dogs", "look": "classic", "likeness": "0.5", "measures": "5 × 128", "seed": "1"}
    return Act("walk:form", job, form=EditForm(SAY, f"job-{job.id}", shown, 1024))


def save_form(whose: str) -> Show:
    async def show(scene: Scene) -> Act:
        job = scene.cast.job(scene.channel, person=scene.owner)
        form = SaveForm(SAY, job.id, f"Kept {scene.cast.number()}")
        for option in form.whose.options:
            option.default = option.value == whose
        return Act("walk:form", job, form=form)

    return show


def rename_form(*, server: bool) -> Show:
    async def show(scene: Scene) -> Act:
        preset = await scene.preset(server=server)
        return Act("walk:form", form=RenameForm(SAY, preset.tag, f"Named {scene.cast.number()}"))

    return show


async def bounds_form(scene: Scene) -> Act:
    most = {"waiting": 5, "running": 5, "gflop_a_day": 5000}
    return Act("walk:form", form=BoundsForm("person", scene.version, SAY, Bounds(waiting=3), most))


def with_options(**options: Any) -> Callable[[Scene], Awaitable[dict[str, Any]]]:
    async def make(_: Scene) -> dict[str, Any]:
        return options

    return make


def naming(*, server: bool = False, **options: Any) -> Callable[[Scene], Awaitable[dict[str, Any]]]:
    async def make(scene: Scene) -> dict[str, Any]:
        return {"name": (await scene.preset(server=server)).name, **options}

    return make


def saving(**options: Any) -> Callable[[Scene], Awaitable[dict[str, Any]]]:
    async def make(scene: Scene) -> dict[str, Any]:
        await scene.dreamed()
        return {"name": f"New {scene.cast.number()}", **options}

    return make


def importing(**options: Any) -> Callable[[Scene], Awaitable[dict[str, Any]]]:
    async def make(scene: Scene) -> dict[str, Any]:
        giver = Scene(scene.cast, DREAMER, HERE)
        code = await scene.cast.client.presets.share(giver.viewer(), await giver.preset())
        return {"code": code, "name": f"New {scene.cast.number()}", **options}

    return make


async def one_waits(scene: Scene) -> dict[str, Any]:
    scene.cast.job(scene.channel, person=scene.owner, **LIVE)
    return {}
