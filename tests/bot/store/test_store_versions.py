"""What every version left behind is there after an upgrade, and means what it meant; a step back keeps what it can."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import kept_versions
import pytest
from alembic import command
from databases import Server, sqlite_url
from kept_versions import OLDER, ON_POSTGRES, VERSIONS, Places, assert_kept, rows_in
from store_samples import a_request

from bot.entry import Listing, Order, Visitor
from bot.film import FilmAsk
from bot.job import Job, State
from bot.preset import Viewer
from bot.regime import Block
from bot.store.admin.acts import By
from bot.store.admin.regimes import Regimes
from bot.store.database import Database
from bot.store.gallery.listings import Listings
from bot.store.guilds import GuildStore
from bot.store.jobs import JobStore
from bot.store.opening import opened
from bot.store.presets import Default, PresetStore
from bot.store.privacy import PrivacyStore
from bot.store.quotas import Caps, FullError, Limits
from bot.store.upgrade import REVISIONS, revisions
from engine.recipe import Recipe

WITH_PRESETS = tuple(version for version in VERSIONS if version >= "0.4.0")
WITH_GALLERIES = tuple(version for version in VERSIONS if version >= "0.5.0")


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def places(version: str) -> Places:
    return kept_versions.places_of(version)


@pytest.fixture
def left(version: str, tmp_path: Path) -> str:
    """The address of a SQLite database as a version left it a moment ago."""
    file = kept_versions.unpacked(version, tmp_path / "data")
    kept_versions.renewed(file)
    return sqlite_url(file)


@pytest.fixture(
    params=[*((one, "sqlite") for one in OLDER), *((one, "postgresql") for one in OLDER if one in ON_POSTGRES)]
)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database as a version left it, on each kind that it worked with."""
    version, backend = request.param
    file = kept_versions.unpacked(version, tmp_path / "data")
    if backend == "sqlite":
        yield sqlite_url(file)
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as url:
        kept_versions.replayed(file, url)
        yield url


def test_the_changelog_names_each_version_with_its_schema(tmp_path: Path) -> None:
    changes = (REVISIONS.parent / "CHANGELOG.md").read_text()
    named = re.findall(r"^## ([0-9.]+) – .*\n\n.* schema ([0-9]{4})\.$", changes, re.MULTILINE)
    left = [(one, kept_versions.unpacked(one, tmp_path / one)) for one in reversed(VERSIONS)]
    assert named == [(one, kept_versions.revision_of(sqlite_url(file))) for one, file in left]


async def test_every_row_is_there_after_an_upgrade_and_in_the_copy_before(url: str) -> None:
    before, was = rows_in(url), kept_versions.revision_of(url)
    async with opened(url):
        pass
    assert_kept(before, rows_in(url))
    if url.startswith("sqlite"):
        file = Path(url.partition("///")[2])
        (copy,) = file.parent.glob("*.before-leaving-*")
        assert copy.name.endswith(f"-{was}")
        assert rows_in(sqlite_url(copy)) == before


async def test_its_dreams_mean_what_they_meant(left: str, version: str, places: Places) -> None:
    async with opened(left) as database:
        jobs = await jobs_in(database)
        recipes = [Recipe.from_json(job.recipe) for job in jobs]
        assert [Recipe.from_json(recipe.to_json()) for recipe in recipes] == recipes
        first = recipes[0]
        assert first.of == ("layer blocks.4" if version == "0.1.0" else "dogs")
        # Recipes of versions 1 and 2 have the schedule of 2015, whatever goes without saying now.
        assert (first.steps, first.step_size, first.stepping) == (
            (20, 0.012, "even") if version < "0.5.0" else (13, 0.016, "falling")
        )
        states = Counter(job.state for job in jobs)
        assert (states[State.RUNNING], states[State.QUEUED]) == (1, 3 if version >= "0.6.0" else 2)
        (failed,) = (job for job in jobs if job.state is State.FAILED)
        assert "cut off or damaged" in str(failed.failure)
        theirs = {job.guild_id for job in jobs if job.person_id != 0}  # 0: what is left of somebody who was forgotten
        assert theirs == {places["guilds"]["The Lighthouse"]}
        assert jobs[1].parent_id == jobs[0].id
        films = [FilmAsk.from_json(job.film) for job in jobs if job.film is not None]
        assert [film.zoom is not None for film in films] == [True] * (2 if version >= "0.6.0" else 0)


async def jobs_in(database: Database) -> list[Job]:
    """Return the jobs, the oldest first."""
    found = [await JobStore(database).get(number) for number in range(1, 20)]
    return [job for job in found if job is not None]


async def test_the_queue_counts_and_goes_on_in_its_order(left: str, places: Places) -> None:
    bob = places["people"]["bob"]
    async with opened(left) as database:
        _, waiting = await JobStore(database).running_and_waiting()
        mine = sum(job.person_id == bob for job in waiting)
        assert mine > 0
        store = JobStore(database, Caps(person=Limits(waiting=mine)))
        with pytest.raises(FullError):
            await store.accept([a_request(person_id=bob)], "mine")
        await store.release_others("mine")
        order = await store.waiting()
        assert len(order) == len(waiting) + 1, "the one that was being dreamed waits again"
        claimed = [await store.claim("mine", ()) for _ in order]
        assert [job.id for job in claimed if job is not None] == [job.id for job in order]


@pytest.mark.parametrize("version", WITH_PRESETS, indirect=True)
async def test_presets_settings_and_who_was_forgotten(left: str, places: Places) -> None:
    people, guild = places["people"], places["guilds"]["The Lighthouse"]
    async with opened(left) as database:
        presets = PresetStore(database)
        (mine,) = await presets.visible(Viewer(people["ada"], guild))
        (bobs,) = await presets.visible(Viewer(people["bob"], guild))
        assert (mine.name, bobs.name) == ("Ada's eyes 👀", "Bob's castle")
        assert await presets.default_of(people["ada"]) == Default(preset_id=mine.id)
        assert bobs.thumbnail_hash is not None
        recipe = Recipe.from_json(bobs.text)
        assert (recipe.of, recipe.look, recipe.likeness) == ("0.7 eyes + 0.3 castle - dogs", "natural", 0.5)
        settings = (await GuildStore(database).get(guild)).settings
        assert (settings.max_size, settings.log_channel) == (256, places["channels"]["lounge"])
        assert not any((await PrivacyStore(database).held(people["mod"])).rows.values())
        lenas = [job for job in await jobs_in(database) if job.person_id == people["lena"] and job.private]
        assert [job.state for job in lenas] == [State.DREAMED]
        store = JobStore(database, Caps(person=Limits(gflop_a_day=0.1)))
        with pytest.raises(FullError):  # they were forgotten, and what they dreamed still counts of their day
            await store.accept([a_request(person_id=people["mod"])], "mine")


@pytest.mark.parametrize("version", WITH_GALLERIES, indirect=True)
async def test_galleries(left: str, places: Places) -> None:
    guild, ada = places["guilds"]["The Lighthouse"], places["people"]["ada"]
    async with opened(left) as database:
        page = await Listings(database).page(Visitor(guild, ada), Listing(order=Order.TOP), None, 10)
        assert [(one.title, one.votes, one.tags) for one in page.entries] == [
            ("First", 2, ("sea", "night")),
            ("Castle <b> & *stars*", 0, ()),
        ]
        assert page.entries[0].original_hash is not None


async def test_the_way_back_to_its_schema_keeps_what_that_holds(url: str) -> None:
    before, was = rows_in(url), kept_versions.revision_of(url)
    async with opened(url) as database:
        await Regimes(database).block_person(7, Block("Spam."), By(login="root"))
    with kept_versions.connected(url) as connection:
        command.downgrade(revisions(connection), was)
    assert rows_in(url) == before
    async with opened(url):
        pass
    assert_kept(before, rows_in(url))
