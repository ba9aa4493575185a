"""What somebody who types /dream gets, and what is written down of it."""

from __future__ import annotations

import discord
import pytest
from simcord_stage import DEFERRED, EPHEMERAL, Stage
from standins import PNG

from bot.registration import register
from engine.recipe import Recipe

ATTACHMENT = 11
IN_GUILDS, IN_DIRECT_MESSAGES, ELSEWHERE = 0, 1, 2
OF_A_GUILD, OF_A_PERSON = 0, 1


async def test_the_command_is_there_with_its_options_and_what_they_do(stage: Stage) -> None:
    assert {"cancel", "dream", "queue"} <= set(stage.ada.available_commands(stage.channel))
    (registered,) = (one.json for one in stage.env.http_requests if one.method == "PUT")
    (command,) = (one for one in registered if one["name"] == "dream")
    assert command["description"] == "Send a picture, get it back dreamed"
    assert command["contexts"] == [IN_GUILDS, IN_DIRECT_MESSAGES, ELSEWHERE]
    assert command["integration_types"] == [OF_A_GUILD, OF_A_PERSON]
    assert all(len(one["description"]) > 9 and not one["required"] for one in command["options"])
    options = {one["name"]: one for one in command["options"]}
    for name, kinds in (("image", ["image", "video"]), ("guide", ["image"]), ("mask", ["image"])):
        assert (options[name]["type"], options[name]["file_types"]) == (ATTACHMENT, kinds)


async def test_a_restart_registers_nothing_anew(stage: Stage) -> None:
    def puts() -> int:
        return sum(one.method == "PUT" for one in stage.env.http_requests)

    assert puts() == 1
    client = stage.client
    assert client.application_id is not None
    await register(client.tree, client.application_id, client.registrations)
    assert puts() == 1


async def test_everybody_sees_thinking_before_the_job_is_written_down(stage: Stage) -> None:
    answered = []

    def look() -> None:
        answered.extend(one.json for one in stage.env.http_requests if one.path.endswith("/callback"))

    stage.jobs.before_accept = look
    result = await stage.dream()
    assert len(answered) == 1
    assert answered[0]["type"] == DEFERRED
    assert not (answered[0].get("data") or {}).get("flags", 0) & EPHEMERAL
    assert result.deferred
    assert not result.ephemeral
    assert result.response is not None
    assert result.response.id in {one.id for one in stage.channel.history(viewer=stage.bob)}


async def test_the_request_holds_who_where_and_what(stage: Stage) -> None:
    result = await stage.dream()
    (request,) = stage.jobs.accepted
    assert result.response is not None
    assert (request.person_id, request.guild_id, request.channel_id, request.message_id) == (
        stage.ada.id,
        stage.guild.id,
        stage.channel.id,
        result.response.id,
    )
    assert request.application_id == stage.client.application_id
    assert request.filesize_limit == 25 * 1024 * 1024  # what simcord's interactions say
    assert request.source_url is not None
    assert request.source_url.endswith("/cup.png")
    assert (request.source_hash, request.parent_id) == (None, None)
    assert Recipe.from_json(request.recipe).size == stage.client.settings.dream_size
    assert request.token not in repr(request)


async def test_a_priority_role_weighs_double_and_a_role_of_another_kind_does_not(stage: Stage) -> None:
    moderators = stage.guild.roles["Moderators"]
    settings = stage.client.settings
    for roles, weight in ((frozenset[int](), 1.0), (frozenset({moderators.id}), 2.0)):
        stage.client.settings = settings.model_copy(update={"priority_roles": roles})
        for actor, expected in ((stage.mod, weight), (stage.ada, 1.0)):
            await actor.slash(stage.channel, "dream", image=("cup.png", PNG))
            assert stage.jobs.accepted[-1].weight == expected


async def test_every_dream_has_a_seed_of_its_own(stage: Stage) -> None:
    await stage.dream()
    await stage.dream()
    assert len({Recipe.from_json(one.recipe).seed for one in stage.jobs.accepted}) == 2


async def test_an_ordinary_channel_is_not_restricted(stage: Stage) -> None:
    await stage.dream()
    assert stage.jobs.accepted[0].restricted is False


async def test_an_age_restricted_channel_is(stage: Stage) -> None:
    after_dark(stage)
    await stage.dream()
    assert stage.jobs.accepted[0].restricted is True


async def test_a_direct_message_counts_as_restricted(stage: Stage) -> None:
    await stage.ada.user.slash("dream", image=("cup.png", PNG))
    (request,) = stage.jobs.accepted
    assert (request.guild_id, request.restricted) == (None, True)
    assert request.channel_id == stage.ada.user.dm_channel.id


@pytest.mark.parametrize(("restricted", "known"), [(False, True), (True, True), (False, False)])
async def test_a_thread_is_as_restricted_as_its_channel_and_an_unknown_one_is(
    stage: Stage, restricted: bool, known: bool
) -> None:
    if restricted:
        after_dark(stage)
    parent = stage.client.get_channel(stage.channel.id)
    assert isinstance(parent, discord.TextChannel)
    await parent.create_thread(name="cups", type=discord.ChannelType.public_thread)
    await stage.env.settle()
    (thread,) = stage.channel.threads
    if not known:
        # The gateway tells this bot, and nobody else, that the channel is gone.
        gone = {"id": str(parent.id), "guild_id": str(stage.guild.id), "type": 0}
        stage.env.backend.emit("CHANNEL_DELETE", gone)
        await stage.env.settle()
        assert stage.client.get_channel(parent.id) is None
    await stage.dream(channel=thread)
    assert stage.jobs.accepted[0].channel_id == thread.id
    assert stage.jobs.accepted[0].restricted is (restricted or not known)


def after_dark(stage: Stage) -> None:
    """Make the channel age-restricted, which simcord does not simulate: the client's own knowledge is changed."""
    channel = stage.client.get_channel(stage.channel.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True
