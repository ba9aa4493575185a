"""Who may do what, where: docs/authorisation.md names everything that there is, and every cell of it is walked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import authorisation_page
import discord
import pytest
import pytest_asyncio
from authorisation_cast import DREAMER, HERE, Cast, set_up
from authorisation_rows import PRESSED, SHOW_ONLY, TYPED
from authorisation_walk import COLUMNS, DONE, NOT_OFFERED, press, shown, walk
from discord import app_commands
from discord.ext import commands

from bot.client import add_commands
from bot.settings import Settings
from bot.views.forms import Form
from bot.views.lasting import Lasting

pytestmark = pytest.mark.asyncio(loop_scope="module")

CELLS = authorisation_page.cells()
SENTENCES = authorisation_page.sentences()
FORGOTTEN_BY_A_RESTART = {"dream_form.Reopen", "gallery.forms.AddAgain", "moving.FirstFrame", "moving.WholeFilm"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cast(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cast]:
    async with set_up(tmp_path_factory.mktemp("authorisation")) as stage, stage.entered() as everybody:
        yield everybody


def concrete(base: type[Any]) -> Iterator[type[Any]]:
    """Yield the classes of ours that can be pressed or sent."""
    for one in base.__subclasses__():
        yield from concrete(one)
        pattern = one.template if base is Form or issubclass(one, Form) else one.pattern
        if pattern.pattern != r"(?!)" and one.__module__.startswith("bot."):
            yield one


async def test_the_page_names_every_command_and_no_other() -> None:
    client = commands.Bot(commands.when_mentioned, intents=discord.Intents.none())
    await add_commands(client, Settings.model_construct())
    there = {one.qualified_name for one in client.tree.walk_commands() if not isinstance(one, app_commands.Group)}
    for kind in (discord.AppCommandType.message, discord.AppCommandType.user):
        there |= {one.name for one in client.tree.get_commands(type=kind)}
    assert {one.command for one in TYPED.values()} == there
    assert {*TYPED, *PRESSED} == set(CELLS)
    assert all(set(row) == set(COLUMNS) for row in CELLS.values())


async def test_the_page_names_every_button_select_and_form_and_each_finds_its_way_back(cast: Cast) -> None:
    there = {*concrete(Lasting), *concrete(Form)}
    assert {f"{one.__module__.removeprefix('bot.views.')}.{one.__name__}" for one in there} == {
        name.partition(",")[0] for name in PRESSED
    }
    known = {*cast.client._items, *cast.client._forms}
    assert {one for one in known if one.__module__.startswith("bot.")} == there


async def test_every_sentence_of_the_page_is_said_in_a_cell() -> None:
    used = {cell for row in CELLS.values() for cell in row.values()} - {DONE, NOT_OFFERED}
    assert used == set(SENTENCES)


@pytest.mark.parametrize("row", CELLS)
async def test_every_cell_is_as_the_page_says(cast: Cast, row: str) -> None:
    for column, said in CELLS[row].items():
        found = await walk(cast, row, column)
        if said in (DONE, NOT_OFFERED):
            assert found.said == said, f"{row}, {column}"
        else:
            assert SENTENCES[said].fullmatch(found.said), f"{row}, {column}: {found.said}"
        assert found.changed == (said == DONE and row not in SHOW_ONLY), f"{row}, {column}"


@pytest.mark.parametrize("row", PRESSED)
async def test_of_two_presses_at_once_each_is_answered_and_nothing_breaks(cast: Cast, row: str) -> None:
    await cast.forget()
    act, message_id = await shown(cast, PRESSED[row], COLUMNS["dreamer"])
    both = await asyncio.gather(*(press(cast, act, message_id, DREAMER) for _ in range(2)))
    told = [await cast.settled(one, DREAMER) for one in both]
    assert not [one for one in told if "noted as" in one]
    assert len(cast.jobs.removed) <= 2
    assert len(cast.jobs.cancelled) <= 1


async def test_two_presses_at_once_share_an_entry_once(cast: Cast) -> None:
    await cast.forget()
    act, message_id = await shown(cast, PRESSED["gallery.buttons.Share"], COLUMNS["dreamer"])
    before = {one["id"] for one in await cast.remote.messages(person=DREAMER, channel=HERE)}
    both = await asyncio.gather(*(press(cast, act, message_id, DREAMER) for _ in range(2)))
    assert [await cast.settled(one, DREAMER) for one in both] == ["", ""]
    posted = [one for one in await cast.remote.messages(person=DREAMER, channel=HERE) if one["id"] not in before]
    assert len(posted) == 1
    assert posted[0]["attachments"]


async def test_after_a_restart_every_button_does_what_it_did(tmp_path_factory: pytest.TempPathFactory) -> None:
    async with set_up(tmp_path_factory.mktemp("restarted")) as stage:
        async with stage.entered() as before:
            carried = {
                row: await shown(before, of, COLUMNS["dreamer"]) for row, of in PRESSED.items() if "Form" not in row
            }
        async with stage.entered(before.client.jobs) as after:
            await after.client.guild_settings.start()  # as the application does; of dreaming nothing is settled here
            gallery = {"votes_to_add": 5, "web": "public"}  # each row of settings has put others in their place
            await after.settle(channels=(), roles=(), priority_roles=(), log_channel=None, gallery=gallery)
            for row, (act, message_id) in carried.items():
                found = await after.settled(await press(after, act, message_id, DREAMER), DREAMER)
                said = CELLS[row]["dreamer"]
                if row in FORGOTTEN_BY_A_RESTART:
                    assert "no longer kept" in found
                elif said == DONE:
                    assert not found, row
                else:
                    assert SENTENCES[said].fullmatch(found), row
