"""/dream, its form and *Dream this* with presets: one that is named, and one's default."""

from __future__ import annotations

import pytest
from simcord_stage import Stage, fields_of, submit, told_privately
from standins import PNG

from bot.preset import Preset, Viewer
from engine.recipe import Recipe

IMAGE = ("cup.png", PNG)
EYES = Recipe(of="eyes", steps=9, look="natural", size=333, seed=5)


async def saved(stage: Stage, recipe: Recipe = EYES, *, default: bool = False) -> Preset:
    """Let Ada have a preset."""
    viewer = Viewer(stage.ada.id, stage.guild.id)
    preset = await stage.client.presets.save(viewer, "Waves", recipe)
    if default:
        await stage.client.presets.set_default(viewer, preset)
    return preset


def asked_for(stage: Stage) -> Recipe:
    return Recipe.from_json(stage.jobs.accepted[-1].recipe)


async def test_a_preset_is_used_by_its_name_from_a_new_seed(stage: Stage) -> None:
    await saved(stage)
    await stage.ada.slash(stage.channel, "dream", image=IMAGE, preset="waves")
    recipe = asked_for(stage)
    expected = {"size": stage.client.settings.dream_size, "seed": recipe.seed}
    assert recipe == EYES.model_copy(update=expected)
    assert recipe.seed != EYES.seed


async def test_what_is_chosen_beside_a_preset_goes_before_it(stage: Stage) -> None:
    await saved(stage)
    await stage.ada.slash(stage.channel, "dream", image=IMAGE, preset="waves", of="dogs", size=200, seed=9)
    recipe = asked_for(stage)
    assert (recipe.of, recipe.steps, recipe.size, recipe.seed) == ("dogs", 9, 200, 9)


async def test_a_preset_that_is_none_is_answered_privately_with_the_nearest(stage: Stage) -> None:
    await saved(stage)
    said = told_privately(await stage.ada.slash(stage.channel, "dream", image=IMAGE, preset="wavs"))
    assert "Did you mean Waves" in said
    assert stage.jobs.accepted == []
    assert stage.channel.history(viewer=stage.bob) == []


async def test_ones_default_is_used_where_none_is_named(stage: Stage) -> None:
    await saved(stage, default=True)
    await stage.ada.slash(stage.channel, "dream", image=IMAGE)
    assert (asked_for(stage).of, asked_for(stage).steps) == ("eyes", 9)
    await stage.ada.slash(stage.channel, "dream", image=IMAGE, of="dogs")
    assert (asked_for(stage).of, asked_for(stage).steps) == ("dogs", 9)
    await stage.bob.slash(stage.channel, "dream", image=IMAGE)
    assert asked_for(stage).of == "dogs", "somebody else's default is theirs"


async def test_ones_default_is_used_by_the_menu(stage: Stage) -> None:
    await saved(stage, default=True)
    message = await stage.bob.send(stage.channel, "look", attachments=[IMAGE, ("b.png", PNG)])
    await stage.ada.context_menu(stage.channel, "Dream this", message)
    recipes = [Recipe.from_json(one.recipe) for one in stage.jobs.accepted]
    assert [one.of for one in recipes] == ["eyes", "eyes"]
    assert recipes[0].seed != recipes[1].seed


@pytest.mark.parametrize("named", [True, False])
async def test_the_form_shows_what_the_preset_dreams_of(stage: Stage, named: bool) -> None:
    await saved(stage, default=not named)
    shown = await stage.ada.slash(stage.channel, "dream", **({"preset": "waves"} if named else {}))
    fields = fields_of(shown)
    assert fields["of"]["value"] == "eyes"
    assert [one["value"] for one in fields["look"]["options"] if one.get("default")] == ["natural"]
    await submit(stage.ada, shown, picture=IMAGE)
    assert (asked_for(stage).of, asked_for(stage).steps) == ("eyes", 9)


async def test_what_only_ones_defaults_network_knows_is_dreamed(stage: Stage) -> None:
    await saved(stage, Recipe(network="googlenet", of="layer inception4c"), default=True)
    await stage.ada.slash(stage.channel, "dream", image=IMAGE, of="layer inception4d")
    recipe = asked_for(stage)
    assert (recipe.network, recipe.of) == ("googlenet", "layer inception4d")
    said = told_privately(await stage.bob.slash(stage.channel, "dream", image=IMAGE, of="layer inception4d"))
    assert "no layer" in said


async def test_presets_are_suggested(stage: Stage) -> None:
    await saved(stage)
    found = await stage.ada.autocomplete(stage.channel, "dream", "preset", "wav")
    assert found[0]["name"].startswith("Waves")
