"""What /dream makes of its options, with a picture and without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest
from simcord.results import InteractionResult
from simcord_stage import Stage, fields_of, submit, told_privately
from standins import DREAM, PNG

from bot.drafts import FORGOTTEN, MOST_KEPT, Draft, Kept
from bot.errors import UserError
from bot.job import Job
from bot.store.newest import Newest
from bot.views.drafting import NO_DREAM_HERE
from engine.recipe import NO_GUIDE, NO_MASK, Recipe

IMAGE = ("cup.png", PNG)
GUIDE = ("beads.png", PNG)


@dataclass
class OneDream:
    """What ``bot.store.newest`` finds, whoever asks."""

    job: Job | None
    asked: dict[str, Any] | None = None

    async def dream_in(self, channel_id: int, **viewer: Any) -> Job | None:
        self.asked = {"channel_id": channel_id, **viewer}
        return self.job


async def asked(stage: Stage, **options: Any) -> tuple[InteractionResult, Recipe]:
    """Let Ada type /dream with a picture and ``options``; returns the answer and the recipe that is asked for."""
    result = await stage.ada.slash(stage.channel, "dream", image=IMAGE, **options)
    return result, Recipe.from_json(stage.jobs.accepted[-1].recipe)


async def test_every_option_is_in_the_recipe(stage: Stage) -> None:
    options = {
        "of": "0.7 eyes + dogs",
        "look": "natural",
        "network": "lite0",
        "likeness": 0.5,
        "octaves": 3,
        "size": 640,
        "keep_colors": True,
        "where": "subject",
        "seed": 7,
    }
    _, recipe = await asked(stage, **options)
    assert recipe == Recipe(**options)


async def test_a_look_brings_its_own_defaults(stage: Stage) -> None:
    _, recipe = await asked(stage, look="natural", seed=1)
    assert recipe == Recipe(look="natural", seed=1, size=stage.client.settings.dream_size)


async def test_a_guide_is_dreamed_of_unless_something_else_is_named(stage: Stage) -> None:
    _, recipe = await asked(stage, guide=GUIDE)
    assert recipe.of == "guide"
    assert (stage.jobs.accepted[-1].guide_url or "").endswith("/beads.png")
    _, recipe = await asked(stage, guide=GUIDE, of="guide + 0.5 eyes")
    assert recipe.of == "guide + 0.5 eyes"
    _, recipe = await asked(stage, guide=GUIDE, of="eyes")
    assert recipe.of == "eyes"


async def test_a_mask_decides_where_unless_another_place_is_named(stage: Stage) -> None:
    _, recipe = await asked(stage, mask=GUIDE)
    assert recipe.where == "mask"
    assert (stage.jobs.accepted[-1].mask_url or "").endswith("/beads.png")
    _, recipe = await asked(stage, mask=GUIDE, where="background")
    assert recipe.where == "background"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"of": "guide"}, NO_GUIDE),
        ({"where": "mask"}, NO_MASK),
        ({"of": "dgos"}, "Did you mean dogs"),
        ({"network": "lite3"}, "lite2"),
        ({"guide": ("beads.png", b"")}, "empty"),
        ({"mask": ("mask.png", PNG + bytes(1024 * 1024))}, "MiB"),
    ],
)
async def test_what_cannot_be_dreamed_is_said_privately_at_once(
    stage: Stage, options: dict[str, Any], said: str
) -> None:
    result = await stage.ada.slash(stage.channel, "dream", image=IMAGE, **options)
    assert said in told_privately(result)
    assert stage.jobs.accepted == []
    assert stage.channel.history(viewer=stage.bob) == []


async def test_values_out_of_range_never_arrive(stage: Stage) -> None:
    (registered,) = (one.json for one in stage.env.http_requests if one.method == "PUT")
    (command,) = (one for one in registered if one["name"] == "dream")
    bounds = {one["name"]: (one["min_value"], one["max_value"]) for one in command["options"] if one.get("max_value")}
    assert bounds == {
        "likeness": (0.0, 1.0),
        "octaves": (1, 12),
        "size": (32, stage.client.settings.max_dream_size),
        "seed": (0, 2**32 - 1),
    }


async def test_private_is_seen_by_nobody_else(stage: Stage) -> None:
    result, _ = await asked(stage, private=True)
    assert result.ephemeral
    assert stage.jobs.accepted[0].private
    assert stage.channel.history(viewer=stage.bob) == []


@pytest.mark.parametrize("option", ["image", "guide", "mask"])
async def test_a_spoiler_stays_one(stage: Stage, option: str) -> None:
    await stage.ada.slash(stage.channel, "dream", **{"image": IMAGE, option: ("SPOILER_cup.png", PNG)})
    assert stage.jobs.accepted[0].spoiler


async def test_ones_own_avatar_needs_not_be_sent(stage: Stage) -> None:
    await stage.ada.slash(stage.channel, "dream", **{"from": "avatar"})
    (request,) = stage.jobs.accepted
    assert "/embed/avatars/" in (request.source_url or "")
    assert (request.source_url or "").endswith(".png?size=1024")


async def test_the_newest_dream_here_is_dreamed_on(stage: Stage) -> None:
    job, _ = await stage.ended(spoiler=True)
    found = OneDream(job)
    stage.client.newest = cast(Newest, found)
    await stage.bob.slash(stage.channel, "dream", **{"from": "newest", "of": "eyes"})
    (request,) = stage.jobs.accepted
    assert (request.source_hash, request.parent_id, request.spoiler) == (DREAM, job.id, True)
    assert Recipe.from_json(request.recipe).of == "eyes"
    assert found.asked == {"channel_id": stage.channel.id, "viewer_id": stage.bob.id, "restricted": False}


async def test_on_a_private_dream_of_ones_own_only_a_private_one_follows(stage: Stage) -> None:
    job, _ = await stage.ended(private=True)
    stage.client.newest = cast(Newest, OneDream(job))
    await stage.ada.slash(stage.channel, "dream", **{"from": "newest"})
    assert stage.jobs.accepted[0].private


async def test_where_there_is_no_dream_yet_that_is_said(stage: Stage) -> None:
    stage.client.newest = cast(Newest, OneDream(None))
    result = await stage.ada.slash(stage.channel, "dream", **{"from": "newest"})
    assert told_privately(result) == NO_DREAM_HERE


# Without a picture, a form asks for one.


async def test_without_a_picture_a_form_asks_for_it_and_the_dream_begins(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "dream")
    assert shown.modal is not None
    assert stage.jobs.accepted == []
    result = await submit(stage.ada, shown, picture=IMAGE, of="eyes", look="natural")
    assert result.deferred
    (request,) = stage.jobs.accepted
    recipe = Recipe.from_json(request.recipe)
    assert (recipe.of, recipe.look, recipe.likeness) == ("eyes", "natural", 0.7)
    assert (request.source_url or "").endswith("/cup.png")
    assert request.message_id == (result.response.id if result.response else None)


async def test_a_form_left_as_it_is_dreams_as_the_command_does(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "dream")
    await submit(stage.ada, shown, picture=("SPOILER_cup.png", PNG))
    (request,) = stage.jobs.accepted
    recipe = Recipe.from_json(request.recipe)
    assert recipe == Recipe(size=stage.client.settings.dream_size, seed=recipe.seed)
    assert request.spoiler


async def test_a_bare_form_outlives_a_restart(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "dream")
    await stage.restart()
    await submit(stage.ada, shown, picture=IMAGE)
    assert len(stage.jobs.accepted) == 1


async def test_what_was_typed_before_the_form_is_kept(stage: Stage) -> None:
    options = {"of": "eyes", "likeness": 0.25, "octaves": 3, "seed": 7, "guide": GUIDE, "private": True}
    shown = await stage.ada.slash(stage.channel, "dream", **options)
    result = await submit(stage.ada, shown, picture=IMAGE)
    assert result.ephemeral
    (request,) = stage.jobs.accepted
    recipe = Recipe.from_json(request.recipe)
    assert (recipe.of, recipe.likeness, recipe.octaves, recipe.seed) == ("eyes", 0.25, 3, 7)
    assert request.private
    assert request.guide_url is not None


async def test_what_was_typed_before_a_restart_is_said_to_be_gone(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "dream", of="eyes")
    await stage.restart()
    assert told_privately(await submit(stage.ada, shown, picture=IMAGE)) == FORGOTTEN
    assert stage.jobs.accepted == []


async def test_a_form_with_a_slip_is_offered_again_with_all_that_was_in_it(stage: Stage) -> None:
    shown = await stage.ada.slash(stage.channel, "dream", likeness=0.25)
    typed = {"picture": IMAGE, "of": "dgos", "look": "natural"}
    refused = await submit(stage.ada, shown, **typed)
    assert "Did you mean dogs" in told_privately(refused)
    assert refused.response is not None
    again = await stage.ada.click(refused.response, label="Edit again")
    fields = fields_of(again)
    assert fields["of"]["value"] == "dgos"
    assert [one["value"] for one in fields["look"]["options"] if one.get("default")] == ["natural"]
    assert fields["picture"]["required"] is False
    await submit(stage.ada, again, of="dogs")
    (request,) = stage.jobs.accepted
    recipe = Recipe.from_json(request.recipe)
    assert (recipe.of, recipe.look, recipe.likeness) == ("dogs", "natural", 0.25)
    assert (request.source_url or "").endswith("/cup.png")


async def test_a_full_queue_loses_nothing_of_a_form_either(stage: Stage) -> None:
    stage.jobs.trouble["accept"] = UserError("The queue is full: try again in a minute.")
    shown = await stage.ada.slash(stage.channel, "dream")
    refused = await submit(stage.ada, shown, picture=IMAGE, of="eyes")
    assert told_privately(refused) == "The queue is full: try again in a minute."
    del stage.jobs.trouble["accept"]
    again = await stage.ada.click(refused.followups[0], label="Edit again")
    await submit(stage.ada, again)
    assert Recipe.from_json(stage.jobs.accepted[0].recipe).of == "eyes"


async def test_another_persons_draft_is_not_opened(stage: Stage) -> None:
    drafts = stage.client.drafts
    key = drafts.keep(Kept(stage.ada.id, Draft(cast(Any, None)), {}))
    with pytest.raises(UserError, match="no longer kept"):
        drafts.get(key, stage.bob.id)


def test_drafts_have_a_bound() -> None:
    from bot.drafts import Drafts

    now = 0.0
    drafts = Drafts(lambda: now)
    kept = Kept(1, Draft(cast(Any, None)), {})
    first = drafts.keep(kept)
    keys = [drafts.keep(kept) for _ in range(MOST_KEPT)]
    with pytest.raises(UserError):
        drafts.get(first, 1)
    assert drafts.get(keys[0], 1) == kept
    now = 3601.0
    with pytest.raises(UserError):
        drafts.get(keys[0], 1)
