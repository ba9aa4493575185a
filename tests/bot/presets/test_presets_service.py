"""The rules of presets, as whoever types a command meets them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from presets_bench import SentFiles, Woken

from bot.errors import UserError
from bot.images.store import ImageStore
from bot.preset import Owner, Viewer
from bot.presets import Presets, service, sharing
from bot.presets.built_in import built_in
from bot.store.presets import PresetStore
from engine.errors import RecipeError
from engine.recipe import Recipe

ADA, BOB = Viewer(1, 2), Viewer(5, 2)
MOD = Viewer(6, 2, moderates=True)
ELSEWHERE = Viewer(1, 3)
EYES, DOGS = Recipe(of="eyes"), Recipe(of="dogs")


async def test_a_name_means_ones_own_then_the_servers_then_the_built_in(presets: Presets) -> None:
    name = "Puppy slugs"
    assert (await presets.named(ADA, "puppy SLUGS")).owner is Owner.BUILT_IN
    await presets.save(MOD, name, EYES, server=True)
    assert (await presets.named(ADA, name)).owner is Owner.SERVER
    await presets.save(ADA, name, DOGS)
    assert (await presets.named(ADA, name)).recipe == DOGS
    assert (await presets.named(BOB, name)).recipe == EYES
    for reference, owner in ((f"server: {name}", Owner.SERVER), (f"built-in: {name}", Owner.BUILT_IN)):
        assert (await presets.named(ADA, reference)).owner is owner
    assert (await presets.named(ELSEWHERE, name)).recipe == DOGS, "one's own go along"


async def test_every_preset_that_is_suggested_is_the_one_that_its_reference_names(presets: Presets) -> None:
    await presets.save(MOD, "Puppy slugs", EYES, server=True)
    await presets.save(ADA, "Puppy slugs", DOGS)
    suggested = await presets.search(ADA, "pup")
    assert len(suggested) == 3
    assert [await presets.named(ADA, one.reference) for one in suggested] == suggested


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("pupy slug", "Did you mean Puppy slugs"),
        ("Waves", "no preset called “Waves” here. /preset list"),
        ("", "/preset list"),
        ("x" * 5000, "/preset list"),
        ("[a](http://b)", r"“\[a\]\(http\://b\)”"),
    ],
)
async def test_a_name_that_is_none_is_said_with_what_comes_near(presets: Presets, typed: str, words: str) -> None:
    with pytest.raises(UserError) as raised:
        await presets.named(ADA, typed)
    assert words in str(raised.value)
    assert len(str(raised.value)) < 300


async def test_a_hundred_fit_and_then_it_is_said_what_to_do(presets: Presets, monkeypatch: pytest.MonkeyPatch) -> None:
    assert service.MOST == 100
    monkeypatch.setattr(service, "MOST", 3)
    for number in range(3):
        await presets.save(ADA, f"a{number}", EYES)
        await presets.save(MOD, f"s{number}", EYES, server=True)
    with pytest.raises(UserError, match=r"You have 3 presets.*delete one first"):
        await presets.save(ADA, "one more", EYES)
    with pytest.raises(UserError, match="This server has 3 presets"):
        await presets.save(MOD, "one more", EYES, server=True)
    await presets.save(BOB, "first", EYES)


async def test_a_name_that_is_taken_is_said_whatever_its_case(presets: Presets) -> None:
    first = await presets.save(ADA, "Straße", EYES)
    other = await presets.save(ADA, "Alley", EYES)
    with pytest.raises(UserError, match="You have a preset called “STRASSE” already"):
        await presets.save(ADA, "STRASSE", DOGS)
    with pytest.raises(UserError, match="already"):
        await presets.rename(ADA, other, "strasse")
    assert (await presets.rename(ADA, first, "STRASSE")).name == "STRASSE"


@pytest.mark.parametrize("viewer", [ADA, replace(MOD, guild_id=None)])
async def test_only_who_moderates_a_server_saves_for_it(presets: Presets, viewer: Viewer) -> None:
    with pytest.raises(UserError, match=r"manage this server|Here is no server"):
        await presets.save(viewer, "House", EYES, server=True)


async def test_what_was_shown_a_moment_ago_may_be_gone(presets: Presets) -> None:
    mine = await presets.save(ADA, "Waves", EYES)
    await presets.delete(ADA, mine)
    for act in (presets.delete(ADA, mine), presets.rename(ADA, mine, "b"), presets.share(ADA, mine)):
        with pytest.raises(UserError, match="no longer there"):
            await act


@pytest.mark.parametrize("tag", ["0", "built-in:nothing", "", "-1", "9" * 18, "9" * 400, "1; DROP TABLE preset", "١"])
async def test_a_tag_that_somebody_made_up_names_nothing(presets: Presets, tag: str) -> None:
    with pytest.raises(UserError, match="no longer there"):
        await presets.tagged(ADA, tag)


async def test_the_default_follows_a_person_and_ends_with_its_preset(presets: Presets) -> None:
    assert await presets.default_of(ADA) is None
    mine = await presets.save(ADA, "Waves", EYES)
    await presets.set_default(ADA, mine)
    renamed = await presets.rename(ADA, mine, "Billows")
    assert await presets.default_of(ELSEWHERE) == renamed
    assert await presets.default_of(BOB) is None
    await presets.delete(ADA, renamed)
    assert await presets.default_of(ADA) is None
    await presets.set_default(ADA, built_in()["half asleep"])
    assert await presets.default_of(ADA) == built_in()["half asleep"]


async def test_a_code_carries_the_recipe_and_its_pictures_and_the_restriction(
    presets: Presets, images: ImageStore
) -> None:
    guide = await images.put(b"a guide", "image/png", 8, 8)
    guided = Recipe(of="guide")
    mine = await presets.save(ADA, "Guided", guided, guide_hash=guide, restricted=True)
    code = await presets.share(ADA, mine)
    got = await presets.import_code(Viewer(77, None), code)
    assert (got.name, got.recipe, got.guide_hash, got.restricted) == ("Guided", guided, guide, True)
    await presets.delete(ADA, mine)
    with pytest.raises(UserError, match="Nobody shares a preset by this code"):
        await presets.import_code(BOB, code)
    assert got in await presets.all(Viewer(77, None)), "a copy stays"


async def test_a_recipe_without_pictures_is_restricted_nowhere(presets: Presets) -> None:
    assert not (await presets.save(ADA, "Waves", EYES, restricted=True)).restricted


async def test_a_file_is_imported_under_its_name_or_another(presets: Presets, files: SentFiles) -> None:
    mine = await presets.save(ADA, "Waves", EYES)
    files.sent["here"] = sharing.written(mine)
    assert (await presets.import_file(BOB, "here")).name == "Waves"
    assert (await presets.import_file(BOB, "here", "Billows")).recipe == EYES


async def test_a_file_with_a_network_that_is_not_here_is_refused_with_the_nearest(
    presets: Presets, files: SentFiles
) -> None:
    mine = json.loads(sharing.written(await presets.save(ADA, "Waves", EYES)))
    mine["recipe"]["network"] = "lite3"
    files.sent["here"] = json.dumps(mine).encode()
    with pytest.raises(RecipeError, match="Did you mean lite2"):
        await presets.import_file(BOB, "here")


async def test_one_whose_network_is_gone_is_mended_once_by_who_may(
    presets: Presets, store: PresetStore, woken: Woken
) -> None:
    mine = await presets.save(ADA, "Waves", EYES)
    assert mine.id is not None
    await store.replace_recipe(ADA, mine.id, mine.text.replace("lite2", "lite3"))
    broken = await presets.tagged(ADA, mine.tag)
    with pytest.raises(RecipeError, match="lite3"):
        _ = broken.recipe
    asked = woken.times
    mended = await presets.mend(ADA, broken)
    assert mended.recipe == EYES
    assert woken.times == asked + 1, "its thumbnail is made anew"
    assert await presets.mend(ADA, mended) == mended
    assert await presets.tagged(ADA, mine.tag) == mended


async def test_thumbnails_are_those_that_are_there(presets: Presets, store: PresetStore, images: ImageStore) -> None:
    small = await images.put(b"small", "image/webp", 8, 8)
    first, second = await presets.save(ADA, "a", EYES), await presets.save(ADA, "b", EYES)
    await store.set_thumbnail(first, small)
    shown = await presets.all(ADA)
    thumbnails = await presets.thumbnails(shown)
    assert thumbnails[shown[0]] == b"small"
    assert second not in thumbnails
    assert len(thumbnails) == 1 + len(built_in())
