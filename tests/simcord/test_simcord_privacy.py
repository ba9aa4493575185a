"""/privacy and its buttons, as a member, in a direct message, as somebody else, twice, and after a restart."""

from __future__ import annotations

import io
import json
import random
import zipfile

import pytest
import simcord
from simcord.results import InteractionResult, ResponseMessage
from simcord_stage import BUTTON, Json, Stage, text_of, told_privately, walk
from sqlalchemy import update

from bot.preset import Viewer
from bot.privacy.parts import Cursor
from bot.store.tables import PresetRow
from bot.views.privacy import buttons as privacy_buttons
from bot.views.privacy import layouts as privacy_layouts
from bot.views.privacy import panel as privacy_panel
from engine.recipe import Recipe


async def with_presets(stage: Stage, person: simcord.MemberActor, *names: str) -> None:
    """Let somebody have presets."""
    viewer = Viewer(person.id, stage.guild.id)
    for name in names:
        await stage.client.presets.save(viewer, name, Recipe(), server=False)


async def with_pictures(stage: Stage, person: simcord.MemberActor, sizes: list[int]) -> None:
    """Let somebody have presets with thumbnails of so many bytes, which nothing compresses."""
    noise = random.Random(7)
    store = stage.client.privacy._store
    for number, size in enumerate(sizes):
        await with_presets(stage, person, f"With a picture {number}")
        hash_ = await stage.client.privacy._images.put(noise.randbytes(size), "image/webp", 64, 48)
        async with store._database.write() as session:
            mine = (PresetRow.person_id == person.id) & PresetRow.thumbnail_hash.is_(None)
            await session.execute(update(PresetRow).where(mine).values(thumbnail_hash=hash_))


async def names_of(stage: Stage, person: simcord.MemberActor) -> list[str]:
    found = await stage.client.presets.all(Viewer(person.id, None))
    return [one.name for one in found if one.id is not None]


def buttons(message: ResponseMessage) -> dict[str, str]:
    """Return the buttons of an answer: label → custom_id."""
    parts: list[Json] = [one if isinstance(one, dict) else dict(one.to_dict()) for one in message.components]
    return {one["label"]: one["custom_id"] for one in walk(parts) if one["type"] == BUTTON}


def answers(result: InteractionResult) -> list[ResponseMessage]:
    """Return all that was answered, in order; all of it only to who asked."""
    found = [*([result.response] if result.response else []), *result.followups]
    assert all(one.ephemeral for one in found)
    return found


async def archive(message: ResponseMessage) -> dict[str, bytes]:
    """Return the files of the part that a message holds."""
    (attachment,) = message.attachments
    part = zipfile.ZipFile(io.BytesIO(await attachment.read()))
    return {name: part.read(name) for name in part.namelist()}


async def test_show_says_how_much_there_is_and_how_long_it_stays(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "One", "Two")
    await with_presets(stage, stage.bob, "Three")
    shown = told_privately(await stage.ada.slash(stage.channel, "privacy show"))
    assert "2 presets of yours" in shown
    assert "30 days" in shown


async def test_show_says_so_where_there_is_nothing(stage: Stage) -> None:
    assert "Nothing" in told_privately(await stage.bob.slash(stage.channel, "privacy show"))


async def test_an_export_has_ones_own_and_nobody_elses_also_in_a_direct_message(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "Waves")
    await with_presets(stage, stage.bob, "Secret")
    for result in (
        await stage.ada.slash(stage.channel, "privacy export"),
        await stage.ada.user.slash("privacy export"),
    ):
        (message,) = answers(result)
        assert privacy_layouts.ALL in text_of(message)
        files = await archive(message)
        assert [preset["name"] for preset in json.loads(files["presets.json"])] == ["Waves"]
        assert b"Secret" not in b"".join(files.values())
        assert "README.txt" in files


async def test_a_large_export_comes_in_parts_and_goes_on_at_a_press_also_after_a_restart(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy_panel, "MOST_BYTES", privacy_panel.BESIDE_BYTES + 20_000)
    await with_pictures(stage, stage.ada, [12_000] * 7)
    first = answers(await stage.ada.slash(stage.channel, "privacy export"))
    assert len(first) == privacy_panel.AT_A_PRESS
    assert "15 minutes" in text_of(first[0])
    assert ["Next part" in buttons(one) for one in first] == [False, False, False, False, True]
    await stage.restart()
    second = answers(await stage.ada.click(first[-1], label="Next part"))
    assert privacy_layouts.ALL in text_of(second[-1])
    assert "Part 6" in text_of(second[0])
    parts = [await archive(one) for one in (*first, *second)]
    pictures = [name for part in parts for name in part if name.startswith("pictures/")]
    assert len(pictures) == len(set(pictures)) == 7


async def test_whoever_presses_anothers_next_part_gets_their_own(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "Waves")
    button = privacy_layouts.button(privacy_layouts.MORE, "Next part", about=Cursor())
    message = await stage.post(button)
    (answer,) = answers(await stage.bob.click(message, label="Next part"))
    assert json.loads((await archive(answer))["presets.json"]) == []


async def test_forget_asks_first_and_then_all_is_gone(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "Waves")
    await with_presets(stage, stage.bob, "Tides")
    asked = await stage.ada.slash(stage.channel, "privacy forget")
    assert "Messages in the chat stay" in told_privately(asked)
    assert await names_of(stage, stage.ada) == ["Waves"]
    assert asked.response is not None
    pressed = await stage.ada.click(asked.response, label="Forget me")
    assert pressed.response is None or pressed.response.id == asked.response.id
    assert "Gone" in text_of(asked.response)
    assert await names_of(stage, stage.ada) == []
    assert await names_of(stage, stage.bob) == ["Tides"]
    assert "Nothing" in told_privately(await stage.ada.slash(stage.channel, "privacy show"))


async def test_forget_works_after_a_restart_and_a_second_press_does_no_harm(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "Waves")
    asked = privacy_layouts.button(privacy_layouts.REALLY, "Forget me", about=stage.ada.id)
    messages = [await stage.post(asked), await stage.post(asked)]
    await stage.restart()
    for message in messages:
        await stage.ada.click(message, label="Forget me")
        assert await names_of(stage, stage.ada) == []


async def test_nobody_is_forgotten_by_somebody_elses_press(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "Waves")
    await with_presets(stage, stage.bob, "Tides")
    message = await stage.post(privacy_layouts.button(privacy_layouts.REALLY, "Forget me", about=stage.ada.id))
    told = told_privately(await stage.bob.click(message, label="Forget me"))
    assert told == privacy_buttons.NOT_YOU
    assert await names_of(stage, stage.ada) == ["Waves"]
    assert await names_of(stage, stage.bob) == ["Tides"]


async def test_whoever_keeps_everything_keeps_it(stage: Stage) -> None:
    await with_presets(stage, stage.ada, "Waves")
    asked = await stage.ada.slash(stage.channel, "privacy forget")
    assert asked.response is not None
    await stage.ada.click(asked.response, label="Keep everything")
    assert privacy_layouts.KEPT in text_of(asked.response)
    assert await names_of(stage, stage.ada) == ["Waves"]


async def test_a_second_export_while_one_runs_is_refused(stage: Stage) -> None:
    stage.client.privacy._exporting.add(stage.ada.id)
    assert "already" in told_privately(await stage.ada.slash(stage.channel, "privacy export"))
