"""Which devices of this machine dream."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass

from bot.children.environment import environment
from bot.pool.interface import PoolError
from bot.pool.machine import cores

# Where a system with GPUs shows them: NVIDIA's driver, AMD's, Windows' under WSL.
GPU_DOORS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
COUNT_GPUS = "import sys, torch; sys.stdout.write(str(torch.cuda.device_count()))"
# A driver that is too old for torch shows only when something is computed.
TRY_GPUS = """
import json, sys, torch
names, trouble = [], None
try:
    for number in range(torch.cuda.device_count()):
        names.append(torch.cuda.get_device_name(number))
        torch.ones(8, device=f"cuda:{number}").sum().item()
except Exception as error:
    trouble = str(error).partition("\\n")[0].rstrip(".")
json.dump({"torch": torch.__version__, "names": names, "trouble": trouble}, sys.stdout)
"""
ASK_S = 120.0  # torch takes a while to load from a cold disk


@dataclass(frozen=True)
class Gpus:
    """What torch, whose version this is, says of the GPUs; ``trouble``: why one of them cannot compute."""

    torch: str
    names: tuple[str, ...]
    trouble: str | None


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


def may_have_gpus() -> bool:
    """Tell whether the system shows any GPU's driver, as far as that is known without torch."""
    return sys.platform != "linux" or any(map(os.path.exists, GPU_DOORS))


async def try_gpus() -> Gpus:
    """Compute something on every GPU. Raises PoolError where torch does not say how that went."""
    said = await _asked(TRY_GPUS)
    try:
        found = json.loads(said)
    except ValueError as error:
        raise PoolError("PyTorch cannot be loaded: install Oneiros again.") from error
    return Gpus(found["torch"], tuple(found["names"]), found["trouble"])


async def _gpus() -> int:
    """Count the GPUs that torch can use."""
    return int(await _asked(COUNT_GPUS) or b"0") if may_have_gpus() else 0


async def _asked(program: str) -> bytes:
    """Return what a program prints that asks torch, in a process of its own: here it is never loaded."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, env=environment(cuda=True)
    )
    try:
        return (await asyncio.wait_for(child.communicate(), ASK_S))[0]
    except TimeoutError as error:
        raise PoolError("Looking for GPUs took too long. Name them: DEVICES=cuda:0, or DEVICES=cpu.") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
