"""The moderators' panel: queues and decisions, people, the log; whoever may not moderate gets nowhere."""

from __future__ import annotations

from typing import Any, Self

import discord
import pytest
from moderation_stage import Moderated, button, labels
from settings_stage import Managed
from simcord_stage import text_of, told_privately, walk

from bot.entry import EntryState
from bot.gallery.moderation import MODERATORS_ONLY
from bot.gallery.service import GONE
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.queues import Queues
from bot.views.gallery import notices
from bot.views.gallery.moderation import ids, layouts, telling
from bot.views.gallery.visiting import visitor_of
from bot.views.lasting import NOTHING_CHOSEN, Lasting

PENDING, SHOWN, HIDDEN, REMOVED = EntryState.PENDING, EntryState.SHOWN, EntryState.HIDDEN, EntryState.REMOVED


class Reporting(Lasting[discord.ui.Button[Any]], template="test:report:(?P<id>[0-9]+)"):
    """Reports an entry as a member's form does; two reports hide it."""

    def __init__(self, entry_id: int) -> None:
        super().__init__(discord.ui.Button(label="Press", custom_id=f"test:report:{entry_id}"))
        self.entry_id = entry_id

    @classmethod
    def found(cls, match: Any) -> Self:
        return cls(int(match["id"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        decisions, reason = Decisions(interaction.client.registrations._database), "upside\ndown @everyone"
        entry = await decisions.report(visitor_of(interaction), self.entry_id, reason, 2)
        assert entry is not None
        await telling.reported(interaction, entry, reason)


@pytest.fixture
def moderated(managed: Managed) -> Moderated:
    return Moderated.of(managed)


async def test_the_panel_counts_what_there_is_to_do(moderated: Moderated) -> None:
    panel = await moderated.opened()
    assert layouts.NOTHING_TO_DO in text_of(panel)
    assert labels(panel) == {"Log"}
    await moderated.added(PENDING)
    entry = await moderated.added()
    await moderated.report(entry, moderated.stage.bob)
    panel = await moderated.opened()
    assert "1 dream waits for approval\n- 1 dream is reported" in text_of(panel)
    assert labels(panel) == {"Waiting", "Reported", "Log"}


async def test_what_waits_is_shown_with_all_that_a_decision_needs_and_approved(moderated: Moderated) -> None:
    log = moderated.log()
    await moderated.managed.settle(log_channel=log.id)
    entry = await moderated.added(PENDING, title="Waves *and* @everyone", tags=("sea", "night"))
    await moderated.added(PENDING)
    panel = await moderated.queue("Waiting")
    said = text_of(panel)
    assert "**Waiting for approval** · 1 of 2" in said
    assert "Waves \\*and\\* @\u200beveryone" in said
    assert "\\#sea \\#night" in said
    assert f"Dreamed by <@{moderated.stage.ada.id}>" in said
    assert "classic lite2" in said
    assert [one.filename for one in panel.attachments] == [f"dream-{entry.id}.png"]
    await moderated.press(panel, "Approve")
    panel = moderated.seen(panel.id)
    assert "**Approved.** It is in the gallery now." in text_of(panel)
    assert "1 of 1" in text_of(panel), "the next one is shown"
    now = await moderated.now(entry)
    assert now is not None
    assert now.state is SHOWN
    (line,) = log.history()
    assert line.content == telling.APPROVED.format(
        moderator=f"<@{moderated.mod.id}>", person=f"<@{moderated.stage.ada.id}>"
    )
    await moderated.press(panel, "Approve")
    assert "Nothing waits for approval." in text_of(moderated.seen(panel.id))
    await moderated.press(moderated.seen(panel.id), "Overview")
    assert layouts.NOTHING_TO_DO in text_of(moderated.seen(panel.id))


async def test_the_pages_of_a_queue_are_turned(moderated: Moderated) -> None:
    titles = ["First", "Second", "Third"]
    for title in titles:
        await moderated.added(PENDING, title=title)
    panel = await moderated.queue("Waiting")
    assert {"More"} == labels(panel) & {"Back", "More"}
    await moderated.press(panel, "More")
    assert "**Second**" in text_of(moderated.seen(panel.id))
    await moderated.press(moderated.seen(panel.id), "More")
    assert "**Third**" in text_of(moderated.seen(panel.id))
    assert {"Back"} == labels(moderated.seen(panel.id)) & {"Back", "More"}
    await moderated.press(moderated.seen(panel.id), "Back")
    assert "**Second**" in text_of(moderated.seen(panel.id))


async def test_a_removal_asks_for_a_reason_which_its_dreamer_is_told_once(moderated: Moderated) -> None:
    log = moderated.log()
    await moderated.managed.settle(log_channel=log.id)
    entry = await moderated.added(PENDING, title="Waves")
    panel = await moderated.queue("Waiting")
    form = await moderated.press(panel, "Remove…")
    await moderated.mod.submit_modal(form, {"reason": "no @everyone here"})
    assert "**Removed.**" in text_of(moderated.seen(panel.id))
    now = await moderated.now(entry)
    assert now is not None
    assert (now.state, now.reason) == (REMOVED, "no @everyone here")
    (told,) = moderated.told(moderated.stage.ada)
    said = text_of(told)
    assert "A moderator of The Lighthouse took your dream out of its gallery." in said
    assert "The reason: no @\u200beveryone here" in said
    assert "“Waves” · " in said
    assert notices.WHY in said
    assert "Withdraw" not in labels(told), "a removed one stays, to be known again"
    (line,) = log.history()
    assert "took a dream of" in line.content
    assert "no @\u200beveryone here" in line.content
    posts = [one.json for one in moderated.stage.env.http_requests if one.path.endswith("/messages")]
    assert [one["allowed_mentions"] for one in posts[-2:] if one] == [{"parse": []}] * 2
    assert all(one and one["enforce_nonce"] for one in posts[-2:])


async def test_an_approval_is_told_with_the_way_to_withdraw(moderated: Moderated) -> None:
    entry = await moderated.added(PENDING)
    await moderated.press(await moderated.queue("Waiting"), "Approve")
    (told,) = moderated.told(moderated.stage.ada)
    assert "approved your dream: it is in the gallery now" in text_of(told)
    assert f"https://discord.com/channels/{moderated.stage.guild.id}/" in text_of(told)
    assert button(told, "Withdraw")["custom_id"] == f"oneiros:gallery:withdraw:{entry.id}"


async def test_ones_own_decisions_are_told_nobody_and_logged(moderated: Moderated) -> None:
    log = moderated.log()
    await moderated.managed.settle(log_channel=log.id)
    await moderated.added(PENDING, person_id=moderated.mod.id)
    await moderated.press(await moderated.queue("Waiting"), "Approve")
    assert moderated.told(moderated.mod) == []
    assert len(log.history()) == 1


async def test_where_discord_lets_nobody_be_told_the_decision_stands_and_the_moderator_knows(
    moderated: Moderated,
) -> None:
    entry = await moderated.added(PENDING)
    panel = await moderated.queue("Waiting")
    form = await moderated.press(panel, "Remove…")
    moderated.stage.env.inject_error(
        "POST", f"/channels/{moderated.stage.ada.user.dm_channel.id}/messages", status=403, code=50007
    )
    await moderated.mod.submit_modal(form, {"reason": "no"})
    assert telling.NOT_REACHED in text_of(moderated.seen(panel.id))
    now = await moderated.now(entry)
    assert now is not None
    assert (now.state, now.reason) == (REMOVED, "no")


async def test_reports_are_shown_with_who_made_them_and_a_kept_dream_is_back(moderated: Moderated) -> None:
    stage = moderated.stage
    twice, once = await moderated.added(title="Twice"), await moderated.added(title="Once")
    await moderated.report(once, stage.bob)
    await moderated.report(twice, stage.bob, moderated.managed.eve, hide_at=2)
    panel = await moderated.queue("Reported")
    said = text_of(panel)
    assert "**Twice**" in said
    assert "Hidden: 2 people reported it." in said
    assert f"<@{stage.bob.id}>" in said
    assert "bob objects" in said
    assert "eve objects" in said
    await moderated.press(panel, "Keep")
    assert "**Kept.** Its reports are gone." in text_of(moderated.seen(panel.id))
    assert "**Once**" in text_of(moderated.seen(panel.id))
    now = await moderated.now(twice)
    assert now is not None
    assert (now.state, now.reports) == (SHOWN, 0)
    assert moderated.told(stage.ada) == [], "reports that were nothing are nobody's business"


async def test_what_is_out_says_why_and_is_restored(moderated: Moderated) -> None:
    removed, hidden = await moderated.added(title="Removed"), await moderated.added(title="Hidden")
    await moderated.report(hidden, moderated.stage.bob)
    panel = await moderated.queue("Reported")
    form = await moderated.press(panel, "Remove…")
    await moderated.mod.submit_modal(form, {"reason": "no"})
    await moderated.report(removed, moderated.stage.bob, hide_at=1)
    panel = await moderated.queue("Hidden and removed")
    assert "Hidden: 1 person reported it." in text_of(panel)
    assert {"Restore", "Remove…"} <= labels(panel)
    await moderated.press(panel, "More")
    said = text_of(moderated.seen(panel.id))
    assert f"Removed by <@{moderated.mod.id}>" in said
    assert ": no" in said
    assert "Remove…" not in labels(moderated.seen(panel.id))
    await moderated.press(moderated.seen(panel.id), "Restore")
    now = await moderated.now(hidden)
    assert now is not None
    assert (now.state, now.reason) == (SHOWN, None)


async def test_of_two_moderators_at_once_the_later_is_told_and_sees_the_next(moderated: Moderated) -> None:
    first = await moderated.added(PENDING, title="First")
    await moderated.added(PENDING, title="Second")
    mine, theirs = await moderated.queue("Waiting"), await moderated.queue("Waiting", moderated.other)
    form = await moderated.press(theirs, "Remove…", moderated.other)
    await moderated.press(mine, "Approve")
    late = await moderated.press(theirs, "Approve", moderated.other)
    faster = f"<@{moderated.mod.id}> was faster: this dream is shown in the gallery now."
    assert [text_of(one) for one in late.followups] == [faster]
    assert "**Second**" in text_of(moderated.seen(theirs.id, moderated.other))
    late = await moderated.other.submit_modal(form, {"reason": "no"})
    assert [text_of(one) for one in late.followups] == [faster]
    now = await moderated.now(first)
    assert now is not None
    assert now.state is SHOWN
    assert len(moderated.told(moderated.stage.ada)) == 1


async def test_a_dreamer_is_barred_and_let_in_again(moderated: Moderated) -> None:
    stage, log = moderated.stage, moderated.log()
    await moderated.managed.settle(log_channel=log.id)
    await moderated.added(PENDING)
    panel = await moderated.queue("Waiting")
    form = await moderated.press(panel, "Bar the dreamer…")
    await moderated.mod.submit_modal(form, {"reason": "spam"})
    assert "**Barred.**" in text_of(moderated.seen(panel.id))
    assert "1 of 1" in text_of(moderated.seen(panel.id)), "what is there stays"
    assert log.history()[-1].content.endswith(f"barred <@{stage.ada.id}> from adding to the gallery: spam.")
    panel = await moderated.queue("Barred people")
    assert f"1. <@{stage.ada.id}>, by <@{moderated.mod.id}>" in text_of(panel)
    assert ": spam" in text_of(panel)
    menu = next(one for one in stage.seen(panel) if one.get("options"))
    await moderated.mod.select(panel, values=[menu["options"][0]["value"]], custom_id=menu["custom_id"])
    said = text_of(moderated.seen(panel.id))
    assert "**They may add again.**" in said
    assert "Nobody is barred" in said
    assert moderated.told(stage.ada) == []


async def test_clearing_a_person_says_how_many_go_asks_twice_and_tells_them_once(moderated: Moderated) -> None:
    stage = moderated.stage
    entries = [await moderated.added(), await moderated.added(PENDING)]
    theirs = await moderated.added(person_id=stage.bob.id)
    panel = await moderated.opened()
    custom_id = f"oneiros:gallery:{ids.CLEAR}:0"
    await moderated.mod.select(panel, values=[stage.ada], custom_id=custom_id)
    assert f"Remove 2 dreams of <@{stage.ada.id}>?" in text_of(moderated.seen(panel.id))
    form = await moderated.press(moderated.seen(panel.id), "Remove 2 dreams…")
    assert [(one.state) for one in entries] == [SHOWN, PENDING], "nothing is gone yet"
    await moderated.mod.submit_modal(form, {"reason": "enough"})
    assert "**Removed all their dreams** (2)." in text_of(moderated.seen(panel.id))
    for entry in entries:
        now = await moderated.now(entry)
        assert now is not None
        assert (now.state, now.reason) == (REMOVED, "enough")
    kept = await moderated.now(theirs)
    assert kept is not None
    assert kept.state is SHOWN
    (told,) = moderated.told(stage.ada)
    assert "took your 2 dreams out of its gallery" in text_of(told)
    refused = await moderated.mod.select(moderated.seen(panel.id), values=[stage.ada], custom_id=custom_id)
    assert [text_of(one) for one in refused.followups] == ["There is no dream of theirs in this gallery."]


async def test_the_log_says_in_words_what_was_done_and_is_paged(moderated: Moderated) -> None:
    entry = await moderated.added(PENDING)
    await moderated.press(await moderated.queue("Waiting"), "Approve")
    for _ in range(layouts.LISTED):
        await moderated.added()
    panel = await moderated.queue("Log")
    lines = [one for one in text_of(panel).splitlines() if one.startswith("- ")]
    assert len(lines) == layouts.LISTED
    assert all("added a dream of their own" in one for one in lines)
    await moderated.press(panel, "Older")
    said = text_of(moderated.seen(panel.id))
    ada = moderated.stage.ada.id
    assert f"<@{moderated.mod.id}> approved a dream of <@{ada}> (#{entry.id})" in said
    assert f"<@{ada}> asked to add a dream of their own (#{entry.id})" in said
    assert "- <t:" in said
    await moderated.press(moderated.seen(panel.id), "Newest")
    assert "approved" not in text_of(moderated.seen(panel.id))


async def test_a_dream_from_an_age_restricted_channel_is_decided_on_unseen_elsewhere(moderated: Moderated) -> None:
    await moderated.added(PENDING, title="Secret", tags=("hush",), restricted=True)
    panel = await moderated.queue("Waiting")
    said = text_of(panel)
    assert panel.attachments == []
    assert layouts.UNSEEN in said
    assert "Secret" not in said
    assert "hush" not in said
    channel = moderated.stage.client.get_channel(moderated.stage.channel.id)
    assert isinstance(channel, discord.TextChannel)
    channel.nsfw = True
    panel = await moderated.queue("Waiting")
    assert len(panel.attachments) == 1
    assert "**Secret**" in text_of(panel)


async def test_a_spoiler_stays_one(moderated: Moderated) -> None:
    entry = await moderated.added(PENDING, spoiler=True)
    panel = await moderated.queue("Waiting")
    (shown,) = [one for one in moderated.stage.seen(panel) if one["type"] == 12]
    assert [one["spoiler"] for one in shown["items"]] == [True]
    assert panel.attachments[0].filename == f"SPOILER_dream-{entry.id}.png"


async def test_who_may_not_manage_messages_gets_nowhere_by_a_forged_copy(moderated: Moderated) -> None:
    stage = moderated.stage
    entry = await moderated.added(PENDING)
    await moderated.report(await moderated.added(), stage.bob)
    forms = []
    for label in ("Waiting", "Reported"):
        panel = await moderated.queue(label)
        forms.append(await moderated.press(panel, "Remove…"))
        public = await stage.copy_in_public(panel)
        for one in walk([dict(part.to_dict()) for part in public.components]):
            if one["type"] == 2 and not one.get("disabled"):
                refused = await stage.ada.click(public, custom_id=one["custom_id"])
                assert told_privately(refused) == MODERATORS_ONLY, one
    panel = await stage.copy_in_public(await moderated.opened())
    for one in walk([dict(part.to_dict()) for part in panel.components]):
        if one["type"] == 2 and not one.get("disabled"):
            assert told_privately(await stage.bob.click(panel, custom_id=one["custom_id"])) == MODERATORS_ONLY
    refused = await stage.bob.select(panel, values=[stage.ada], custom_id=f"oneiros:gallery:{ids.CLEAR}:0")
    assert told_privately(refused) == MODERATORS_ONLY
    await stage.dismiss(moderated.mod, moderated.role)
    for form in forms:
        late = await moderated.mod.submit_modal(form, {"reason": "no"})
        assert [text_of(one) for one in late.followups or [late.response] if one] == [MODERATORS_ONLY]
    now = await moderated.now(entry)
    assert now == entry


async def test_a_button_about_another_servers_entry_does_nothing(moderated: Moderated) -> None:
    stage = moderated.stage
    elsewhere = stage.guild.id + 1
    waiting = await moderated.added(PENDING, guild_id=elsewhere)
    shown = await moderated.added(guild_id=elsewhere)
    for custom_id in (
        f"{ids.APPROVE}:{waiting.id}:p",
        f"{ids.APPROVE}:{waiting.id}:p:w0",
        f"{ids.REMOVE}:{shown.id}:s",
        f"{ids.RESTORE}:{shown.id}",
        f"{ids.DISMISS}:{shown.id}:s:r1",
        f"{ids.BAR}:{shown.id}:s",
    ):
        message = await stage.post(discord.ui.Button(label="Press", custom_id=f"oneiros:gallery:{custom_id}"))
        refused = await moderated.mod.click(message, label="Press")
        told = [*refused.followups, *([refused.response] if refused.response else [])]
        assert GONE in [text_of(one) for one in told], custom_id
    queues = Queues(moderated.database)
    assert [await queues.get(elsewhere, one.id) for one in (waiting, shown)] == [waiting, shown]


async def test_an_empty_choice_clears_nobody(moderated: Moderated) -> None:
    view = discord.ui.UserSelect[discord.ui.LayoutView](custom_id=f"oneiros:gallery:{ids.CLEAR}:0", min_values=0)
    message = await moderated.stage.post(view)
    refused = await moderated.mod.select(message, values=[], custom_id=f"oneiros:gallery:{ids.CLEAR}:0")
    assert NOTHING_CHOSEN in [text_of(one) for one in refused.followups]


async def test_a_report_that_hides_is_written_into_the_log_channel_with_a_button_that_restores(
    moderated: Moderated,
) -> None:
    log = moderated.log()
    await moderated.managed.settle(log_channel=log.id)
    entry = await moderated.added()
    moderated.stage.client.add_items(Reporting)
    message = await moderated.stage.post(discord.ui.Button(label="Press", custom_id=f"test:report:{entry.id}"))
    await moderated.stage.bob.click(message, label="Press")
    assert log.history() == []
    await moderated.managed.eve.click(message, label="Press")
    (line,) = log.history()
    assert "Reports have hidden a dream of" in line.content
    assert "upside down @\u200beveryone" in line.content
    assert line.flags.suppress_notifications
    refused = await moderated.stage.bob.click(line, label="Restore")
    assert told_privately(refused) == MODERATORS_ONLY
    restored = await moderated.mod.click(line, label="Restore")
    assert told_privately(restored) == "**Restored.** It is in the gallery again."
    late = await moderated.other.click(line, label="Restore")
    assert "was faster" in told_privately(late)
    now = await moderated.now(entry)
    assert now is not None
    assert now.state is SHOWN
