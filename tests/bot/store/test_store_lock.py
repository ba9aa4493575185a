"""One bot a SQLite database: the second one is told why, and the lock never outlives its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from databases import sqlite_url

from bot.store import lock
from bot.store.errors import StoreError
from bot.store.jobs import JobStore
from bot.store.opening import opened

HOLDER = """
import sys, pathlib
from bot.store import lock
with lock.held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def start_holder(file: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


async def test_the_second_process_is_told_who_has_it_and_what_to_do(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    with start_holder(tmp_path / "oneiros.sqlite") as holder:
        with pytest.raises(StoreError, match=rf"process {holder.pid}.*DATA_DIR"):
            async with opened(url):
                pass
        holder.communicate("")
    async with opened(url) as database:
        assert await JobStore(database).waiting() == []


@pytest.mark.skipif(os.name != "posix", reason="no SIGKILL here")
def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    file = tmp_path / "oneiros.sqlite"
    with start_holder(file) as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        with lock.held(file):
            pass


async def test_closing_lets_the_next_one_in(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    for _ in range(2):
        async with opened(url) as database:
            assert database.exclusive
