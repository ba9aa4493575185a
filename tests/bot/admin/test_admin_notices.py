"""Notices to whoever runs the bot: gathered, bounded, and never in the way of what they tell of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from standins import a_job

from bot.admin.notices import AN_HOUR, AT_ONCE, Notices
from bot.buckets import Buckets
from bot.floods import Actor
from bot.job import Shown, State
from bot.jobs.events import Delivered
from bot.language import language_of
from bot.store.admin.takedowns import TAKEN_DOWN
from bot.store.gallery.gone import GoneMessage
from bot.views.reports.notices import (
    CAME,
    LEFT,
    MOST_CHARACTERS,
    tell_flood,
    tell_kept,
    tell_staying,
    worded,
)
from engine.sentences import Sentence

SAY = language_of("en-US")


class Told:
    """Notices by a clock of the test's own, and how often somebody was woken for them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.woken = 0
        self.notices = Notices(Buckets(AT_ONCE, AN_HOUR / 3600, clock=lambda: self.now))
        self.notices.on_told.append(self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def post(self) -> str | None:
        """Post what may be posted now; returns its text."""
        gathered = self.notices.next()
        if gathered is None:
            return None
        text, told = worded(SAY, gathered)
        self.notices.posted(told)
        return text


def test_what_waits_is_told_in_one_message_and_once() -> None:
    told = Told()
    for server in ("a", "b", "a"):
        told.notices.tell(CAME, server=server)
    assert told.woken == 2
    assert told.post() == "➕ I was let into a.\n➕ I was let into b."
    assert told.post() is None


def test_what_could_not_be_posted_waits_with_what_comes_meanwhile() -> None:
    told = Told()
    told.notices.tell(CAME, server="a")
    assert told.notices.next() is not None, "and Discord does not take it"
    told.notices.tell(LEFT, server="a")
    assert told.post() == "➕ I was let into a.\n➖ I am no longer in a."


def test_however_much_is_told_there_are_few_posts_and_the_rest_is_counted() -> None:
    told, texts = Told(), []
    for number in range(60 * 60):  # an hour, and in each second somebody lets the bot in
        told.notices.tell(CAME, server=f"**{'x' * 90}** (`{900000000000000000 + number}`)")
        told.now += 1.0
        if (text := told.post()) is not None:
            texts.append(text)
    assert len(texts) <= AT_ONCE + AN_HOUR
    assert max(map(len, texts)) <= MOST_CHARACTERS
    assert all(text.startswith("Before this, ") for text in texts[-3:])
    assert told.woken <= AT_ONCE + AN_HOUR
    told.now += 3600.0
    while (text := told.post()) is not None:
        texts.append(text)
        told.now += 3600.0
    lines = sum(text.count("➕") for text in texts)
    counted = sum(int(text.split()[2]) for text in texts if text.startswith("Before"))
    assert lines + counted == 60 * 60, "nothing is lost unsaid"


def test_a_line_that_is_too_long_is_cut_and_holds_nothing_up() -> None:
    told = Told()
    told.notices.tell(CAME, server="x" * 5000)
    assert len(told.post() or "") <= MOST_CHARACTERS
    assert told.post() is None


def test_floods_are_told_with_the_command_that_ends_them() -> None:
    told, actor = Told(), Actor(300000000000000001, 900000000000000001)
    for scope in ("person", "server", "whole"):
        tell_flood(told.notices, scope, actor)
    assert (told.post() or "").splitlines() == [
        "🌊 <@300000000000000001> acts faster than one may. To shut them out: "
        "`oneiros admin people block 300000000000000001`",
        "🌊 In `900000000000000001` they act faster than they may. To shut it out: "
        "`oneiros admin servers block 900000000000000001`",
        "🌊 All together act faster than they may: whoever acts much, or is new, is turned away.",
    ]


def test_where_there_is_no_channel_nothing_is_kept() -> None:
    told = Told()
    told.notices.tell(CAME, server="a")
    told.notices.clear()
    assert told.post() is None


def test_a_message_that_a_takedown_did_not_reach_is_told_with_its_link_and_no_other() -> None:
    told, down = Told(), Sentence(TAKEN_DOWN, {"reason": "Not theirs."}).to_text()
    of = {"id": 1, "interaction_id": 1, "person_id": 1, "source_hash": None, "result_hash": None, "restricted": False}
    ended = a_job(state=State.FAILED, failure=down, guild_id=5, channel_id=6, message_id=7, **of)
    for job, shown in (
        (ended, Shown.POSTED),
        (replace(ended, failure="Something else."), Shown.KEPT),
        (replace(ended, private=True), Shown.KEPT),
        (replace(ended, place=1), Shown.KEPT),
        (ended, Shown.KEPT),
    ):
        tell_kept(told.notices, Delivered(job, shown))
    tell_staying(told.notices, GoneMessage(1, 5, 6, None, 8, datetime.now(UTC), 1))
    said = "⚠️ This may still show what was taken down, and I may not delete it: https://discord.com/channels/5/6"
    assert (told.post() or "").splitlines() == [f"{said}/7", said]
