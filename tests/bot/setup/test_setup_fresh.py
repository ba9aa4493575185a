"""A fresh folder, as a stranger finds it: set up, looked after, run, backed up meanwhile, restored elsewhere."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.emulator.remote import Remote
from bot.settings import Settings

ROOT = Path(__file__).parents[3]
START_S = 120.0


async def started(folder: Path, *words: str, **settings: str) -> asyncio.subprocess.Process:
    bare = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    bare.pop("ONEIROS_SETTINGS", None)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *words,
        cwd=folder,
        env=bare | {"PYTHONPATH": str(ROOT)} | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def done(folder: Path, *words: str, **settings: str) -> str:
    """Run a command to its end, which must be a good one; returns what it said."""
    process = await started(folder, *words, **settings)
    said = (await asyncio.wait_for(process.communicate(), START_S))[0].decode()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    return said


async def test_from_a_fresh_folder_to_a_restored_one(discord: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text(discord["bot_token"])
    where = {"DISCORD_API": discord["api"], "DISCORD_GATEWAY": discord["gateway"], "DISCORD_CDN": discord["cdn"]}
    assert "permissions=" in await done(tmp_path, "init", "--token-file", "token", "--devices", "cpu", "--yes", **where)
    assert "WRONG" not in await done(tmp_path, "doctor", **where)
    running = await started(tmp_path, "run", **where)
    try:
        async with Remote(discord) as chat, asyncio.timeout(START_S):
            seq = 0
            while not (await chat.get("state"))["connected"]:
                seq = (await chat.get("changes", since=seq, timeout_s=0.2))["seq"]
        assert "are in backup.zip" in await done(tmp_path, "db", "backup", "backup.zip")
        running.send_signal(signal.SIGTERM)
        said = (await asyncio.wait_for(running.communicate(), START_S))[0].decode()
        assert running.returncode == 0, said
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    assert "are back" in await done(tmp_path, "db", "restore", "backup.zip", DATA_DIR="elsewhere")
    assert "at the newest revision" in await done(tmp_path, "doctor", DATA_DIR="elsewhere", **where)
