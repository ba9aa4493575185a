"""The gallery's part of /settings: how dreams come in, where they are posted, and its page on the web."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest
from settings_stage import Managed, chosen
from simcord_stage import text_of, told_privately

from bot.guild import WEB_KEY, GalleryMode, GallerySettings, WebMode
from bot.guilds import CHANGED_MEANWHILE
from bot.views.admission import HIDDEN
from bot.views.settings import gallery_layout, layout
from bot.views.settings.gallery_controls import NO_PAGE
from bot.views.settings.panel import MODERATORS_ONLY

ADDRESS = "https://dreams.example"


def settled(managed: Managed) -> GallerySettings:
    return managed.settings.gallery


async def opened(managed: Managed) -> discord.Message:
    """Open the gallery's settings; returns the panel's message, which shows them."""
    panel = await managed.opened()
    await managed.press(panel, layout.GALLERY)
    return managed.seen(panel.id)


def with_address(managed: Managed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the operator have given the bot an address on the web."""
    client = managed.stage.client
    monkeypatch.setattr(client, "settings", client.settings.model_copy(update={"web_url": ADDRESS}))


async def test_the_panel_leads_to_the_gallery_and_back(managed: Managed) -> None:
    panel = await opened(managed)
    assert chosen(panel, gallery_layout.MODE) == ["open"]
    assert chosen(panel, gallery_layout.WEB) == ["off"]
    assert chosen(panel, gallery_layout.CHANNEL) == []
    said = text_of(panel)
    assert "**Votes that add a dream**: Never" in said
    assert "**Reports that hide a dream**: 3" in said
    assert "**Dreams of one person a day**: 10" in said
    await managed.press(panel, layout.PANEL)
    assert chosen(managed.seen(panel.id), layout.SIZE) == [layout.NONE]


async def test_a_mode_is_chosen_and_the_log_says_in_words_what_changed(managed: Managed) -> None:
    log = managed.stage.guild.create_text_channel("log")
    await managed.settle(log_channel=log.id)
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.MODE, "approval")
    assert settled(managed).mode is GalleryMode.APPROVAL
    assert chosen(managed.seen(panel.id), gallery_layout.MODE) == ["approval"], "the gallery's part is shown again"
    (line,) = log.history()
    assert line.content == f"<@{managed.eve.id}> changed **Gallery · Mode**: Open to everybody → With approval"
    await managed.press(managed.seen(panel.id), layout.PANEL)
    await managed.press(managed.seen(panel.id), layout.CHANGES)
    assert "changed **Gallery · Mode**: Open to everybody → With approval" in text_of(managed.seen(panel.id))


async def test_what_else_is_settled_of_the_gallery_stays(managed: Managed) -> None:
    await managed.settle(gallery={"reports_to_hide": 7, "channel": managed.stage.channel.id})
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.MODE, "closed")
    assert (settled(managed).reports_to_hide, settled(managed).channel) == (7, managed.stage.channel.id)
    await managed.choose(managed.seen(panel.id), gallery_layout.CHANNEL)
    assert (settled(managed).mode, settled(managed).channel) == (GalleryMode.CLOSED, None)


async def test_a_channel_is_taken_where_pictures_can_be_posted_and_said_to_be_age_restricted(managed: Managed) -> None:
    adults = managed.stage.guild.create_text_channel("after-dark")
    channel = managed.stage.client.get_channel(adults.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True
    panel = await opened(managed)
    assert gallery_layout.NO_CHANNEL in text_of(panel)
    await managed.choose(panel, gallery_layout.CHANNEL, managed.stage.channel)
    assert gallery_layout.UNRESTRICTED in text_of(managed.seen(panel.id))
    await managed.choose(managed.seen(panel.id), gallery_layout.CHANNEL, adults)
    assert settled(managed).channel == adults.id
    assert gallery_layout.RESTRICTED in text_of(managed.seen(panel.id))


@pytest.mark.parametrize("lacking", ["view_channel", "send_messages", "attach_files"])
async def test_a_channel_where_a_right_is_lacking_is_refused_and_a_lost_one_is_said(
    managed: Managed, lacking: str
) -> None:
    guild = managed.stage.guild
    closed = guild.create_text_channel(
        "closed",
        overwrites={
            guild.default_role: discord.PermissionOverwrite(**{lacking: False}),
            managed.role: discord.PermissionOverwrite(view_channel=True),
        },
    )
    panel = await opened(managed)
    refused = await managed.choose(panel, gallery_layout.CHANNEL, closed)
    assert f"I may not post dreams in <#{closed.id}>" in told_privately(refused)
    assert settled(managed).channel is None
    await managed.settle(gallery={"channel": closed.id})
    assert gallery_layout.CHANNEL_LOST in text_of(await opened(managed))


async def test_a_channel_that_i_may_not_see_is_no_gallery_channel(managed: Managed) -> None:
    hidden = managed.stage.guild.create_text_channel(HIDDEN)
    refused = await managed.choose(await opened(managed), gallery_layout.CHANNEL, hidden)
    assert "I may not post dreams in" in told_privately(refused)


async def test_a_key_is_drawn_when_the_web_page_is_first_wanted_and_stays_when_it_is_off_for_a_while(
    managed: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_address(managed, monkeypatch)
    panel = await opened(managed)
    assert gallery_layout.DREAMERS_AGREE in text_of(panel)
    await managed.choose(panel, gallery_layout.WEB, "unlisted")
    key = settled(managed).web_key
    assert settled(managed).web is WebMode.UNLISTED
    assert key is not None
    assert re.fullmatch(WEB_KEY, key)
    assert f"{ADDRESS}/g/{key}" in text_of(managed.seen(panel.id))
    await managed.choose(managed.seen(panel.id), gallery_layout.WEB, "off")
    assert ADDRESS not in text_of(managed.seen(panel.id))
    await managed.choose(managed.seen(panel.id), gallery_layout.WEB, "public")
    assert settled(managed).web_key == key


async def test_the_page_calls_the_server_as_it_is_called_when_the_page_is_chosen(managed: Managed) -> None:
    log = managed.stage.guild.create_text_channel("log")
    await managed.settle(log_channel=log.id)
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.WEB, "public")
    assert settled(managed).web_name == "The Lighthouse"
    (written,) = log.history()
    assert "changed **Gallery · Name on the web page**: None → “The Lighthouse”" in written.content
    await managed.choose(managed.seen(panel.id), gallery_layout.WEB, "off")
    assert settled(managed).web_name == "The Lighthouse"


async def test_a_new_link_ends_the_old_one_and_no_link_stands_in_a_log(
    managed: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_address(managed, monkeypatch)
    log = managed.stage.guild.create_text_channel("log")
    await managed.settle(log_channel=log.id)
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.WEB, "unlisted")
    old = settled(managed).web_key
    await managed.press(managed.seen(panel.id), gallery_layout.NEW_LINK)
    new = settled(managed).web_key
    assert new != old
    assert f"{ADDRESS}/g/{new}" in text_of(managed.seen(panel.id))
    lines = [one.content for one in log.history()]
    assert lines[-1] == f"<@{managed.eve.id}> made a new **Gallery · Link to the web page**"
    await managed.press(managed.seen(panel.id), layout.PANEL)
    await managed.press(managed.seen(panel.id), layout.CHANGES)
    everything = "\n".join([*lines, text_of(managed.seen(panel.id))])
    assert "made a new **Gallery · Link to the web page**" in text_of(managed.seen(panel.id))
    assert str(old) not in everything
    assert str(new) not in everything
    rows = await managed.store.changes(managed.stage.guild.id, 10)
    assert not [one for one in rows if {str(old), str(new)} & {str(one.before), str(one.after)}]


async def test_without_an_address_on_the_web_it_is_said_that_there_is_no_page(managed: Managed) -> None:
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.WEB, "unlisted")
    said = text_of(managed.seen(panel.id))
    assert gallery_layout.NO_ADDRESS in said
    assert str(settled(managed).web_key) not in said


async def test_a_new_link_of_a_page_that_is_off_is_refused(managed: Managed) -> None:
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.WEB, "public")
    shown = managed.seen(panel.id)
    await managed.settle(gallery={"web": "off"})
    assert told_privately(await managed.press(shown, gallery_layout.NEW_LINK)) == NO_PAGE


async def test_numbers_are_typed_into_a_form_that_shows_them(managed: Managed) -> None:
    panel = await opened(managed)
    form = await managed.press(panel, gallery_layout.NUMBERS)
    await managed.eve.submit_modal(form, {"votes_to_add": "5", "reports_to_hide": "2", "a_day": "30"})
    now = settled(managed)
    assert (now.votes_to_add, now.reports_to_hide, now.a_day) == (5, 2, 30)
    assert "**Votes that add a dream**: 5" in text_of(managed.seen(panel.id))
    form = await managed.press(managed.seen(panel.id), gallery_layout.NUMBERS)
    await managed.eve.submit_modal(form, {"votes_to_add": "", "reports_to_hide": "2", "a_day": "30"})
    assert settled(managed).votes_to_add is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"votes_to_add": "0"}, "“0” is no whole number from 1 to 1000: write one, or nothing"),
        ({"reports_to_hide": "1001"}, "“1001” is no whole number from 1 to 1000"),
        ({"reports_to_hide": "  "}, "“” is no whole number"),
        ({"a_day": "²"}, "“²” is no whole number"),
    ],
)
async def test_what_is_no_such_number_is_refused(managed: Managed, typed: dict[str, Any], said: str) -> None:
    form = await managed.press(await opened(managed), gallery_layout.NUMBERS)
    given = {"votes_to_add": "", "reports_to_hide": "3", "a_day": "10", **typed}
    assert said in told_privately(await managed.eve.submit_modal(form, given))
    assert settled(managed) == GallerySettings()


async def test_who_may_not_manage_the_server_changes_nothing(managed: Managed) -> None:
    panel = await opened(managed)
    await managed.choose(panel, gallery_layout.WEB, "public")
    form = await managed.press(managed.seen(panel.id), gallery_layout.NUMBERS)
    before = settled(managed)
    public = await managed.stage.copy_in_public(managed.seen(panel.id))
    for person in (managed.stage.ada, managed.stage.mod):
        for act, values in (
            (gallery_layout.MODE, ["closed"]),
            (gallery_layout.WEB, ["off"]),
            (gallery_layout.CHANNEL, [managed.stage.channel]),
        ):
            assert told_privately(await managed.choose(public, act, *values, by=person)) == MODERATORS_ONLY
        for act in (gallery_layout.NEW_LINK, gallery_layout.NUMBERS):
            assert told_privately(await managed.press(public, act, by=person)) == MODERATORS_ONLY
    await managed.stage.dismiss(managed.eve, managed.role)
    late = await managed.eve.submit_modal(form, {"votes_to_add": "1", "reports_to_hide": "1", "a_day": "1"})
    assert told_privately(late) == MODERATORS_ONLY
    assert settled(managed) == before


async def test_of_two_at_once_the_later_sees_the_gallery_as_it_is(managed: Managed) -> None:
    mine = await opened(managed)
    other = await managed.opened(managed.max)
    await managed.press(other, layout.GALLERY, by=managed.max)
    other = managed.seen(other.id, managed.max)
    await managed.choose(mine, gallery_layout.MODE, "approval")
    refused = await managed.choose(other, gallery_layout.MODE, "closed", by=managed.max)
    assert [text_of(one) for one in refused.followups] == [CHANGED_MEANWHILE]
    assert chosen(managed.seen(other.id, managed.max), gallery_layout.MODE) == ["approval"]


async def test_the_gallerys_part_from_before_a_restart_works(managed: Managed) -> None:
    panel = await opened(managed)
    form = await managed.press(panel, gallery_layout.NUMBERS)
    await managed.restart()
    await managed.eve.submit_modal(form, {"votes_to_add": "5", "reports_to_hide": "2", "a_day": "30"})
    assert settled(managed).votes_to_add == 5
    await managed.choose(managed.seen(panel.id), gallery_layout.MODE, "closed")
    assert settled(managed).mode is GalleryMode.CLOSED
