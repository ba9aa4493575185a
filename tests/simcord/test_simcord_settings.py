"""/settings: who may manage the server settles what holds there, and everybody sees who did; nobody else may."""

from __future__ import annotations

import discord
import pytest
from settings_stage import Managed, chosen, part
from simcord_stage import Stage, text_of, told_privately
from standins import PNG

from bot.guild import ChosenPreset
from bot.guilds import CHANGED_MEANWHILE
from bot.job import State
from bot.preset import Viewer
from bot.views.admission import HIDDEN, NOT_HERE_ALONE
from bot.views.settings import layout, words
from bot.views.settings.panel import MODERATORS_ONLY
from engine.recipe import Recipe


async def test_the_panel_shows_a_manager_that_nothing_is_settled_yet(managed: Managed) -> None:
    panel = await managed.opened()
    for act in (layout.CHANNELS, layout.ROLES, layout.PRIORITY, layout.LOG):
        assert chosen(panel, act) == []
    assert chosen(panel, layout.LANGUAGE) == chosen(panel, layout.SIZE) == [layout.NONE]
    assert words.NO_LIMIT in text_of(panel)
    assert part(panel, layout.PREVIEWS)["label"] == "Previews: on"


async def test_discord_offers_the_command_to_managers_only(managed: Managed) -> None:
    stage = managed.stage
    assert "settings" in managed.eve.available_commands(stage.channel)
    assert "settings" not in stage.ada.available_commands(stage.channel)
    assert "settings" not in stage.mod.available_commands(stage.channel)


async def test_each_choice_is_settled_and_shown(managed: Managed) -> None:
    stage = managed.stage
    panel = await managed.opened()
    await managed.choose(panel, layout.CHANNELS, stage.channel)
    await managed.choose(managed.seen(panel.id), layout.ROLES, managed.role)
    await managed.choose(managed.seen(panel.id), layout.PRIORITY, managed.role)
    await managed.choose(managed.seen(panel.id), layout.LANGUAGE, "de")
    await managed.choose(managed.seen(panel.id), layout.SIZE, "512")
    await managed.choose(managed.seen(panel.id), layout.LOG, stage.channel)
    await managed.press(managed.seen(panel.id), layout.PREVIEWS)
    now = managed.settings
    assert now.channels == (stage.channel.id,)
    assert now.roles == now.priority_roles == (managed.role.id,)
    assert (now.language, now.max_size, now.log_channel, now.previews) == ("de", 512, stage.channel.id, False)
    panel = managed.seen(panel.id)
    assert chosen(panel, layout.CHANNELS) == chosen(panel, layout.LOG) == [str(stage.channel.id)]
    assert chosen(panel, layout.ROLES) == [str(managed.role.id)]
    assert (chosen(panel, layout.LANGUAGE), chosen(panel, layout.SIZE)) == (["de"], ["512"])
    assert part(panel, layout.PREVIEWS)["label"] == "Previews: off"


async def test_what_is_settled_can_be_taken_away_again(managed: Managed) -> None:
    await managed.settle(channels=(managed.stage.channel.id,), max_size=512, language="de")
    panel = await managed.opened()
    await managed.choose(panel, layout.CHANNELS)
    await managed.choose(managed.seen(panel.id), layout.SIZE, layout.NONE)
    await managed.choose(managed.seen(panel.id), layout.LANGUAGE, layout.NONE)
    assert (managed.settings.channels, managed.settings.max_size, managed.settings.language) == ((), None, None)


async def test_a_preset_is_chosen_by_name_and_one_that_is_gone_is_said_to_be(managed: Managed) -> None:
    stage = managed.stage
    presets, server = stage.client.presets, Viewer(managed.eve.id, stage.guild.id, moderates=True)
    ours = await presets.save(server, "House style", Recipe(steps=3), server=True)
    await presets.save(Viewer(managed.eve.id, None), "Private", Recipe())
    panel = await managed.opened()
    offered = [one["label"] for one in part(panel, layout.PRESET)["options"]]
    assert offered[:2] == ["No preset", "House style"]
    assert len(offered) > 10, "the built-in ones too"
    assert "Private" not in offered
    await managed.choose(panel, layout.PRESET, ours.tag)
    assert managed.settings.default_preset == ChosenPreset(tag=ours.tag, name="House style")
    await presets.delete(server, ours)
    panel = await managed.opened()
    assert chosen(panel, layout.PRESET) == [ours.tag]
    assert part(panel, layout.PRESET)["options"][1]["label"] == "House style, which is gone"
    await managed.choose(panel, layout.PRESET, layout.NONE)
    assert managed.settings.default_preset is None


async def test_limits_are_typed_into_a_form_that_shows_what_is_settled(managed: Managed) -> None:
    panel = await managed.opened()
    shown = await managed.press(panel, layout.PERSON)
    await managed.eve.submit_modal(shown, {"waiting": "2", "running": "", "gflop_a_day": "1500,5"})
    assert managed.settings.person.model_dump() == {"waiting": 2, "running": None, "gflop_a_day": 1500.5}
    assert "2 waiting, 1500.5 GFLOP a day" in text_of(managed.seen(panel.id))
    shown = await managed.press(managed.seen(panel.id), layout.SERVER)
    await managed.eve.submit_modal(shown, {"running": "1"})
    assert managed.settings.server.running == 1
    assert managed.settings.person.waiting == 2


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"waiting": "many"}, "“many” is no whole number from 1 to 5"),
        ({"waiting": "6"}, "“6” is no whole number from 1 to 5"),
        ({"waiting": "0"}, "“0” is no whole number"),
        ({"gflop_a_day": "-3"}, "“-3” is no number"),
    ],
)
async def test_what_is_no_limit_or_wider_than_the_services_own_is_refused(
    managed: Managed, typed: dict[str, str], said: str
) -> None:
    shown = await managed.press(await managed.opened(), layout.PERSON)
    assert said in told_privately(await managed.eve.submit_modal(shown, typed))
    assert managed.settings.person.waiting is None


async def test_who_may_not_manage_the_server_changes_nothing_by_a_panel_in_their_hands(managed: Managed) -> None:
    panel = await managed.opened()
    public = await managed.stage.copy_in_public(panel)
    for person in (managed.stage.ada, managed.stage.mod):
        for act, values in ((layout.SIZE, ["512"]), (layout.CHANNELS, [managed.stage.channel])):
            refused = await managed.choose(public, act, *values, by=person)
            assert told_privately(refused) == MODERATORS_ONLY
        for act in (layout.PREVIEWS, layout.PERSON, layout.CHANGES):
            assert told_privately(await managed.press(public, act, by=person)) == MODERATORS_ONLY
    assert managed.settings == type(managed.settings)()


async def test_a_right_that_was_taken_away_is_gone_at_once_in_an_open_panel_and_form(managed: Managed) -> None:
    panel = await managed.opened()
    form = await managed.press(panel, layout.PERSON)
    await managed.stage.dismiss(managed.eve, managed.role)
    assert told_privately(await managed.choose(panel, layout.SIZE, "512")) == MODERATORS_ONLY
    assert told_privately(await managed.eve.submit_modal(form, {"waiting": "2"})) == MODERATORS_ONLY
    assert managed.settings.max_size is None


async def test_of_two_at_once_the_later_sees_that_it_has_changed_and_nothing_is_lost(managed: Managed) -> None:
    mine, theirs = await managed.opened(), await managed.opened(managed.max)
    form = await managed.press(theirs, layout.PERSON, by=managed.max)
    await managed.choose(mine, layout.SIZE, "512")
    refused = await managed.choose(theirs, layout.SIZE, "256", by=managed.max)
    late = await managed.max.submit_modal(form, {"waiting": "2"})
    for result in (refused, late):
        assert [(text_of(one), one.ephemeral) for one in result.followups] == [(CHANGED_MEANWHILE, True)]
    assert managed.settings.max_size == 512
    theirs = managed.seen(theirs.id, managed.max)
    assert chosen(theirs, layout.SIZE) == ["512"], "their panel shows what holds now"
    await managed.choose(theirs, layout.SIZE, "256", by=managed.max)
    assert managed.settings.max_size == 256


async def test_a_panel_and_a_form_from_before_a_restart_work(managed: Managed) -> None:
    panel = await managed.opened()
    await managed.choose(panel, layout.SIZE, "512")
    panel = managed.seen(panel.id)
    form = await managed.press(panel, layout.PERSON)
    await managed.restart()
    assert managed.settings.max_size == 512
    await managed.eve.submit_modal(form, {"waiting": "2"})
    assert managed.settings.person.waiting == 2
    await managed.choose(managed.seen(panel.id), layout.LANGUAGE, "de")
    assert managed.settings.language == "de"


async def test_the_last_changes_say_who_changed_what_from_what(managed: Managed) -> None:
    panel = await managed.opened()
    shown = await managed.press(panel, layout.CHANGES)
    assert words_of(managed, panel) == ""
    assert shown.response is not None or managed.seen(panel.id) is not None
    panel = await managed.opened()
    for size in range(11):
        await managed.choose(managed.seen(panel.id), layout.SIZE, str(layout.SIZES[size % 2]))
    await managed.press(managed.seen(panel.id), layout.CHANGES)
    said = words_of(managed, panel)
    assert said.count("changed **Largest size**") == 10
    assert f"<@{managed.eve.id}>" in said
    assert said.splitlines()[0].endswith("384 pixels → 256 pixels"), "the newest first"
    await managed.press(managed.seen(panel.id), layout.PANEL)
    assert chosen(managed.seen(panel.id), layout.SIZE) == ["256"]


def words_of(managed: Managed, panel: discord.Message) -> str:
    lines = text_of(managed.seen(panel.id)).splitlines()
    return "\n".join(one for one in lines if "changed" in one and one.startswith("- "))


async def test_changes_are_written_into_the_log_channel_and_call_nobody(managed: Managed) -> None:
    log = managed.stage.guild.create_text_channel("log")
    other = managed.stage.guild.create_text_channel("other-log")
    panel = await managed.opened()
    await managed.choose(panel, layout.LOG, log)
    await managed.choose(managed.seen(panel.id), layout.ROLES, managed.role)
    assert [f"<@{managed.eve.id}> changed" in one.content for one in log.history()] == [True, True]
    assert f"Everybody → <@&{managed.role.id}>" in log.history()[-1].content
    posts = [one.json for one in managed.stage.env.http_requests if one.path.endswith(f"/channels/{log.id}/messages")]
    assert [one and one["allowed_mentions"] for one in posts] == [{"parse": []}] * 2
    assert all(one and one["enforce_nonce"] for one in posts)
    await managed.choose(managed.seen(panel.id), layout.LOG, other)
    assert len(log.history()) == 3, "where it was written until now, too"
    assert len(other.history()) == 1


async def test_a_log_channel_that_i_may_not_write_to_is_refused_and_a_lost_right_is_said(managed: Managed) -> None:
    stage = managed.stage
    closed = stage.guild.create_text_channel(
        "closed", overwrites={stage.guild.default_role: discord.PermissionOverwrite(send_messages=False)}
    )
    panel = await managed.opened()
    refused = await managed.choose(panel, layout.LOG, closed)
    assert f"I may not write in <#{closed.id}>" in told_privately(refused)
    await managed.settle(log_channel=closed.id)
    panel = await managed.opened()
    assert layout.LOG_LOST in text_of(panel)
    await managed.choose(panel, layout.SIZE, "512")
    assert managed.settings.max_size == 512
    assert layout.LOG_LOST in text_of(managed.seen(panel.id))


async def test_what_a_moderator_does_to_anothers_dream_is_logged_and_ones_own_is_not(managed: Managed) -> None:
    stage = managed.stage
    log = stage.guild.create_text_channel("log")
    await managed.settle(log_channel=log.id)
    _, message = await stage.ended()
    await stage.mod.click(message, label="Delete")
    (line,) = log.history()
    assert f"<@{stage.mod.id}> deleted a dream of <@{stage.ada.id}> in <#{stage.channel.id}>" in line.content
    _, message = await stage.ended()
    await stage.ada.click(message, label="Delete")
    assert len(log.history()) == 1


async def test_ending_anothers_dream_from_the_panel_of_the_queue_is_logged(managed: Managed) -> None:
    stage = managed.stage
    log = stage.guild.create_text_channel("log")
    await managed.settle(log_channel=log.id)
    await stage.dream()
    job = next(iter(stage.jobs.known.values()))
    panel = await stage.mod.slash(stage.channel, "queue")
    assert panel.response is not None
    await stage.mod.select(panel.response, values=[str(job.id)], custom_id="oneiros:moderate:all")
    (line,) = log.history()
    assert f"<@{stage.mod.id}> cancelled a dream of <@{stage.ada.id}>" in line.content


async def test_a_log_channel_that_is_no_longer_there_holds_nothing_up(managed: Managed) -> None:
    stage = managed.stage
    await managed.settle(log_channel=12345)
    _, message = await stage.ended()
    await stage.mod.click(message, label="Delete")
    assert len(stage.jobs.removed) == 1
    assert layout.LOG_LOST in text_of(await managed.opened())


async def test_a_channel_that_i_may_not_see_is_not_named_and_is_no_log_channel(managed: Managed) -> None:
    stage = managed.stage
    hidden = stage.guild.create_text_channel(HIDDEN)
    panel = await managed.opened()
    assert "I may not write in" in told_privately(await managed.choose(panel, layout.LOG, hidden))
    await managed.settle(channels=(hidden.id,))
    assert chosen(await managed.opened(), layout.CHANNELS) == []
    assert told_privately(await stage.dream()) == NOT_HERE_ALONE


async def test_without_previews_a_dream_is_shown_in_words_until_it_is_there(managed: Managed) -> None:
    stage = managed.stage
    await managed.settle(previews=False)
    await stage.dream()
    job = stage.change(stage.jobs.accepted[-1].interaction_id, state=State.RUNNING)
    await stage.show(job, octave=1, octaves=3, preview=PNG)
    assert stage.message(job).attachments == []
    assert "octave 1 of 3" in text_of(stage.message(job))


async def test_the_settings_are_the_servers_and_no_direct_messages(managed: Managed) -> None:
    stage: Stage = managed.stage
    await managed.settle(max_size=256)
    assert stage.client.guild_settings.of(None).max_size is None
    assert stage.client.guild_settings.of(1).max_size is None
