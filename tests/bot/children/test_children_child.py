"""Child processes: what they know, how they are spoken with, and that nothing is left of them."""

import asyncio
import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from bot.children.child import Child, ChildGoneError
from bot.children.environment import environment
from bot.children.frames import Frame

ROOT = Path(__file__).parents[3]
ECHO = (str(Path(__file__).with_name("echo_child.py")),)
WAIT_S = 20

T = TypeVar("T")

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux's /proc")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of the tests must find ``bot`` whether it is installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@asynccontextmanager
async def echo() -> AsyncIterator[Child]:
    child = await Child.start("echo", ECHO, environment())
    try:
        yield child
    finally:
        await child.close()


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()  # a zombie still is


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, WAIT_S)


async def test_a_large_frame_comes_back_as_it_was_sent() -> None:
    body = os.urandom(5_000_000)
    async with echo() as child:
        child.send(Frame("echo", {"words": "Pfau ähm 🦚", "number": 7}, body))
        child.send(Frame("echo"))
        first, second = await soon(child.receive()), await soon(child.receive())
    assert (first.text("words"), first.integer("number"), first.body) == ("Pfau ähm 🦚", 7, body)
    assert second == Frame("echo")


@needs_proc
async def test_a_child_knows_no_secret_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DISCORD_TOKEN",
        "DISCORD_TOKEN_FILE",
        "DATABASE_URL",
        "AWS_SECRET_ACCESS_KEY",
        "CUDA_VISIBLE_DEVICES",
    ):
        monkeypatch.setenv(name, "hunter2")
    async with echo() as child:
        child.send(Frame("echo"))
        await soon(child.receive())  # now it has surely gone through exec
        seen = environment_of(child.pid)
    assert b"PATH=" in seen
    assert b"hunter2" not in seen


def test_cuda_settings_reach_only_children_that_use_it() -> None:
    source = {"CUDA_VISIBLE_DEVICES": "1", "NVIDIA_VISIBLE_DEVICES": "all", "PATH": "/bin", "DISCORD_TOKEN": "x"}
    assert environment(source) == {"PATH": "/bin"}
    assert set(environment(source, cuda=True)) == {"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "PATH"}


def test_where_weights_are_is_no_secret() -> None:
    source = {"TORCH_HOME": "/weights", "HF_HOME": "/hub", "HF_TOKEN": "hunter2"}
    assert environment(source) == {"TORCH_HOME": "/weights", "HF_HOME": "/hub"}


def test_threads_given_win_over_those_of_the_environment() -> None:
    assert environment({"OMP_NUM_THREADS": "64"}, threads=2)["OMP_NUM_THREADS"] == "2"


async def test_what_a_child_prints_is_logged_and_tears_no_frame(caplog: pytest.LogCaptureFixture) -> None:
    async with echo() as child:
        child.send(Frame("chatter"))
        assert (await soon(child.receive())).kind == "chattered"
        child.send(Frame("echo"))
        assert (await soon(child.receive())).kind == "echo"
    assert "a stray print" in caplog.text
    assert "and one from below Python" in caplog.text


async def test_a_child_that_dies_in_mid_frame_is_gone_and_nothing_else() -> None:
    async with echo() as child:
        child.send(Frame("half"))
        with pytest.raises(ChildGoneError):
            await soon(child.receive())
        assert not child.alive
        assert await soon(child.close()) == -signal.SIGKILL


async def test_a_child_that_speaks_nonsense_is_killed(caplog: pytest.LogCaptureFixture) -> None:
    async with echo() as child:
        child.send(Frame("garbage"))
        with pytest.raises(ChildGoneError):
            await soon(child.receive())
        await soon(child.exited())
    assert "does not speak in frames" in caplog.text


async def test_a_child_that_floods_us_is_not_read_further_and_can_be_closed() -> None:
    async with echo() as child:
        child.send(Frame("flood"))
        assert len((await soon(child.receive())).body) == 100_000
        await soon(child.close())


async def test_ctrl_c_and_a_service_manager_do_not_end_a_child() -> None:
    async with echo() as child:
        child.send(Frame("echo"))
        await soon(child.receive())
        os.kill(child.pid, signal.SIGINT)
        os.kill(child.pid, signal.SIGTERM)
        child.send(Frame("echo"))
        assert (await soon(child.receive())).kind == "echo"


@needs_proc
async def test_twenty_children_leave_no_descriptor_and_no_zombie() -> None:
    async def one(end: Callable[[Child], Awaitable[object]]) -> int:
        child = await Child.start("echo", ECHO, environment())
        child.send(Frame("echo"))
        await soon(child.receive())
        await end(child)
        await soon(child.close())
        return child.pid

    async def dies(child: Child) -> None:
        child.send(Frame("half"))
        with pytest.raises(ChildGoneError):
            await soon(child.receive())

    async def lives(child: Child) -> None:
        child.send(Frame("echo"))

    await one(lives)  # what is opened once for all is open now
    before = descriptors()
    for end in [dies, lives] * 10:
        pid = await one(end)
        assert not is_there(pid)
    assert descriptors() == before


PARENT = """
import asyncio, sys
from bot.children.child import Child
from bot.children.environment import environment

async def main():
    child = await Child.start("echo", sys.argv[1:], environment())
    print(child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for the end of a process that is not its child")
def test_a_child_does_not_outlive_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, *ECHO], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        try:
            parent.kill()
            ended, _, _ = select.select([child], [], [], WAIT_S)
        finally:
            os.close(child)
    assert ended


async def test_a_child_that_says_too_much_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    loud = ("-c", "import sys\nfor n in range(9000): print('x' * 9000, file=sys.stderr)")
    child = await Child.start("loud", loud, environment())
    await soon(child.exited())
    with pytest.raises(ChildGoneError):
        await soon(child.receive())
    await soon(child.close())
    lines = [record for record in caplog.records if record.name.endswith("loud")]
    assert 0 < len(lines) <= 2000
    assert max(len(record.getMessage()) for record in lines) <= 2000
    assert "the rest is left out" in lines[-1].getMessage()
