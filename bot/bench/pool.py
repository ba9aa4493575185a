"""``python -m bot.bench pool``: what the service adds to the engine's own time."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bot.bench.circumstances import Circumstances
from bot.bench.cluster import cluster
from bot.bench.engines import SAMPLE, Engines
from bot.bench.guests import Guests
from bot.bench.used import peaks_mib, processor_s
from bot.emulator.remote import Remote
from bot.loopback import LoopbackError, bot, discord, until_ready
from bot.pool.local import Limits, Run, plans
from bot.pool.process import Plan

GOAL = 0.15
READY_S = 300.0  # for everything to be started, and a first dream


@dataclass(frozen=True)
class Figures:
    """What came out. Times are in seconds, of the engine alone and of the service for the same jobs.

    ``processor``: of all the service's processes but the loopback Discord's. On a machine that others use too, only
    that can be compared.
    """

    pool: str
    workers: int
    jobs: int
    size: int
    engine_s: float
    service_s: float
    processor_engine_s: float
    processor_service_s: float
    worker_mib: Sequence[int]  # the most that each worker had resident
    circumstances: Circumstances

    @property
    def overhead(self) -> float:
        """What the service adds to the engine's time, as a part of that."""
        return self.service_s / self.engine_s - 1

    @property
    def processor_overhead(self) -> float:
        """The same for the time that processors were busy."""
        return self.processor_service_s / self.processor_engine_s - 1

    @property
    def overhead_ms(self) -> float:
        """What it adds to each job, in a worker's time."""
        return 1000 * (self.service_s - self.engine_s) * self.workers / self.jobs


@asynccontextmanager
async def service(
    pool: str, devices: Sequence[Plan], size: int, folder: Path
) -> AsyncIterator[tuple[Guests, Sequence[int]]]:
    """Run a loopback Discord and the bot; yields who asks there, and the processes that all others descend from."""
    settings = {
        "DREAM_SIZE": str(size),
        "MAX_QUEUED_PER_PERSON": "200",
        "MAX_ACTS_A_MINUTE_PER_PERSON": "200",
        "DEVICES": ",".join(plan.device for plan in devices),
        "POOL": pool,
    }
    async with AsyncExitStack() as stack:
        roots = []
        if pool == "ray":
            head, surroundings = await stack.enter_async_context(cluster(sum(plan.threads for plan in devices)))
            settings |= surroundings
            roots.append(head)
        addresses = await stack.enter_async_context(discord())
        process = await stack.enter_async_context(bot(addresses, folder, settings))
        remote = await stack.enter_async_context(Remote(addresses))
        await until_ready(remote)
        yield Guests(remote, SAMPLE), [*roots, process.pid]


async def timed(dreams: Awaitable[None], roots: Sequence[int]) -> tuple[float, float]:
    """Return the seconds that dreams take, and the processor time of their processes."""
    begun, used = time.monotonic(), processor_s(roots)
    await dreams
    return time.monotonic() - begun, processor_s(roots) - used


async def measure(pool: str, device: Sequence[str], size: int, jobs: int, folder: Path) -> Figures:
    """Dream ``jobs`` by the service and by the engine alone, in halves: engine, service, service, engine."""
    devices = plans(device, Limits(), Run())
    first, second = jobs // 2, jobs - jobs // 2
    async with Engines(devices, size) as engines, service(pool, devices, size, folder) as (guests, roots):
        async with asyncio.timeout(READY_S):  # what is loaded with the first dream is not counted
            await engines.dream(len(devices))
            await guests.dream(len(devices))
        rounds = [
            await timed(engines.dream(first), engines.pids),
            await timed(guests.dream(first), roots),
            await timed(guests.dream(second), roots),
            await timed(engines.dream(second), engines.pids),
        ]
        memory = [peak for root in roots for peak in peaks_mib(root)]
    return Figures(
        pool=pool,
        workers=len(devices),
        jobs=jobs,
        size=size,
        engine_s=rounds[0][0] + rounds[3][0],
        service_s=rounds[1][0] + rounds[2][0],
        processor_engine_s=rounds[0][1] + rounds[3][1],
        processor_service_s=rounds[1][1] + rounds[2][1],
        worker_mib=memory,
        circumstances=Circumstances.now(),
    )


def told(figures: Figures) -> str:
    """Say it for a person."""
    one = figures
    verdict = "within" if one.overhead <= GOAL else "over"
    return "\n".join(
        [
            f"{one.jobs} dreams at {one.size} px, pool {one.pool}, {one.workers} worker(s)",
            f"  the engine alone      {one.engine_s:8.1f} s",
            f"  the whole service     {one.service_s:8.1f} s, {one.overhead:+.1%}, {verdict} the {GOAL:.0%} wanted",
            f"  what it adds to each  {one.overhead_ms:8.0f} ms",
            f"  processor time        {one.processor_engine_s:8.1f} s alone",
            f"                        {one.processor_service_s:8.1f} s by the service, {one.processor_overhead:+.1%}",
            f"  memory a worker       {', '.join(map(str, one.worker_mib)):>8} MiB at most",
            f"  on                    {one.circumstances.words}",
        ]
    )


@click.command()
@click.option("--jobs", default=8, show_default=True, type=click.IntRange(2, 100), help="how many dreams on each side")
@click.option("--size", default=512, show_default=True, type=click.IntRange(64, 2048), help="their longest side")
@click.option("--device", multiple=True, default=["cpu"], show_default=True, help="one worker each (pool local)")
@click.option("--pool", default="local", show_default=True, type=click.Choice(["local", "ray"]))
@click.option("--json", "file", type=click.Path(path_type=Path), help="write the figures to this file, too")
def pool(jobs: int, size: int, device: Sequence[str], pool: str, file: Path | None) -> None:
    """Time dreams from the command to the picture in the chat, and the engine alone beside them, by turns."""
    if pool == "ray" and list(device) != ["cpu"]:
        raise click.UsageError("The cluster of this bench has one CPU worker: leave --device out.")
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = asyncio.run(measure(pool, device, size, jobs, Path(folder)))
        except (LoopbackError, TimeoutError) as error:
            raise click.ClickException(str(error) or f"Nothing was ready after {READY_S:.0f} s.") from error
    click.echo(told(figures))
    if file is not None:
        shares = {"overhead": figures.overhead, "processor_overhead": figures.processor_overhead}
        file.write_text(json.dumps({**asdict(figures), **shares, "overhead_ms": figures.overhead_ms}, indent=2) + "\n")
    sys.exit(0 if figures.overhead <= GOAL else 1)
