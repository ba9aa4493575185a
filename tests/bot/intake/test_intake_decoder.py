"""The intake: every file gets its clean picture or one clear sentence, and hurts nobody else's."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from bot.errors import UserError
from bot.intake.decoder import Clean, Decoder

ROOT = Path(__file__).parents[3]
FAKE = (str(Path(__file__).with_name("fake_decoder.py")),)
PNG = b"\x89PNG\r\n\x1a\n"
WAIT_S = 20
T = TypeVar("T")

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux's /proc")

# The real process around a decoder that was taken over or runs wild.
WILD = """
import engine.pictures
from bot.intake import child, limits

def decode(*_, **__):
    {act}

limits.CPU_S = 1
engine.pictures.decode = decode
child.main()
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of the tests must find ``bot`` whether it is installed or not."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@asynccontextmanager
async def decoder(
    program: tuple[str, ...] = FAKE, *, children: int = 1, request_s: float = 20, recycle_after: int = 200
) -> AsyncIterator[Decoder]:
    made = Decoder(program=program, children=children, request_s=request_s, recycle_after=recycle_after)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, WAIT_S)


async def process_of(there: Decoder) -> int:
    """Have the fake tell its process id."""
    return (await soon(there.clean(PNG, 100))).width


async def refusal(answer: Awaitable[Clean]) -> str:
    with pytest.raises(UserError) as caught:
        await soon(answer)
    return str(caught.value)


def limits_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:47].strip() for line in lines}


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def children_of(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("word", [b"die", b"nonsense", b"no picture", b"odd width", b"long sentence"])
async def test_a_decoder_that_breaks_costs_one_request(word: bytes) -> None:
    async with decoder() as there:
        first = await process_of(there)
        assert "could not be read safely" in await refusal(there.clean(PNG + word, 100))
        assert await process_of(there) != first


async def test_a_decoder_that_hangs_is_killed_and_costs_one_request() -> None:
    async with decoder(request_s=1.0) as there:
        first = await process_of(there)
        assert "could not be read safely" in await refusal(there.clean(PNG + b"hang", 100))
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        assert await process_of(there) != first


async def test_a_slow_picture_does_not_hold_up_the_next_persons() -> None:
    async with decoder(children=2) as there:
        slow = asyncio.create_task(there.clean(PNG + b"hang", 100))
        await asyncio.sleep(0)
        assert await process_of(there)
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_a_request_given_up_does_not_answer_the_next_one() -> None:
    async with decoder() as there:
        first = await process_of(there)
        given_up = asyncio.create_task(there.clean(PNG + b"hang", 100))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        assert await process_of(there) != first


async def test_one_process_serves_many_and_is_then_replaced() -> None:
    async with decoder(recycle_after=3) as there:
        processes = [await process_of(there) for _ in range(7)]
    assert len(set(processes)) == 3
    assert processes[0] == processes[2] != processes[3] == processes[5] != processes[6]


async def test_many_requests_at_once_are_all_answered() -> None:
    async with decoder(children=2) as there:
        answers = await soon(asyncio.gather(*(there.clean(PNG, 100) for _ in range(30))))
    assert len({answer.width for answer in answers}) <= 2


async def test_no_process_is_left_after_the_end() -> None:
    async with decoder(children=2) as there:
        under_way = asyncio.create_task(there.clean(PNG + b"hang", 100))
        idle = await process_of(there)
    assert isinstance(await asyncio.gather(under_way, return_exceptions=True), list)
    with pytest.raises(ProcessLookupError):
        os.kill(idle, 0)


@needs_proc
async def test_broken_decoders_leave_no_descriptor() -> None:
    async with decoder() as there:
        await process_of(there)
        before = descriptors()
        for _ in range(20):
            await refusal(there.clean(PNG + b"die", 100))
        await process_of(there)
        assert descriptors() == before


@pytest.mark.parametrize(
    "data", [b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe", b"RIFF0000WAVE"]
)
async def test_what_does_not_begin_like_a_picture_reaches_no_decoder(data: bytes) -> None:
    assert "not a picture" in await refusal(Decoder(program=("-c", "raise SystemExit")).clean(data, 100))


async def test_an_empty_file_is_said_to_be_empty() -> None:
    assert "empty" in await refusal(Decoder(program=("-c", "raise SystemExit")).clean(b"", 100))


@needs_proc
async def test_the_real_decoder_knows_no_secret_and_is_held_to_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hunter2")
    monkeypatch.setenv("DATABASE_URL", "postgresql://hunter2@localhost/")
    made = Decoder(children=1)
    before = set(children_of(os.getpid()))
    await made.start()
    try:
        await refusal(made.clean(PNG, 100))  # one request, so that its limits are in force
        (pid,) = set(children_of(os.getpid())) - before
        seen, limits = environment_of(pid), limits_of(pid)
    finally:
        await made.stop()
    assert b"hunter2" not in seen
    assert limits["Max address space"] == str(3 * 2**29)
    assert limits["Max core file size"] == "0"
    assert 20 <= int(limits["Max cpu time"]) <= 30


async def test_a_picture_that_wants_too_much_memory_is_refused_and_the_decoder_lives() -> None:
    async with decoder(("-c", WILD.format(act="return bytearray(2 * 1024**3)"))) as there:
        assert "too much memory" in await refusal(there.clean(PNG, 100))
        assert "too much memory" in await refusal(there.clean(PNG, 100))


@pytest.mark.skipif(not hasattr(signal, "SIGXCPU"), reason="the system bounds no processor time")
async def test_a_picture_that_wants_too_much_time_is_ended_by_the_system() -> None:
    async with decoder(("-c", WILD.format(act="while True: pass"))) as there:
        assert "could not be read safely" in await refusal(there.clean(PNG, 100))


async def test_an_error_of_ours_ends_the_process_and_tells_the_person_nothing_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with decoder(("-c", WILD.format(act="raise KeyError('internal')"))) as there:
        assert "internal" not in await refusal(there.clean(PNG, 100))
    assert "KeyError: 'internal'" in caplog.text


@needs_proc
async def test_where_memory_runs_out_the_system_ends_the_decoder_and_not_the_bot() -> None:
    before = set(children_of(os.getpid()))
    made = Decoder(children=1)
    await made.start()
    try:
        await refusal(made.clean(PNG, 100))
        (pid,) = set(children_of(os.getpid())) - before
        score, limits = Path(f"/proc/{pid}/oom_score_adj").read_text(), limits_of(pid)
    finally:
        await made.stop()
    assert int(score) >= 500
    assert limits["Max file size"] == str(2**28)
