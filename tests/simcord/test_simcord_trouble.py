"""What goes wrong is said in a sentence, to the person who acted and to nobody else."""

from __future__ import annotations

import logging
import re

import pytest
from simcord_stage import Stage, told_privately
from standins import PHOTO, PNG

from bot.errors import UserError
from bot.views.buttons import BUTTONS, Cancel, JobButton
from engine.errors import RecipeError

SECRET = "postgresql://oneiros:hunter2@db/oneiros"
FULL = "The queue is full: 200 dreams are waiting. Please try again in a minute or two."


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("empty.png", b"", "empty"),
        ("large.png", PNG + bytes(1024 * 1024), "MiB"),
    ],
)
async def test_what_is_no_picture_for_us_is_refused_privately(stage: Stage, name: str, data: bytes, word: str) -> None:
    result = await stage.dream(name, data)
    assert word in told_privately(result)
    assert not result.deferred
    assert stage.jobs.accepted == []
    assert stage.channel.history(viewer=stage.bob) == []


async def test_a_picture_of_just_the_limit_is_taken(stage: Stage) -> None:
    await stage.dream("just.png", bytes(1024 * 1024))
    assert len(stage.jobs.accepted) == 1


@pytest.mark.parametrize("error", [UserError(FULL), RecipeError(FULL)])
async def test_a_full_queue_is_told_to_who_asked_and_the_thinking_ends(stage: Stage, error: Exception) -> None:
    stage.jobs.trouble["accept"] = error
    result = await stage.dream()
    assert told_privately(result) == FULL
    await nothing_is_left_thinking(stage)


async def test_what_nobody_foresaw_has_a_reference_and_shows_nothing_of_ours(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.jobs.trouble["accept"] = RuntimeError(SECRET)
    assert_noted(told_privately(await stage.dream()), caplog)
    await nothing_is_left_thinking(stage)


@pytest.mark.parametrize("button", BUTTONS, ids=lambda button: button.act)
async def test_what_a_button_raises_reaches_who_pressed(
    stage: Stage, button: type[JobButton], caplog: pytest.LogCaptureFixture
) -> None:
    job, _ = await stage.ended()
    message = await stage.post(button(job.id))
    stage.change(job.interaction_id, message_id=message.id)
    for method in ("accept", "picture", "remove", "cancel"):
        stage.jobs.trouble[method] = RuntimeError(SECRET)
    assert_noted(told_privately(await stage.ada.click(message)), caplog)
    await nothing_is_left_thinking(stage)


async def test_a_database_that_fails_before_a_button_knows_its_job(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    _, message = await stage.ended()
    stage.jobs.trouble["get"] = RuntimeError(SECRET)
    assert_noted(told_privately(await stage.ada.click(message, label="Again")), caplog)


async def test_a_refused_deeper_leaves_no_thinking_behind(stage: Stage) -> None:
    _, message = await stage.ended()
    stage.jobs.trouble["accept"] = UserError(FULL)
    assert told_privately(await stage.bob.click(message, label="Deeper")) == FULL
    await nothing_is_left_thinking(stage)


@pytest.mark.parametrize("label", ["Deeper", "Again", "Original", "Delete", "Cancel"])
async def test_a_press_that_another_has_acknowledged_is_dropped_in_silence(
    stage: Stage, label: str, caplog: pytest.LogCaptureFixture
) -> None:
    job, message = await stage.ended()
    if label == "Cancel":
        message = await stage.post(Cancel(job.id))
        stage.change(job.interaction_id, message_id=message.id)
    stage.jobs.pictures[PHOTO] = PNG
    already_acknowledged(stage)
    with caplog.at_level(logging.WARNING):
        result = await stage.ada.click(message, label=label)
    assert (result.response, result.followups) == (None, [])
    assert (stage.jobs.accepted, stage.jobs.removed, stage.jobs.cancelled) == ([], [], [])
    assert caplog.records == []


async def test_a_command_that_another_has_acknowledged_is_dropped_in_silence(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    already_acknowledged(stage)
    with caplog.at_level(logging.WARNING):
        result = await stage.dream()
    assert (result.response, result.followups) == (None, [])
    assert stage.jobs.accepted == []
    assert caplog.records == []


async def test_a_late_acknowledgement_writes_nothing_down(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await stage.dream()
    assert stage.jobs.accepted == []
    assert "too late" in caplog.text


def already_acknowledged(stage: Stage) -> None:
    stage.env.inject_error("POST", "/interactions/*/callback", status=400, code=40060)


def assert_noted(said: str, caplog: pytest.LogCaptureFixture) -> None:
    """Check that ``said`` names a reference under which the log has the whole error."""
    found = re.search(r"noted as ([0-9a-f]{8})", said)
    assert found, said
    assert SECRET not in said
    assert "RuntimeError" not in said
    (noted,) = [one for one in caplog.records if found[1] in one.getMessage()]
    assert noted.exc_info is not None
    assert SECRET in str(noted.exc_info[1])


async def nothing_is_left_thinking(stage: Stage) -> None:
    for one in stage.channel.history(viewer=stage.bob):
        assert not one.flags.loading, "everybody would see it think until Discord gives up"
        assert SECRET not in str([part.to_dict() for part in one.components]) + one.content
