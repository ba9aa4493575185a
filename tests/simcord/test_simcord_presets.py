"""/preset and its buttons, as a member, a moderator, an outsider and in a direct message."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
import simcord
from simcord.results import InteractionResult, ResponseMessage
from simcord_stage import Stage, fields_of, recipe, submit, text_of, told_privately
from standins import PNG

from bot.preset import Preset, Viewer
from bot.presets import sharing
from bot.presets.service import GONE
from bot.views import wording
from bot.views.presets.buttons import PRESETS
from bot.views.presets.layouts import PAGE
from engine.recipe import Recipe

EYES = Recipe(of="eyes", steps=9)
BUTTON, SELECT, THUMBNAIL = 2, 3, 11


def viewer(stage: Stage, who: str = "ada", *, moderates: bool = False) -> Viewer:
    return Viewer(getattr(stage, who).id, stage.guild.id, moderates=moderates)


async def saved(stage: Stage, name: str = "Waves", who: str = "ada", *, server: bool = False, **more: Any) -> Preset:
    """Let somebody have a preset."""
    return await stage.client.presets.save(viewer(stage, who, moderates=server), name, EYES, server=server, **more)


async def names_of(stage: Stage, who: str = "ada") -> list[str]:
    """Return the names of the presets that somebody has, and that this server has."""
    found = await stage.client.presets.all(viewer(stage, who))
    return [one.name for one in found if one.id is not None]


def boss_of(stage: Stage) -> simcord.MemberActor:
    """Return somebody who may manage the server."""
    role = stage.guild.create_role("Bosses", permissions=discord.Permissions(manage_guild=True))
    return stage.guild.add_member(stage.env.create_user("boss"), roles=[role])


def panel_of(result: InteractionResult) -> ResponseMessage:
    """Return the answer as it is now."""
    assert result.response is not None
    return result.response


async def import_file(stage: Stage, data: bytes) -> InteractionResult:
    """Let Bob import a file."""
    stage.client.presets._files.sent["preset.json"] = data  # type: ignore[attr-defined]
    return await stage.bob.slash(stage.channel, "preset import", file=("preset.json", data))


async def forget_network(stage: Stage, preset: Preset, name: str) -> None:
    """Let a preset be of a network that is here no longer."""
    text = preset.text.replace('"lite2"', f'"{name}"')
    assert preset.id is not None
    assert await stage.client.presets._store.replace_recipe(viewer(stage), preset.id, text)


def buttons(stage: Stage, result: InteractionResult) -> dict[str, str]:
    """Return the buttons of an answer: label → custom_id."""
    assert result.response is not None
    return {
        one["label"]: one["custom_id"] for one in walk_all(result) if one["type"] == BUTTON and not one.get("disabled")
    }


def walk_all(result: InteractionResult) -> list[dict[str, Any]]:
    assert result.response is not None
    found: list[dict[str, Any]] = []

    def walk(parts: list[dict[str, Any]]) -> None:
        for one in parts:
            found.append(one)
            walk(one.get("components") or [])
            if "accessory" in one:
                walk([one["accessory"]])

    walk([one if isinstance(one, dict) else dict(one.to_dict()) for one in result.response.components])
    return found


async def test_save_preset_keeps_the_recipe_of_a_dream_under_the_name_that_was_typed(stage: Stage) -> None:
    _, message = await stage.ended(recipe=recipe(of="eyes", steps=7))
    opened = await stage.bob.click(message, label="Save preset")
    assert opened.modal is not None
    told = await stage.bob.submit_modal(opened, {"name": " Bob's  eyes "})
    assert "Saved" in told_privately(told)
    (preset,) = [one for one in await stage.client.presets.all(viewer(stage, "bob")) if one.id is not None]
    assert (preset.name, preset.recipe.of, preset.recipe.steps) == ("Bob's eyes", "eyes", 7)
    assert await names_of(stage, "ada") == []


async def test_the_form_suggests_what_was_dreamed_of(stage: Stage) -> None:
    _, message = await stage.ended(recipe=recipe(of="class: peacock"))
    opened = await stage.ada.click(message, label="Save preset")
    assert "Peacock" in json.dumps(opened.modal, default=str) or "Peacock" in repr(opened.modal)


async def test_a_form_of_another_message_s_dream_saves_nothing(stage: Stage) -> None:
    _, message = await stage.ended(recipe=recipe(of="eyes"))
    secret, _ = await stage.ended(recipe=recipe(of="dogs"))
    opened = await stage.bob.click(message, label="Save preset")
    stage.jobs.known.pop(next(one for one, job in stage.jobs.known.items() if job.message_id == message.id))
    assert told_privately(await stage.bob.submit_modal(opened, {"name": "Theirs"})) == wording.NO_SUCH_JOB
    assert secret.id in stage.jobs.known
    assert await names_of(stage, "bob") == []


async def test_a_moderator_saves_for_the_server_and_everybody_there_uses_it(stage: Stage) -> None:
    _, message = await stage.ended(recipe=recipe(of="eyes"))
    boss = boss_of(stage)
    opened = await boss.click(message, label="Save preset")
    await boss.submit_modal(opened, {"name": "House eyes", "whose": ["server"]})
    assert await names_of(stage, "ada") == ["House eyes"]
    used = await stage.ada.slash(stage.channel, "preset use", image=("cup.png", PNG), name="house EYES")
    assert used.deferred
    assert Recipe.from_json(stage.jobs.accepted[-1].recipe).of == "eyes"


async def test_a_member_s_form_does_not_offer_the_server_and_a_forged_choice_is_refused(stage: Stage) -> None:
    _, message = await stage.ended(recipe=recipe(of="eyes"))
    opened = await stage.ada.click(message, label="Save preset")
    assert "whose" not in repr(opened.modal)


async def test_a_preset_s_button_asks_for_a_picture_and_dreams_on_it_with_the_preset(stage: Stage) -> None:
    await saved(stage)
    shown = await stage.ada.slash(stage.channel, "preset show", name="Waves")
    opened = await stage.ada.click(panel_of(shown), label="Dream with it")
    assert fields_of(opened)["of"]["value"] == "eyes"
    await submit(stage.ada, opened, picture=("cup.png", PNG))
    asked = Recipe.from_json(stage.jobs.accepted[-1].recipe)
    assert (asked.of, asked.steps) == ("eyes", 9)


async def test_use_dreams_with_the_preset_from_a_new_seed_and_keeps_a_spoiler(stage: Stage) -> None:
    await saved(stage)
    for _ in range(2):
        await stage.ada.slash(stage.channel, "preset use", image=("SPOILER_cup.png", PNG), name="WAVES")
    first, second = (Recipe.from_json(one.recipe) for one in stage.jobs.accepted)
    assert (first.of, first.steps, first.size) == ("eyes", 9, stage.client.settings.dream_size)
    assert first.seed != second.seed


async def test_a_name_that_is_none_is_answered_with_the_nearest(stage: Stage) -> None:
    await saved(stage)
    told = await stage.ada.slash(stage.channel, "preset use", image=("cup.png", PNG), name="wavs")
    assert "Did you mean Waves" in told_privately(told)
    assert stage.jobs.accepted == []


async def test_anothers_preset_cannot_be_named(stage: Stage) -> None:
    await saved(stage, "Secret", "bob")
    for command in ("show", "delete", "share", "default"):
        told = await stage.ada.slash(stage.channel, f"preset {command}", name="Secret")
        assert "no preset called “Secret”" in told_privately(told)
    told = await stage.ada.slash(stage.channel, "preset rename", name="Secret", to="Mine")
    assert "no preset called “Secret”" in told_privately(told)
    assert await names_of(stage, "bob") == ["Secret"]


@pytest.mark.parametrize("command", ["rename", "delete"])
async def test_a_member_cannot_change_the_server_s_presets_and_a_moderator_can(stage: Stage, command: str) -> None:
    await saved(stage, "House", "mod", server=True)
    options = {"name": "House", **({"to": "Ours"} if command == "rename" else {})}
    for who in (stage.ada, stage.mod):  # who may manage messages
        told = await who.slash(stage.channel, f"preset {command}", **options)
        assert "Only somebody who may manage this server" in told_privately(told)
    assert await names_of(stage) == ["House"]
    await boss_of(stage).slash(stage.channel, f"preset {command}", **options)
    assert await names_of(stage) == (["Ours"] if command == "rename" else [])


async def test_a_permission_that_was_taken_away_counts_at_once(stage: Stage) -> None:
    await saved(stage, "House", "mod", server=True)
    boss = boss_of(stage)
    shown = await boss.slash(stage.channel, "preset show", name="House")
    stage.guild.roles["Bosses"]._role.permissions = 0
    assert shown.response is not None
    told = await boss.click(shown.response, label="Delete")
    assert "Only somebody who may manage this server" in told_privately(told)
    assert await names_of(stage) == ["House"]


async def test_nobody_saves_for_a_server_that_they_may_not_manage(stage: Stage) -> None:
    code = await stage.client.presets.share(viewer(stage, "bob"), await saved(stage, "Waves", "bob"))
    told = await stage.ada.slash(stage.channel, "preset import", code=code, **{"for": "server"})
    assert "Only somebody who may manage this server" in told_privately(told)


async def test_in_a_direct_message_there_are_ones_own_and_no_server_s(stage: Stage) -> None:
    await saved(stage, "Mine")
    await saved(stage, "House", "mod", server=True)
    there = stage.ada.user
    listed = await there.slash("preset list")
    assert listed.response is not None
    assert "Mine" in text_of(listed.response)
    assert "House" not in text_of(listed.response)
    told = await there.slash("preset show", name="House")
    assert "no preset called “House”" in told_privately(told)
    code = await stage.client.presets.share(viewer(stage, "bob"), await saved(stage, "Waves", "bob"))
    told = await there.slash("preset import", code=code, **{"for": "server"})
    assert "Here is no server" in told_privately(told)


async def test_the_list_shows_ones_own_the_server_s_and_the_built_in_with_their_pictures(stage: Stage) -> None:
    await saved(stage, "Mine")
    await saved(stage, "House", "mod", server=True)
    await saved(stage, "Bob's", "bob")
    listed = await stage.ada.slash(stage.channel, "preset list")
    assert listed.ephemeral
    assert listed.response is not None
    words = text_of(listed.response)
    assert "**Mine** · yours" in words
    assert "**House** · this server's" in words
    assert "**Puppy slugs** · built in" in words
    assert "Bob" not in words
    pictures = [one for one in walk_all(listed) if one["type"] == THUMBNAIL]
    assert len(pictures) == len(listed.response.attachments) == PAGE - 2, "of the built-in ones; the others wait"


async def test_the_pages_are_turned_also_after_a_restart(stage: Stage) -> None:
    for number in range(PAGE):
        await saved(stage, f"Waves {number}")
    listed = await stage.ada.slash(stage.channel, "preset list")
    await stage.restart()
    assert listed.response is not None
    turned = await stage.ada.click(listed.response, label="More")
    assert turned.acknowledged
    panel = panel_of(listed)
    assert "page 2 of" in text_of(panel)
    assert "Puppy slugs" in text_of(panel)


async def test_a_preset_is_opened_from_the_list_made_the_default_and_renamed(stage: Stage) -> None:
    preset = await saved(stage)
    listed = await stage.ada.slash(stage.channel, "preset list")
    assert listed.response is not None
    await stage.ada.select(listed.response, [preset.tag], custom_id="oneiros:presets:open")
    panel = panel_of(listed)
    assert "**Waves** · yours" in text_of(panel)
    await stage.ada.click(panel, label="My default")
    panel = panel_of(listed)
    assert "your default" in text_of(panel)
    default = await stage.client.presets.default_of(viewer(stage))
    assert default is not None
    assert default.id == preset.id
    opened = await stage.ada.click(panel, label="Rename")
    await stage.ada.submit_modal(opened, {"name": "Billows"})
    assert "**Billows** · yours" in text_of(panel_of(listed))
    assert await names_of(stage) == ["Billows"]


async def test_delete_asks_first(stage: Stage) -> None:
    await saved(stage)
    shown = await stage.ada.slash(stage.channel, "preset show", name="Waves")
    assert shown.response is not None
    await stage.ada.click(shown.response, label="Delete")
    assert await names_of(stage) == ["Waves"]
    await stage.ada.click(panel_of(shown), label="Keep it")
    await stage.ada.click(panel_of(shown), label="Delete")
    await stage.ada.click(panel_of(shown), label="Delete for good")
    assert await names_of(stage) == []
    assert "is deleted" in text_of(panel_of(shown))


async def test_a_built_in_preset_is_shown_and_made_the_default_but_not_changed(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "preset show", name="puppy slugs")
    assert set(buttons(stage, shown)) == {"Dream with it", "My default", "All presets"}
    told = await stage.ada.slash(stage.channel, "preset delete", name="Puppy slugs")
    assert "built-in preset, which stays as it is" in told_privately(told)
    await stage.ada.slash(stage.channel, "preset default", name="built-in: Puppy slugs")
    default = await stage.client.presets.default_of(viewer(stage))
    assert default is not None
    assert default.name == "Puppy slugs"
    await stage.ada.slash(stage.channel, "preset default")
    assert await stage.client.presets.default_of(viewer(stage)) is None


async def test_a_server_s_preset_is_nobody_s_default(stage: Stage) -> None:
    await saved(stage, "House", "mod", server=True)
    told = await stage.ada.slash(stage.channel, "preset default", name="House")
    assert "belongs to this server" in told_privately(told)


async def test_a_shared_preset_is_imported_elsewhere_by_its_code(stage: Stage) -> None:
    await saved(stage)
    shared = await stage.ada.slash(stage.channel, "preset share", name="Waves")
    words = told_privately(shared)
    code = words.partition("code:")[2].partition("`")[0]
    told = await stage.bob.user.slash("preset import", code=code.lower())
    assert "Imported" in told_privately(told)
    assert await names_of(stage, "bob") == ["Waves"]
    again = await stage.bob.user.slash("preset import", code=code)
    assert "a preset called “Waves” already" in told_privately(again)
    await stage.bob.user.slash("preset import", code=code, name="Ada's waves")
    assert await names_of(stage, "bob") == ["Ada's waves", "Waves"]


@pytest.mark.parametrize("code", ["DREAM-00000-00000-0001", "hello", "DREAM-" + "0" * 14, "'; DROP TABLE preset; --"])
async def test_a_code_of_no_use_is_refused_in_a_sentence(stage: Stage, code: str) -> None:
    told = told_privately(await stage.bob.slash(stage.channel, "preset import", code=code))
    assert "again" in told
    assert await names_of(stage, "bob") == []


async def test_a_file_is_imported_and_one_of_no_use_is_refused_in_a_sentence(stage: Stage) -> None:
    await saved(stage)
    shared = await stage.ada.slash(stage.channel, "preset share", name="Waves")
    assert shared.response is not None
    (file,) = shared.response.attachments
    data = await file.read()
    told = await import_file(stage, data)
    assert "Imported" in told_privately(told)
    assert await names_of(stage, "bob") == ["Waves"]
    for bad, words in (
        (b"MZ", "no preset's file"),
        (b" " * (sharing.MOST_BYTES + 1), "too large"),
        (data.replace(b'"lite2"', b'"lite7"'), "no network “lite7”. Did you mean"),
        (json.dumps({**json.loads(data), "name": "a\u202eb"}).encode(), "U+202E"),
    ):
        assert words in told_privately(await import_file(stage, bad))
    assert await names_of(stage, "bob") == ["Waves"]


async def test_an_import_needs_a_code_or_a_file(stage: Stage) -> None:
    told = await stage.bob.slash(stage.channel, "preset import")
    assert "code of a preset, or the file" in told_privately(told)


async def test_a_preset_whose_network_is_gone_says_so_and_a_button_puts_the_nearest_there(stage: Stage) -> None:
    preset = await saved(stage)
    await forget_network(stage, preset, "lite3")
    told = await stage.ada.slash(stage.channel, "preset use", image=("cup.png", PNG), name="Waves")
    assert "network lite3, which is no longer here. The nearest is lite2" in told_privately(told)
    listed = await stage.ada.slash(stage.channel, "preset list")
    assert listed.response is not None
    assert "lite3 is no longer here" in text_of(listed.response)
    shown = await stage.ada.slash(stage.channel, "preset show", name="Waves")
    assert shown.response is not None
    assert "Dream with it" not in buttons(stage, shown)
    await stage.ada.click(shown.response, label="Dream with lite2 instead")
    assert "Changed to the network that is here" in text_of(panel_of(shown))
    await stage.ada.slash(stage.channel, "preset use", image=("cup.png", PNG), name="Waves")
    assert Recipe.from_json(stage.jobs.accepted[-1].recipe).network == "lite2"


@pytest.mark.parametrize("button", [one for one in PRESETS if "tag" in one.__init__.__code__.co_varnames])
async def test_a_forged_button_does_nothing_to_anothers_preset(stage: Stage, button: Any) -> None:
    theirs = await saved(stage, "Secret", "bob")
    message = await stage.post(button(theirs.tag))
    told = await stage.ada.click(message, custom_id=f"oneiros:preset:{theirs.tag}:{button.act}")
    assert told_privately(told) == GONE
    assert await names_of(stage, "bob") == ["Secret"]
    assert await stage.client.presets.default_of(viewer(stage)) is None


async def test_suggestions_are_ones_own_the_server_s_and_the_built_in_with_what_they_dream_of(stage: Stage) -> None:
    await saved(stage, "Puppies")
    await saved(stage, "Puppy house", "mod", server=True)
    await saved(stage, "Puppy of Bob", "bob")
    found = await stage.ada.autocomplete(stage.channel, "preset show", "name", "pup")
    assert [(one["name"], one["value"]) for one in found][:3] == [
        ("Puppies · yours · wide animal eyes with lids and lashes", "Puppies"),
        ("Puppy house · this server's · wide animal eyes with lids and lashes", "server: Puppy house"),
        ("Puppy slugs · the dream of 2015: dogs growing out of everything", "built-in: Puppy slugs"),
    ]
    shown = await stage.ada.slash(stage.channel, "preset show", name="server: Puppy house")
    assert "**Puppy house** · this server's" in told_privately(shown)


async def test_names_are_shown_as_they_are_typed_and_mark_nothing_up(stage: Stage) -> None:
    for name in ("**bold**", "<@1>", "[x](http://a.b)", "@everyone", "`code`"):
        await saved(stage, name)
    listed = await stage.ada.slash(stage.channel, "preset list")
    assert listed.response is not None
    words = text_of(listed.response)
    assert r"\*\*bold\*\*" in words
    assert r"\<\@1\>" in words
    assert r"\[x\]\(http\://a.b\)" in words


async def test_where_one_has_dreamed_nothing_there_is_nothing_to_save(stage: Stage) -> None:
    told = told_privately(await stage.ada.slash(stage.channel, "preset save", name="Waves"))
    assert told.startswith("You have no dream in this channel")
