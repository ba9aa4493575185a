"""A mixed load on a real bot, for a while: ``python tests/soak --minutes 20`` (`make soak MINUTES=20 SEED=1`).

Ten people dream, browse, vote, keep presets and moderate on a real loopback Discord, with faults now and then. It
prints what was done and answered, and how memory and handles of the bot and its worker went in the last two fifths, in
which no process is killed. It closes with one line: ``N acts, M dreams: 0 lost, 0 doubled, 0 unanswered; memory and
handles flat``. The seed says who does what in which order; how long each thing takes it cannot say.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS.parent), *(str(TESTS / one) for one in ("", "service", "faults", "soak"))]

from processes import Process  # noqa: E402 - found by the path above, as pytest finds it
from rows import Rows  # noqa: E402
from service_harness import Bot, Chat, discord_process  # noqa: E402
from soak_faults import Faults  # noqa: E402
from soak_gauges import Gauges  # noqa: E402
from soak_ledger import Ledger, found_in, miscounted  # noqa: E402
from soak_people import Crowd  # noqa: E402
from soak_verdict import Soaked  # noqa: E402
from verdict import judge  # noqa: E402

from bot.shards import Shards  # noqa: E402

WARM = 0.6  # of the time; from then on memory and handles are looked at: the last end is well past
SETTLES_S = 300.0  # until the last dream is told
SETTINGS = {"DREAM_SIZE": "64", "MAX_ACTS_A_MINUTE_PER_PERSON": "60", "GRACE_S": "2"}


async def soak(minutes: float, seed: int, folder: Path) -> Soaked:
    """Let people live on a bot for so long; returns what came of it."""
    seconds = 60 * minutes
    with discord_process("--no-rate-limits") as addresses:
        rows = Rows(folder / "data" / "oneiros.sqlite", None)
        process = Process(Bot(addresses, folder / "data", SETTINGS), Shards(0, 0, 1), rows.lapse)
        try:
            async with Chat(addresses) as chat:
                return await _soaked(seconds, seed, process, chat, rows)
        finally:
            process.bot.close()


async def _soaked(seconds: float, seed: int, process: Process, chat: Chat, rows: Rows) -> Soaked:
    process.start()
    await process.until_back()
    await chat.until(lambda state: bool(state["commands"]))
    ledger, gauges = Ledger(), Gauges()
    faults = Faults(process, chat, random.Random(f"{seed} faults"))
    crowd = Crowd(process, chat, rows, ledger, faults.disturbed, seed)
    ending = asyncio.Event()
    async with asyncio.TaskGroup() as everything:
        for person in await crowd.come():
            everything.create_task(crowd.live(person, ending))
        everything.create_task(faults.trouble(seconds))
        await asyncio.sleep(WARM * seconds)
        await process.until_back()
        watching = everything.create_task(gauges.watch(process.bot.pid))
        await asyncio.sleep((1 - WARM) * seconds)
        ending.set()
        watching.cancel()
    await chat.delete("faults")
    async with asyncio.timeout(SETTLES_S):
        while any(row["told_at"] is None for row in await rows.read()):
            await asyncio.sleep(0.2)
    await process.close()
    file = rows.file
    messages = (await chat.get("messages", person="ada", channel="dreams", limit=10**6))["messages"]
    jobs = judge(
        await rows.read(), messages, twice=rows.changed, unheard=0, troubles=process.troubles, done=faults.done
    )
    return Soaked.of(ledger, found_in(file), jobs, miscounted(file), gauges.courses(), faults.done)


def main() -> int:
    """Soak, and print the verdict; returns 1 where anything was lost, doubled or unanswered, or grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="oneiros-soak-"))
    soaked = asyncio.run(soak(asked.minutes, asked.seed, folder))
    print(soaked, flush=True)
    if soaked.is_good:
        shutil.rmtree(folder)
    else:
        print(f"The bot's log and data: {folder}", flush=True)
    return 0 if soaked.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
