"""Databases of other versions, before ``oneiros`` as it is run: upgraded, restored, taken back, or refused."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import kept_versions
import pytest
from alembic.script import ScriptDirectory
from databases import sqlite_url
from kept_versions import NEWEST, OLDER, VERSIONS, rows_in
from setup_command import Command

from bot.store.upgrade import REVISIONS, revisions

ROOT = REVISIONS.parent
LATER = '''
"""A later revision that is never done."""
import time
from alembic import op
revision, down_revision, loses = "later", "{head}", ""
def upgrade():
    op.execute("DELETE FROM job")
    op.execute("CREATE TABLE half (id INTEGER)")
    print("half", flush=True)
    time.sleep(600)
'''


def started(folder: Path, *words: str, also: Path | None = None) -> subprocess.Popen[str]:
    """Start ``oneiros`` in a folder; ``also``: where else packages are, before ours."""
    settings = {"DISCORD_TOKEN": "bm9ib2R5.cw.dG9rZW4", "DISCORD_API": "http://127.0.0.1:9/api/v10"}
    paths = [str(one) for one in (also, ROOT) if one is not None]
    return subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={**os.environ, **settings, "PYTHONPATH": os.pathsep.join(paths), "ONEIROS_SETTINGS": os.devnull},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def changed(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)


def _newer(file: Path) -> str:
    changed(file, "UPDATE alembic_version SET version_num = '9999'")
    return r"Update Oneiros to a version with schema 9999 or a later one, .* or put back a backup from before"


def _newer_with_a_copy(file: Path) -> str:
    copy = file.with_name(f"{file.name}.before-leaving-{kept_versions.revision_of(sqlite_url(file))}")
    shutil.copy(file, copy)
    _newer(file)
    return (
        rf"schema 9999 .* put back the copy that was made before that update, \S*{re.escape(copy.name)}: docs/running"
    )


def _of_something_else(file: Path) -> str:
    file.unlink()
    changed(file, "CREATE TABLE accounts (id INTEGER)")
    return "tables of something else: give Oneiros one of its own"


def _a_part(file: Path) -> str:
    changed(file, "DELETE FROM alembic_version")
    return "it is a part of one. Put a whole backup in its place"


def _changed_by_hand(file: Path) -> str:
    kept_versions.unpacked("0.6.0", file.parent)
    changed(file, "CREATE TABLE regime (id INTEGER)")
    return r"could not be brought from revision 0010 to \d+, and is as it was: table regime already exists"


def _no_database(file: Path) -> str:
    file.write_bytes(b"not a database, but 100 bytes of something else" * 3)
    return "is no database of SQLite, or its beginning is destroyed: move it away"


def _damaged(file: Path) -> str:
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xee" * 3996  # the table of tables
    file.write_bytes(content)
    return r"The database is damaged: stop the bot, .*\(oneiros db restore\)"


def test_a_start_refuses_what_is_not_its_own_in_one_sentence(tmp_path: Path) -> None:
    file = kept_versions.unpacked(VERSIONS[-1], tmp_path / "data")
    told = _newer(file)
    before = file.read_bytes()
    process = started(tmp_path, "run")
    said, errors = process.communicate(timeout=60)
    refused(process.returncode, said, errors, told)
    assert file.read_bytes() == before


# The same way of opening it, in this process: one that starts takes seconds to load.
@pytest.mark.parametrize(
    "harm", [_newer_with_a_copy, _of_something_else, _a_part, _changed_by_hand, _no_database, _damaged]
)
def test_so_does_an_upgrade(harm: Callable[[Path], str], tmp_path: Path, oneiros: Command) -> None:
    file = kept_versions.unpacked(VERSIONS[-1], tmp_path / "data")
    told = harm(file)
    before = file.read_bytes()
    done = oneiros("db", "upgrade", DATA_DIR=str(tmp_path / "data"))
    refused(done.exit_code, done.stdout, done.stderr, told)
    assert file.read_bytes() == before


def refused(code: int, said: str, errors: str, told: str) -> None:
    """Look whether nothing was said but a sentence that matches ``told``."""
    assert (code, said) == (1, "")
    assert re.search(told, errors.splitlines()[-1]), errors
    assert "Traceback" not in errors


def test_a_kill_in_mid_upgrade_leaves_what_was_and_the_next_start_goes_on(tmp_path: Path, oneiros: Command) -> None:
    file = kept_versions.unpacked(VERSIONS[-1], tmp_path / "data")
    url = sqlite_url(file)
    before, was = rows_in(url), kept_versions.revision_of(url)
    shutil.copytree(REVISIONS, tmp_path / "later" / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "later" / "migrations" / "versions" / "later.py").write_text(LATER.format(head=NEWEST))
    process = started(tmp_path, "run", also=tmp_path / "later")
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert (rows_in(url), kept_versions.revision_of(url)) == (before, was)
    assert oneiros("db", "upgrade", DATA_DIR=str(tmp_path / "data")).exit_code == 0
    assert kept_versions.revision_of(url) == NEWEST
    kept_versions.assert_kept(before, rows_in(url))
    assert list((tmp_path / "data").glob("*.part")) == []


@pytest.mark.parametrize("version", [OLDER[0], OLDER[-1]])
def test_an_old_versions_backup_comes_back_whole_into_an_empty_folder(
    version: str, tmp_path: Path, oneiros: Command
) -> None:
    kept_versions.unpacked(version, tmp_path / "old")
    before = contents(tmp_path / "old")
    assert oneiros("db", "backup", "kept.zip", DATA_DIR="old").exit_code == 0
    assert contents(tmp_path / "old") == before, "a backup upgrades nothing"
    done = oneiros("db", "restore", "kept.zip", DATA_DIR="new/data")
    assert done.exit_code == 0, done.output
    assert contents(tmp_path / "new" / "data") == before
    for folder in ("old", "new/data"):
        assert oneiros("db", "upgrade", DATA_DIR=folder).exit_code == 0
    assert contents(tmp_path / "new" / "data") == contents(tmp_path / "old") != before


def contents(data: Path) -> dict[str, Any]:
    """Return every row and every stored object of a folder."""
    pictures = data / kept_versions.PICTURES
    stored = {str(one.relative_to(pictures)): one.read_bytes() for one in pictures.rglob("*") if one.is_file()}
    url = sqlite_url(data / kept_versions.DATABASE)
    return {"rows": rows_in(url), "revision": kept_versions.revision_of(url), "stored": stored}


def test_the_command_takes_a_database_back_and_says_what_goes(tmp_path: Path, oneiros: Command) -> None:
    url = sqlite_url(kept_versions.unpacked(VERSIONS[-1], tmp_path / "data"))
    assert oneiros("db", "upgrade").exit_code == 0
    newest = ScriptDirectory.from_config(revisions()).get_revision(kept_versions.revision_of(url))
    before = rows_in(url)
    refused = oneiros("db", "downgrade", said="n\n")
    assert f"From revision {newest.revision} back to {newest.down_revision}" in refused.output
    assert newest.module.loses in refused.output
    assert "Nothing was changed." in refused.output
    assert (rows_in(url), kept_versions.revision_of(url)) == (before, newest.revision)
    done = oneiros("db", "downgrade", said="y\n")
    assert done.exit_code == 0
    assert f"The database is at revision {newest.down_revision}. As it was, it is kept in" in done.output
    assert kept_versions.revision_of(url) == newest.down_revision
    kept_versions.assert_kept(rows_in(url), before)
    missing = oneiros("db", "downgrade", "--yes", DATA_DIR=str(tmp_path / "nowhere"))
    assert missing.exit_code == 1
    assert "There is no database at" in missing.output
