"""/atlas: its pages, one channel alone, and dreaming of it; also after a restart, and where the atlas is not whole."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import discord
import pytest
from PIL import Image
from simcord.results import InteractionResult, ResponseMessage
from simcord_stage import BUTTON, GALLERY, SELECT, Stage, fields_of, submit, text_of, told_privately, walk
from standins import PNG

from bot.language import LANGUAGES, language_of
from bot.views.atlas import buttons, layouts
from bot.views.atlas.atlases import GONE, KEPT, NO_ATLAS, Atlases
from bot.views.atlas.drawing import PAGE
from bot.views.atlas.layouts import PICTURE
from bot.views.atlas.panel import BROKEN
from bot.views.lasting import Lasting
from engine.recipe import Recipe
from engine.vocabulary.terms import LOGITS

MOST_LETTERS, MOST_COMPONENTS, MOST_BYTES = 4000, 40, 300_000  # of a message; of a picture, for a phone


def shown(result: InteractionResult) -> ResponseMessage:
    assert result.response is not None
    assert result.response.ephemeral
    assert [one.filename for one in result.response.attachments] == [PICTURE]
    return result.response


def parts(message: ResponseMessage | discord.Message) -> list[dict[str, Any]]:
    return list(walk([one if isinstance(one, dict) else dict(one.to_dict()) for one in message.components]))


def menu(message: ResponseMessage, act: str) -> dict[str, Any]:
    (found,) = [one for one in parts(message) if one["type"] == SELECT and f":{act}:" in one["custom_id"]]
    return found


def buttons_of(message: ResponseMessage) -> dict[str, str]:
    return {
        one["label"]: one["custom_id"] for one in parts(message) if one["type"] == BUTTON and not one.get("disabled")
    }


async def page(stage: Stage, **options: str) -> ResponseMessage:
    return shown(await stage.ada.slash(stage.channel, "atlas", **options))


async def pressed(stage: Stage, message: ResponseMessage, label: str) -> InteractionResult:
    return await stage.ada.click(message, custom_id=buttons_of(message)[label])


async def test_the_first_page_is_of_the_layer_that_is_dreamed_by_default(stage: Stage) -> None:
    message = await page(stage)
    assert "EfficientNet-Lite2, blocks.4 · page 1 of 6" in text_of(message)
    (gallery,) = [one for one in parts(message) if one["type"] == GALLERY]
    assert gallery["items"][0]["description"] == (
        "Pictures of what the feature channels 0 to 19 of blocks.4 respond to."
    )
    assert [one["value"] for one in menu(message, "channels")["options"]] == [str(one) for one in range(PAGE)]
    assert [one["value"] for one in menu(message, "layers")["options"] if one.get("default")] == ["blocks.4"]


async def test_pages_are_turned_in_the_same_message_also_after_a_restart(stage: Stage) -> None:
    message = await page(stage, layer="blocks.1")
    assert "page 1 of 2" in text_of(message)
    assert "Back" not in buttons_of(message)
    turned = shown(await pressed(stage, message, "More"))
    assert turned.id == message.id
    assert [one["value"] for one in menu(turned, "channels")["options"]] == ["20", "21", "22", "23"]
    assert "More" not in buttons_of(turned)
    await stage.restart()
    assert "page 1 of 2" in text_of(shown(await pressed(stage, turned, "Back")))


async def test_another_layer_and_another_network_are_chosen(stage: Stage) -> None:
    message = await page(stage)
    other = shown(await stage.ada.select(message, ["blocks.5"], custom_id=menu(message, "layers")["custom_id"]))
    assert "blocks.5 · page 1" in text_of(other)
    lite0 = shown(await stage.ada.select(other, ["lite0"], custom_id=menu(other, "networks")["custom_id"]))
    assert "EfficientNet-Lite0, blocks.5 · page 1" in text_of(lite0)
    assert lite0.id == message.id


async def test_a_channel_is_shown_alone_with_what_it_is_taken_for_and_its_neighbours(stage: Stage) -> None:
    message = await page(stage, network="lite2", layer="5")
    one = shown(await stage.ada.select(message, ["13"], custom_id=menu(message, "channels")["custom_id"]))
    words = text_of(one)
    assert "Feature channel 13 of blocks.5" in words
    assert "The network takes it for: wool, " in words
    assert "`channel blocks.5:13`" in words
    after = shown(await pressed(stage, one, "More"))
    assert "Feature channel 14 of blocks.5" in text_of(after)
    assert "page 1 of 11" in text_of(shown(await pressed(stage, after, "The whole page")))


async def test_dream_with_this_asks_for_a_picture_and_dreams_of_that_channel_with_that_network(stage: Stage) -> None:
    message = await page(stage, network="lite0", layer="blocks.5")
    one = shown(await stage.ada.select(message, ["3"], custom_id=menu(message, "channels")["custom_id"]))
    await stage.restart()
    form = await pressed(stage, one, "Dream with this")
    assert fields_of(form)["of"]["value"] == "channel blocks.5:3"
    await submit(stage.ada, form, picture=("cup.png", PNG))
    asked = Recipe.from_json(stage.jobs.accepted[-1].recipe)
    assert (asked.of, asked.network) == ("channel blocks.5:3", "lite0")


@pytest.mark.parametrize(
    ("layer", "typed", "said"),
    [
        ("blocks.4", " 117 ", "Feature channel 117 of blocks.4"),
        ("logits", "peacock", "Class 84: peacock"),
        ("logits", "84", "Class 84: peacock"),
        ("logits", "Peacocks", "Class 84: peacock"),
    ],
)
async def test_a_channel_is_chosen_by_its_number_a_class_by_its_name_too(
    stage: Stage, layer: str, typed: str, said: str
) -> None:
    message = await page(stage, layer=layer)
    form = await pressed(stage, message, "Choose by number or name…" if layer == LOGITS else "Choose by number…")
    answer = shown(await submit(stage.ada, form, typed=typed))
    assert said in text_of(answer)
    assert answer.id == message.id


@pytest.mark.parametrize(
    ("network", "layer", "typed", "said"),
    [
        ("lite2", "blocks.4", "120", "no channel “120”. Its channels are 0–119"),
        ("lite2", "blocks.4", "-1", "no channel “-1”"),
        ("lite2", "blocks.4", "dog", "no channel “dog”"),
        ("lite2", "blocks.4", "3,4", "is not one number"),
        ("lite2", "blocks.4", "3 of 5", "no channel “blocks.4:3”"),
        ("lite2", "blocks.4", "   ", "is not one number"),
        ("lite2", "blocks.4", "٣", "no channel “٣”"),
        ("lite2", "logits", "1000", "There is no class 1000. ImageNet's classes are 0–999."),
        ("lite2", "logits", "peacok", "Did you mean peacock"),
        ("lite2", "logits", "crane", "could be crane (bird) or crane"),
        ("lite0", "logits", "tench + goldfish", "There is no class called “tench + goldfish”"),
    ],
)
async def test_what_is_no_channel_is_answered_in_a_sentence(
    stage: Stage, network: str, layer: str, typed: str, said: str
) -> None:
    message = await page(stage, network=network, layer=layer)
    form = await pressed(stage, message, "Choose by number or name…" if layer == LOGITS else "Choose by number…")
    assert said in told_privately(await submit(stage.ada, form, typed=typed))


async def test_an_unknown_network_or_layer_is_answered_with_those_that_there_are(stage: Stage) -> None:
    for named in ("googlenet", "../lite2", "x" * 60):
        said = told_privately(await stage.ada.slash(stage.channel, "atlas", network=named))
        assert "There is no atlas of" in said
        assert "Choose lite2 or lite0." in said
    said = told_privately(await stage.ada.slash(stage.channel, "atlas", layer="stem"))
    assert "has no layer “stem”. Choose blocks.0, blocks.1," in said


@pytest.mark.parametrize(
    "button",
    [
        buttons.Turn("lite2", "blocks.4", 99),
        buttons.Turn("lite2", "blocks.40", 0),
        buttons.Turn("lite9", "blocks.4", 0),
        buttons.Turn("..", "blocks.4", 0),
        buttons.Show("lite2", "blocks.4", 120),
        buttons.Dream("lite2", "blocks.4", 120),
        buttons.Dream("googlenet", "inception4c", 1),
        buttons.Number("lite2", "stem"),
    ],
    ids=lambda button: str(button.custom_id),
)
async def test_a_button_of_another_version_of_the_atlas_says_so(stage: Stage, button: Lasting[Any]) -> None:
    assert told_privately(await stage.ada.click(await stage.post(button))) == GONE


@pytest.mark.parametrize(
    ("act", "about", "value"),
    [
        ("channels", "lite2/blocks.4", "120"),
        ("channels", "lite2/blocks.4", "dog"),
        ("channels", "lite2/blocks.9", "1"),
        ("layers", "lite2", "stem"),
        ("networks", "blocks.4", "googlenet"),
    ],
)
async def test_a_menu_of_another_version_of_the_atlas_says_so(stage: Stage, act: str, about: str, value: str) -> None:
    options = [discord.SelectOption(label=value)]
    message = await stage.post(discord.ui.Select(custom_id=f"oneiros:atlas:{act}:{about}", options=options))
    assert told_privately(await stage.ada.select(message, [value])) == GONE


async def test_where_no_atlas_was_installed_that_is_said_and_nothing_is_suggested(stage: Stage, tmp_path: Path) -> None:
    message = await page(stage)
    stage.client.atlases = Atlases(tmp_path / "nowhere")
    assert told_privately(await stage.ada.slash(stage.channel, "atlas")) == NO_ATLAS
    assert told_privately(await stage.ada.slash(stage.channel, "atlas", network="lite2")) == NO_ATLAS
    turned = await pressed(stage, message, "More")
    assert [one.content for one in turned.followups] == [GONE]
    assert await stage.ada.autocomplete(stage.channel, "atlas", "layer", "b") == []
    assert await stage.ada.autocomplete(stage.channel, "atlas", "network", "l") == []
    found = await stage.ada.autocomplete(stage.channel, "dream", "of", "channel 4:1")
    assert [one["value"] for one in found] == ["channel 4:1", "channel blocks.3:0"]


async def test_a_broken_list_is_left_out_and_a_broken_sheet_is_told(stage: Stage, tmp_path: Path) -> None:
    shutil.copytree(KEPT / "lite2", tmp_path / "lite2")
    (tmp_path / "lite0").mkdir()
    (tmp_path / "lite0" / "atlas.json").write_text("{")
    (tmp_path / "lite2" / "blocks.4-00.webp").write_bytes(b"RIFF")
    (tmp_path / "lite2" / "blocks.5-00.webp").unlink()
    stage.client.atlases = Atlases(tmp_path)
    assert "Choose lite2." in told_privately(await stage.ada.slash(stage.channel, "atlas", network="lite0"))
    for layer in ("blocks.4", "blocks.5"):
        assert told_privately(await stage.ada.slash(stage.channel, "atlas", layer=layer)) == BROKEN
    message = await page(stage, layer="blocks.6")
    assert "networks" not in json.dumps(parts(message)), "there is but one"


async def test_networks_layers_and_channels_are_suggested(stage: Stage) -> None:
    found = await stage.ada.autocomplete(stage.channel, "atlas", "network", "")
    assert [one["value"] for one in found] == ["lite2", "lite0"]
    found = await stage.ada.autocomplete(stage.channel, "atlas", "layer", "fur")
    assert [one["name"] for one in found][:1] == ["blocks.4 · dog faces, fur and noses"]
    found = await stage.ada.autocomplete(stage.channel, "atlas", "layer", "logi", network="lite0")
    assert [one["value"] for one in found] == ["logits"]
    found = await stage.ada.autocomplete(stage.channel, "dream", "of", "channel 5:13")
    assert found[0]["value"] == "channel blocks.5:13"
    assert found[0]["name"].startswith("channel blocks.5:13 · wool, ")
    found = await stage.ada.autocomplete(stage.channel, "dream", "of", "5:13", network="lite0+lite2")
    lite0 = (await Atlases().of("lite0")).cell("blocks.5", 13)
    assert found[0]["name"] == f"channel blocks.5:13 · {', '.join(lite0.entry.words)}"


@pytest.mark.parametrize("code", LANGUAGES)
async def test_every_page_and_channel_is_within_what_discord_takes_in_every_language(code: str) -> None:
    say, atlases = language_of(code), Atlases()
    for network in await atlases.networks():
        book = await atlases.of(network)
        for layer in book.layers:
            cells = book.cells(layer)
            for number in (0, layouts.pages_of(cells) - 1):
                view = layouts.page(say, book, await atlases.networks(), layer, number)
                assert view.content_length() <= MOST_LETTERS
                assert view.total_children_count <= MOST_COMPONENTS
                custom_ids = [one.custom_id for one in view.walk_children() if hasattr(one, "custom_id")]
                assert len(set(custom_ids)) == len(custom_ids)
            view = layouts.one(say, book, cells[0])
            custom_ids = [one.custom_id for one in view.walk_children() if hasattr(one, "custom_id")]
            assert len(set(custom_ids)) == len(custom_ids)
            assert max(map(len, custom_ids)) <= 100


async def test_the_pictures_are_small_enough_for_a_phone_and_large_enough_to_be_seen(stage: Stage) -> None:
    message = await page(stage, layer="logits")
    (attached,) = message.attachments
    assert attached.size <= MOST_BYTES
    picture = Image.open(io.BytesIO(await attached.read()))
    assert (picture.format, picture.width) == ("WEBP", 896)
