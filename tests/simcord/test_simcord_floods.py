"""Whoever mashes is told once, and everybody else is served as ever."""

from __future__ import annotations

import logging

import discord
import pytest
from simcord_stage import Stage, told_privately

from bot.floods import Floods, Rates
from bot.job import Job
from bot.views.buttons import Cancel

RATES = Rates(person=5, server=1000, whole=1000, new_days=0.0)
TOO_FAST = "That was a little fast: please try again in 12 s."


@pytest.fixture
async def hurried(stage: Stage) -> Stage:
    """The guild, where there is a dream, and from now on five acts are many."""
    await stage.ended()
    stage.client.floods = Floods(RATES, clock=lambda: 0.0)
    stage.jobs.accepted.clear()
    return stage


def dream_in(stage: Stage) -> tuple[Job, discord.Message]:
    """Return the dream, and its message."""
    (job,) = stage.jobs.known.values()
    return job, stage.message(job)


async def test_a_mashed_button_is_told_of_once_then_taken_in_silence_then_not_at_all(
    hurried: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    _, message = dream_in(hurried)
    with caplog.at_level(logging.WARNING):
        results = [await hurried.ada.click(message, label="Again") for _ in range(15)]
    assert len(hurried.jobs.accepted) == 5
    assert told_privately(results[5]) == TOO_FAST
    assert [(one.acknowledged, one.followups) for one in results[6:11]] == [(True, [])] * 5
    assert [one.acknowledged for one in results[11:]] == [False] * 4
    assert [one for one in caplog.messages if "acts faster" in one] == caplog.messages, "one line, and no other"
    assert len(caplog.messages) == 1
    await hurried.bob.click(message, label="Again")
    assert len(hurried.jobs.accepted) == 6


async def test_a_command_cannot_be_taken_in_silence_and_is_answered_each_time(hurried: Stage) -> None:
    results = [await hurried.dream() for _ in range(8)]
    assert len(hurried.jobs.accepted) == 5
    assert [told_privately(one) for one in results[5:]] == [TOO_FAST] * 3


async def test_suggestions_stop_and_what_is_pressed_is_not_held_up_by_them(hurried: Stage) -> None:
    found = [await hurried.ada.autocomplete(hurried.channel, "dream", "of", "do") for _ in range(4)]
    assert all(found[:2])
    assert found[2:] == [[], []]
    assert await hurried.bob.autocomplete(hurried.channel, "dream", "of", "do")
    await hurried.dream()
    assert len(hurried.jobs.accepted) == 1


async def test_presses_of_what_is_no_more_and_of_privacy_count_too(hurried: Stage) -> None:
    job, message = dream_in(hurried)
    old = await hurried.post(Cancel(job.id))
    hurried.client._items.remove(Cancel)
    hurried.client.remove_dynamic_items(Cancel)
    said = [told_privately(await hurried.ada.click(old)) for _ in range(6)]
    assert ["another version" in one for one in said] == [True] * 5 + [False]
    assert said[5] == TOO_FAST
    assert told_privately(await hurried.ada.slash(hurried.channel, "privacy show")) == TOO_FAST
    assert hurried.jobs.accepted == []
    await hurried.bob.click(message, label="Again")
    assert len(hurried.jobs.accepted) == 1
