"""Which devices of this machine dream."""

from __future__ import annotations

import asyncio
import os
import sys

from bot.children.environment import environment
from bot.pool.interface import PoolError
from bot.pool.machine import cores

# Where a system with GPUs shows them: NVIDIA's driver, AMD's, Windows' under WSL.
GPU_DOORS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
COUNT_GPUS = "import sys, torch; sys.stdout.write(str(torch.cuda.device_count()))"
ASK_S = 120.0  # torch takes a while to load from a cold disk


async def devices_of(setting: str) -> list[str]:
    """Return the devices that a setting names (``auto``: every GPU, else the CPU). Raises PoolError."""
    named = [name.strip() for name in setting.split(",") if name.strip()]
    if named == ["auto"]:
        return [f"cuda:{number}" for number in range(await _gpus())] or ["cpu"]
    wrong = [name for name in named if name not in {"cpu", "cuda"} and not name.removeprefix("cuda:").isdigit()]
    if wrong or not named:
        raise PoolError(
            f"DEVICES names {wrong[0] if wrong else 'nothing'}: write auto, or devices with commas between them "
            "(cpu, cuda:0, cuda:1)."
        )
    if named.count("cpu") > cores():
        raise PoolError(
            f"DEVICES names {named.count('cpu')} workers on the CPU, and there are {cores()} cores: more workers than "
            "cores dream slower together than one alone. Name fewer."
        )
    return named


async def _gpus() -> int:
    """Count the GPUs that torch can use, by asking it in a process of its own: here it is never loaded."""
    if sys.platform == "linux" and not any(map(os.path.exists, GPU_DOORS)):
        return 0
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COUNT_GPUS, stdout=asyncio.subprocess.PIPE, env=environment(cuda=True)
    )
    try:
        answer, _ = await asyncio.wait_for(child.communicate(), ASK_S)
        return int(answer or b"0")
    except TimeoutError as error:
        raise PoolError("Looking for GPUs took too long. Name them: DEVICES=cuda:0, or DEVICES=cpu.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
