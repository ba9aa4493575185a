"""What the machine has, and how workers share it."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from bot.pool import machine
from bot.pool.devices import devices_of
from bot.pool.interface import PoolError
from bot.pool.local import LEAST_MEMORY_BYTES, Limits, Run, plans


@pytest.mark.parametrize(("quota", "most"), [("150000 100000", 1), ("50000 100000", 1), ("max 100000", 10**6)])
def test_a_containers_share_of_the_cores_counts(tmp_path: Path, quota: str, most: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert 1 <= machine.cores(tmp_path) <= most


def test_a_containers_limit_of_memory_counts(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    assert machine.memory_bytes(tmp_path) == 1_000_000
    assert machine.free_bytes(tmp_path) == 600_000


def test_without_a_container_the_machines_memory_counts(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    assert machine.memory_bytes(tmp_path) == psutil.virtual_memory().total
    assert 0 < machine.free_bytes(tmp_path) < machine.memory_bytes(tmp_path)


@pytest.mark.parametrize("devices", [["cpu"], ["cuda:0", "cpu"], ["cuda:0"]])
def test_cores_and_memory_are_shared_out(devices: list[str]) -> None:
    made = plans(devices, Limits(), Run())
    assert sum(plan.threads for plan in made) <= max(machine.cores(), len(devices))
    shared = sum(plan.memory_bytes for plan in made)
    assert shared <= max(machine.memory_bytes(), LEAST_MEMORY_BYTES * len(devices))


async def test_a_machine_without_a_gpu_has_one_worker_on_its_cpu() -> None:
    if sys.platform != "linux" or any(Path(door).exists() for door in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")):
        pytest.skip("this machine may have a GPU")
    assert await devices_of("auto") == ["cpu"]


async def test_devices_are_named_with_commas() -> None:
    assert await devices_of("cuda:0, cuda:1,cpu") == ["cuda:0", "cuda:1", "cpu"]


@pytest.mark.parametrize("setting", ["", "gpu", "cuda:x", "auto,cpu", "cpu," * (machine.cores() + 1)])
async def test_devices_that_cannot_be_are_refused_in_a_sentence(setting: str) -> None:
    with pytest.raises(PoolError, match=r"^DEVICES names .*\.$"):
        await devices_of(setting)
