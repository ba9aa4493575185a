"""Who may dream where: each kind of place × who asks, and how much is dreamed there."""

from __future__ import annotations

import discord
import pytest
import simcord
from settings_stage import Managed
from simcord_stage import PNG, told_privately

from bot.preset import Viewer
from bot.views.admission import NEEDS_GONE_ROLE, NOT_HERE_ALONE
from engine.recipe import Recipe
from engine.sentences import Sentence

PLACES = ("allowed", "thread of allowed", "post of allowed", "other", "thread of other", "post of other")


@pytest.fixture
async def places(managed: Managed) -> dict[str, simcord.ChannelHandle]:
    stage = managed.stage
    other = stage.guild.create_text_channel("other")
    found = {"allowed": stage.channel, "other": other}
    for name in ("allowed", "other"):
        channel = stage.client.get_channel(found[name].id)
        assert isinstance(channel, discord.TextChannel)
        await channel.create_thread(name="a talk", type=discord.ChannelType.public_thread)
        found[f"thread of {name}"] = found[name].threads[0]
        forum = stage.guild.create_forum_channel(f"{name}-forum")
        place = stage.client.get_channel(forum.id)
        assert isinstance(place, discord.ForumChannel)
        await place.create_thread(name="a post", content="Look.")
        found |= {f"forum {name}": forum, f"post of {name}": forum.threads[0]}
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("has_role", [True, False])
async def test_only_who_has_a_role_dreams_and_only_in_allowed_channels_and_their_threads(
    managed: Managed, places: dict[str, simcord.ChannelHandle], place: str, has_role: bool
) -> None:
    stage = managed.stage
    await managed.settle(channels=(places["allowed"].id, places["forum allowed"].id), roles=(managed.role.id,))
    person = managed.eve if has_role else stage.ada
    result = await person.slash(places[place], "dream", image=("cup.png", PNG))
    if "other" in place:
        either = f"<#{places['allowed'].id}> or <#{places['forum allowed'].id}>"
        assert told_privately(result) == f"Dreaming is not allowed in this channel. Try it in {either}."
    elif not has_role:
        assert told_privately(result) == "To dream in this server you need a role: “Managers”. Ask a moderator for it."
    assert len(stage.jobs.accepted) == int("other" not in place and has_role)


async def test_direct_messages_know_no_server(managed: Managed) -> None:
    await managed.settle(channels=(1,), roles=(1,), max_size=256)
    ada = managed.stage.env.create_user("dee")
    await ada.slash("dream", image=("cup.png", PNG))
    (request,) = managed.stage.jobs.accepted
    assert Recipe.from_json(request.recipe).size != 256


async def test_buttons_ask_too(managed: Managed) -> None:
    stage = managed.stage
    _, message = await stage.ended()
    await managed.settle(roles=(managed.role.id,))
    assert "you need a role" in told_privately(await stage.bob.click(message, label="Again"))
    await managed.eve.click(message, label="Again")
    assert [one.person_id for one in stage.jobs.accepted] == [managed.eve.id]


async def test_a_refusal_names_no_channel_that_the_person_cannot_see(managed: Managed) -> None:
    stage = managed.stage
    secret = stage.guild.create_text_channel(
        "secret", overwrites={stage.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    await managed.settle(channels=(secret.id,))
    assert told_privately(await stage.dream()) == NOT_HERE_ALONE


async def test_a_role_that_is_gone_lets_nobody_in_and_everybodys_role_lets_all(managed: Managed) -> None:
    stage = managed.stage
    await managed.settle(roles=(12345,))
    assert told_privately(await stage.dream()) == NEEDS_GONE_ROLE
    await managed.settle(roles=(stage.guild.id,))
    await stage.dream()
    assert len(stage.jobs.accepted) == 1


async def test_a_roles_name_calls_nobody_and_marks_up_nothing(managed: Managed) -> None:
    stage = managed.stage
    role = stage.guild.create_role("@everyone *now*")
    await managed.settle(roles=(role.id,))
    said = told_privately(await stage.dream())
    assert "@everyone" not in said
    assert r"\*now\*" in said


async def test_a_dream_is_made_as_small_as_the_server_wants_and_that_is_said(managed: Managed) -> None:
    stage = managed.stage
    await managed.settle(max_size=256)
    await stage.ada.slash(stage.channel, "dream", image=("cup.png", PNG), size=512)
    (request,) = stage.jobs.accepted
    assert Recipe.from_json(request.recipe).size == 256
    assert str(Sentence.from_text(request.note or "")) == "In this server dreams are at most 256 pixels large."
    await stage.dream()
    request = stage.jobs.accepted[-1]
    assert (Recipe.from_json(request.recipe).size, request.note) == (256, None), "who named no size misses none"
    await managed.settle(max_size=2048)
    await stage.ada.slash(stage.channel, "dream", image=("cup.png", PNG), size=512)
    request = stage.jobs.accepted[-1]
    assert (Recipe.from_json(request.recipe).size, request.note) == (512, None)


async def test_a_message_is_written_in_the_servers_language_where_it_has_one(managed: Managed) -> None:
    stage = managed.stage
    await stage.dream()
    await managed.settle(language="ja")
    await stage.dream()
    assert [one.locale for one in stage.jobs.accepted] == ["en-US", "ja"]


async def test_the_servers_priority_roles_weigh_double(managed: Managed) -> None:
    stage = managed.stage
    await managed.settle(priority_roles=(managed.role.id,))
    await stage.dream()
    await managed.eve.slash(stage.channel, "dream", image=("cup.png", PNG))
    assert [one.weight for one in stage.jobs.accepted] == [1.0, 2.0]


async def test_nobody_fills_in_a_form_to_be_refused_then(managed: Managed) -> None:
    stage = managed.stage
    _, message = await stage.ended()
    await managed.settle(roles=(managed.role.id,))
    assert "you need a role" in told_privately(await stage.ada.slash(stage.channel, "dream"))
    assert "you need a role" in told_privately(await stage.ada.click(message, label="Edit"))


async def test_the_servers_preset_is_dreamed_with_where_nobody_names_another(managed: Managed) -> None:
    stage = managed.stage
    presets, server = stage.client.presets, Viewer(managed.eve.id, stage.guild.id, moderates=True)
    ours = await presets.save(server, "House style", Recipe(steps=3, of="eyes"), server=True)
    await managed.settle(default_preset={"tag": ours.tag, "name": ours.name})
    await stage.dream()
    await stage.ada.slash(stage.channel, "dream", image=("cup.png", PNG), of="dogs")
    house, named = (Recipe.from_json(one.recipe) for one in stage.jobs.accepted)
    assert (house.steps, house.of, house.size) == (3, "eyes", stage.client.settings.dream_size)
    assert (named.steps, named.of) == (3, "dogs")
    own = Viewer(stage.ada.id, None)
    await presets.set_default(own, await presets.save(own, "Mine", Recipe(steps=4)))
    await stage.dream()
    await presets.set_default(own, None)
    await presets.delete(server, ours)
    await stage.dream()
    mine, gone = (Recipe.from_json(one.recipe) for one in stage.jobs.accepted[2:])
    assert mine.steps == 4, "a person's own goes first"
    assert gone.steps == Recipe().steps, "a preset that is gone stops nobody"
