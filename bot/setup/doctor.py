"""``oneiros doctor``: every check by itself, each with one or two sentences on what is wrong and what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bot.errors import UserError
from bot.pool.interface import PoolError
from bot.resources import StartError
from bot.settings import Settings
from bot.setup import discord_checks, machine_checks
from bot.setup.examined import Examined
from bot.store.errors import StoreError
from engine.cli.command import emit
from engine.errors import EngineError

SAID = (StartError, StoreError, PoolError, UserError, EngineError)  # whose text is for who runs the bot
CHECK_S = 180.0  # loading torch from a cold disk, or hashing every network, takes most of a minute

Check = Callable[[Examined], Awaitable[str]]
CHECKS: dict[str, Check] = {
    "settings": machine_checks.settings,
    "api": discord_checks.api,
    "token": discord_checks.token,
    "intents": discord_checks.intents,
    "clock": discord_checks.clock,
    "gateway": discord_checks.gateway,
    "operators": discord_checks.operators,
    "database": machine_checks.database,
    "pictures": machine_checks.pictures,
    "networks": machine_checks.networks,
    "devices": machine_checks.devices,
    "ports": machine_checks.ports,
    "disk": machine_checks.disk,
    "memory": machine_checks.memory,
}


@dataclass(frozen=True)
class Finding:
    """What one check came to."""

    check: str
    ok: bool
    says: str


async def examine(settings: Settings, file: Path | None, show: Callable[[Finding], object]) -> bool:
    """Do every check, showing each as it ends; tells whether all is well."""
    examined = Examined(settings, file)
    all_well = True
    for name, check in CHECKS.items():
        finding = await _finding(name, check, examined)
        show(finding)
        all_well &= finding.ok
    return all_well


def doctor(settings: Settings, file: Path | None, *, as_json: bool) -> int:
    """Examine, print, and return the exit code: 0 where all is well, else 1."""

    def show(finding: Finding) -> None:
        if as_json:
            emit(**asdict(finding))
        else:
            click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.check:9}  {finding.says}")

    return 0 if asyncio.run(examine(settings, file, show)) else 1


async def _finding(name: str, check: Check, examined: Examined) -> Finding:
    try:
        async with asyncio.timeout(CHECK_S):
            return Finding(name, True, await check(examined))
    except SAID as error:
        return Finding(name, False, str(error))
    except TimeoutError:
        return Finding(name, False, f"This took more than {CHECK_S:.0f} s, and was given up: try again.")
    except Exception as error:  # noqa: BLE001 - a check that breaks must not hide the others
        return Finding(name, False, f"This could not be checked ({type(error).__name__}): please report it.")
