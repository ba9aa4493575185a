"""/about, as it is pressed."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from simcord_stage import Stage, text_of, told_privately
from test_simcord_trouble import SECRET, assert_noted

from bot.jobs.health import Health


@pytest.mark.parametrize("who", ["ada", "mod"])
async def test_everybody_sees_versions_and_health_alone(stage: Stage, who: str) -> None:
    result = await getattr(stage, who).slash(stage.channel, "about")
    assert result.ephemeral
    assert result.response is not None
    said = text_of(result.response)
    for part in ("Oneiros", "All is well", "CPU: awake, 38 GFLOP a second", "EfficientNet-Lite2", "Apache-2.0"):
        assert part in said


async def test_it_is_told_in_a_direct_message_too(stage: Stage) -> None:
    result = await stage.ada.user.slash("about")
    assert result.response is not None
    assert "All is well" in text_of(result.response)


async def test_a_database_out_of_reach_is_said(stage: Stage) -> None:
    stage.jobs.well = replace(stage.jobs.well, waiting=None, wait_s=None)
    assert "database does not answer" in told_privately(await stage.ada.slash(stage.channel, "about"))


async def test_workers_that_are_away_are_said(stage: Stage) -> None:
    stage.jobs.well = Health((), 3, 40.0)
    said = told_privately(await stage.ada.slash(stage.channel, "about"))
    assert "Nobody dreams" in said
    assert "3 dreams wait; a new one begins in about 40 s" in said


async def test_what_nobody_foresaw_has_its_reference(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.jobs.trouble["health"] = RuntimeError(SECRET)
    with caplog.at_level(logging.ERROR):
        assert_noted(told_privately(await stage.ada.slash(stage.channel, "about")), caplog)
