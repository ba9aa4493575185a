"""Every scenario is played twice: over simcord, and over the loopback Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from emulator_theatre import emulator_theatre
from player import Player
from simcord_theatre import simcord_theatre
from theatre import Theatre, Tier


@pytest.fixture(params=list(Tier))
async def theatre(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Theatre]:
    opened = simcord_theatre(Player()) if request.param is Tier.SIMCORD else emulator_theatre(Player(), monkeypatch)
    async with opened as theatre:
        yield theatre
