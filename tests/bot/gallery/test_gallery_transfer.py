"""A gallery moves whole, to another kind of database and store; a file that anybody wrote does no harm."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import buckets
import pytest
from databases import Server, sqlite_url
from keeping_stage import ADA, BOB, GUILD, MODERATOR, Stage

from bot.entry import EntryState, Visitor
from bot.gallery.transfer import Transfer, TransferError
from bot.images.objects import Objects
from bot.images.store import ImageStore
from bot.intake.decoder import Decoder
from bot.store.admin.acts import By
from bot.store.admin.takedowns import Known, Named, Takedowns
from bot.store.blobs import BlobStore
from bot.store.database import Database
from bot.store.gallery.decisions import Decisions
from bot.store.gallery.entries import Draft
from bot.store.gallery.leaving import Leavings
from bot.store.gallery.moving import Moving
from bot.store.guilds import GuildStore

OTHER = 900_000_000_000_000_002


@pytest.fixture
async def decoder() -> AsyncIterator[Decoder]:
    one = Decoder(children=1)
    yield one
    await one.stop()


@pytest.fixture
async def here(sqlite_template: Path, tmp_path: Path, decoder: Decoder) -> AsyncIterator[Stage]:
    """A gallery on SQLite and a folder."""
    (tmp_path / "here.sqlite").write_bytes(sqlite_template.read_bytes())
    database = Database(sqlite_url(tmp_path / "here.sqlite"))
    yield Stage(database, ImageStore(Objects(tmp_path / "pictures"), BlobStore(database)), decoder)
    await database.close()


@pytest.fixture
async def there(
    postgres: Server, postgres_template: str, s3: buckets.Server, monkeypatch: pytest.MonkeyPatch, decoder: Decoder
) -> AsyncIterator[Stage]:
    """Nothing yet, on PostgreSQL and S3."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    with postgres.database(template=postgres_template) as url:
        database = Database(url)
        yield Stage(database, ImageStore(Objects(s3.bucket()), BlobStore(database)), decoder)
        await database.close()


def transfer(stage: Stage) -> Transfer:
    return Transfer(Moving(stage.database), GuildStore(stage.database), stage.images, Takedowns(stage.database))


def ignore(_done: int, _of: int) -> None:
    return


async def fill(stage: Stage) -> None:
    """A gallery with everything that moves."""
    draft = Draft("Waves & <b>foam</b>", ("sea", "night"), on_web=True, with_original=True, credit="Ada")
    await stage.an_entry(draft=draft, voters=(BOB, MODERATOR), preset="Storm", spoiler=True)
    await stage.an_entry(BOB, restricted=True)
    await stage.an_entry(BOB, state=EntryState.PENDING)
    removed = await stage.an_entry(BOB)
    await stage.remove(removed)
    reported = await stage.an_entry(ADA)
    await Decisions(stage.database).report(Visitor(GUILD, BOB), reported.id, "upside down", 1)
    long_gone = await stage.an_entry(BOB)
    await stage.remove(long_gone)
    await Leavings(stage.database).let_go_pictures(-1.0, 1)  # one of the two
    await Decisions(stage.database).bar(stage.moderator(), 4242, "spam")
    guilds = GuildStore(stage.database)
    settled = {"gallery": {"mode": "approval", "channel": 5, "web": "unlisted", "web_key": "k" * 22}}
    await guilds.change(GUILD, MODERATOR, 0, lambda one: one.changed(**settled))


async def exported(stage: Stage, file: Path) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, bytes]]:
    """Export a gallery; return its head, its entries, its pictures."""
    await transfer(stage).export(GUILD, file, ignore)
    return parts(file)


def parts(file: Path) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        lines = [json.loads(line) for line in archive.read("entries.jsonl").splitlines()]
        pictures = {name: archive.read(name) for name in archive.namelist() if name.startswith("pictures/")}
        return json.loads(archive.read("gallery.json")), lines, pictures


async def test_it_comes_over_whole_to_another_database_and_store(here: Stage, there: Stage, tmp_path: Path) -> None:
    await fill(here)
    shown: list[tuple[int, int]] = []
    assert await transfer(here).export(GUILD, tmp_path / "one.zip", lambda done, of: shown.append((done, of))) == 6
    assert shown[-1] == (6, 6)
    head, lines, pictures = parts(tmp_path / "one.zip")
    assert (tmp_path / "one.zip").stat().st_mode & 0o077 == 0, "it names people"
    assert {hashlib.sha256(data).hexdigest() for data in pictures.values()} == {name[9:73] for name in pictures}
    assert sorted(one["state"] for one in lines) == ["hidden", "pending", "removed", "removed", "shown", "shown"]
    assert lines[0]["votes"] == [str(MODERATOR), str(BOB)]
    done = await transfer(there).take_in(tmp_path / "one.zip", there.decoder, ignore)
    assert (done.guild_id, done.new, done.known) == (GUILD, 6, 0)
    later, same, again = await exported(there, tmp_path / "two.zip")
    assert same == lines
    assert again == pictures
    assert {**later, "exported_at": None} == {**head, "exported_at": None}
    assert {row["act"] for row in await there.rows("gallery_act")} == {"imported"}
    assert {row["term"] for row in await there.rows("gallery_term")} >= {"waves", "foam", "sea", "night", "storm"}
    assert {row["job_id"] for row in await there.rows("gallery_entry")} == {None}


async def test_importing_twice_changes_nothing(here: Stage, there: Stage, tmp_path: Path) -> None:
    await fill(here)
    await exported(here, tmp_path / "one.zip")
    await transfer(there).take_in(tmp_path / "one.zip", there.decoder, ignore)
    tables = [f"gallery_{name}" for name in ("entry", "vote", "term", "bar", "act")] + ["guild", "guild_change"]
    before = [await there.rows(name) for name in tables]
    for stage in (there, here):
        done = await transfer(stage).take_in(tmp_path / "one.zip", there.decoder, ignore)
        assert (done.new, done.known) == (0, 6)
    assert [await there.rows(name) for name in tables] == before


async def test_what_was_taken_down_there_stays_out(here: Stage, there: Stage, tmp_path: Path) -> None:
    entry = await here.an_entry()
    await here.an_entry(BOB)
    _, _, pictures = await exported(here, tmp_path / "one.zip")
    looks = await there.decoder.imprint(pictures[f"pictures/{entry.picture_hash}.png"])
    known = Known(frozenset({looks.sha256}))
    await Takedowns(there.database).take_down(Named(), known, "Not theirs.", By(login="root"))
    done = await transfer(there).take_in(tmp_path / "one.zip", there.decoder, ignore)
    assert (done.new, done.known, done.refused) == (1, 0, 1)


async def test_into_another_server_of_the_same_bot_names_are_drawn_anew(here: Stage, tmp_path: Path) -> None:
    await fill(here)
    await exported(here, tmp_path / "one.zip")
    done = await transfer(here).take_in(tmp_path / "one.zip", here.decoder, ignore, OTHER)
    assert done.new == 6
    done = await transfer(here).take_in(tmp_path / "one.zip", here.decoder, ignore, OTHER)
    assert done.new == 0
    rows = await here.rows("gallery_entry")
    assert len({row["slug"] for row in rows}) == 12
    settings = (await GuildStore(here.database).get(OTHER)).settings.gallery
    assert (settings.mode, settings.channel, settings.web_key) == ("approval", None, None)


async def test_what_a_server_has_settled_stays(here: Stage, there: Stage, tmp_path: Path) -> None:
    await fill(here)
    await exported(here, tmp_path / "one.zip")
    await GuildStore(there.database).change(GUILD, 1, 0, lambda one: one.changed(gallery={"a_day": 3}))
    await transfer(there).take_in(tmp_path / "one.zip", there.decoder, ignore)
    assert (await GuildStore(there.database).get(GUILD)).settings.gallery.a_day == 3


async def test_a_picture_is_there_once_and_a_withdrawn_entry_is_left_out(here: Stage, tmp_path: Path) -> None:
    first = await here.a_dream()
    await here.an_entry(job=first, draft=Draft(with_original=True))
    again = await here.a_dream(source_url=None, source_hash=first.source_hash, parent_id=first.id)
    await here.an_entry(job=again, draft=Draft(with_original=True))
    gone = await here.an_entry()
    assert gone.picture_hash is not None
    await here.images.objects.delete(f"blobs/{gone.picture_hash[:2]}/{gone.picture_hash}")
    _, lines, pictures = await exported(here, tmp_path / "one.zip")
    assert len(lines) == 2
    assert len([name for name in pictures if first.source_hash and first.source_hash in name]) == 1


def written(file: Path, head: dict[str, Any], lines: list[Any], pictures: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gallery.json", json.dumps(head))
        archive.writestr("entries.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))
        for name, data in pictures.items():
            archive.writestr(name, data)
    return file


def dream_of(lines: list[dict[str, Any]], number: int = 0) -> str:
    return f"pictures/{lines[number]['pictures']['dream']}.png"


def renamed(lines: list[dict[str, Any]], pictures: dict[str, bytes], data: bytes) -> None:
    """Put other bytes in the first dream's place, named by their own hash."""
    del pictures[dream_of(lines)]
    lines[0]["pictures"]["dream"] = hashlib.sha256(data).hexdigest()
    pictures[dream_of(lines)] = data


WRONG: dict[str, tuple[Callable[..., object], str]] = {
    "another hash": (lambda _, lines, pictures: pictures.update({dream_of(lines): b"x"}), "another picture than"),
    "no picture": (lambda _, lines, pictures: pictures.pop(dream_of(lines)) and None, "it has no pictures/"),
    "text": (lambda _, lines, pictures: renamed(lines, pictures, b"text"), "no picture that can be read"),
    "a broken picture": (
        lambda _, lines, pictures: renamed(lines, pictures, pictures[dream_of(lines)][:60]),
        "no picture that can be read",
    ),
    "a bomb": (lambda _, lines, pictures: renamed(lines, pictures, bytes(65 << 20)), "larger than 64 MiB"),
    "another size": (lambda _, lines, __: lines[0].update(width=63), "another size"),
    "a path": (lambda _, lines, __: lines[0]["pictures"].update(dream="../../etc/passwd"), "line 1 .* is no entry"),
    "a title": (lambda _, lines, __: lines[0].update(title="two\nlines"), "line 1 .* is no entry"),
    "a turned title": (lambda _, lines, __: lines[0].update(title="gnp.\u202eexe"), "line 1 .* is no entry"),
    "nobody knows why": (lambda _, lines, __: lines[0].update(state="hidden"), "line 1 .* is no entry"),
    "a state": (lambda _, lines, __: lines[0].update(state="nominated"), "line 1 .* is no entry"),
    "an id": (lambda _, lines, __: lines[0].update(dreamer=str(1 << 63)), "line 1 .* is no entry"),
    "a recipe": (lambda _, lines, __: lines[0]["recipe"].update(steps=10**9), "line 1 .* is no entry"),
    "a column": (lambda _, lines, __: lines[0].update(job_id=1), "line 1 .* is no entry"),
    "two votes": (lambda _, lines, __: lines[0].update(votes=["5", "5"]), "line 1 .* is no entry"),
    "no text": (lambda _, lines, __: lines.__setitem__(0, [[]]), "line 1 .* is no entry"),
    "twice": (lambda head, lines, __: lines.append(lines[0]) or head.update(entries=3), "is there twice"),
    "one less": (lambda _, lines, __: lines.pop() and None, "says 2"),
    "a version": (lambda head, _, __: head.update(version=2), "another version"),
    "something else": (lambda head, _, __: head.update(kind="x", version=2), "not what an export writes"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_wrong_is_said_and_nothing_of_that_entry_is_written(
    here: Stage, sqlite_template: Path, tmp_path: Path, what: str
) -> None:
    await here.an_entry()
    await here.an_entry(BOB)
    head, lines, pictures = await exported(here, tmp_path / "one.zip")
    change, said = WRONG[what]
    change(head, lines, pictures)
    (tmp_path / "empty.sqlite").write_bytes(sqlite_template.read_bytes())
    database = Database(sqlite_url(tmp_path / "empty.sqlite"))
    empty = Stage(database, ImageStore(Objects(tmp_path / "others"), BlobStore(database)), here.decoder)
    with pytest.raises(TransferError, match=f"(?s){said}"):
        await transfer(empty).take_in(written(tmp_path / "wrong.zip", head, lines, pictures), empty.decoder, ignore)
    assert await empty.rows("gallery_entry") == []
    await database.close()


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x05\x06" + bytes(18)])
async def test_a_file_that_is_no_export_is_said_to_be_none(here: Stage, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(TransferError, match=r"no gallery's file|it has no gallery\.json"):
        await transfer(here).take_in(tmp_path / "file", here.decoder, ignore)


async def test_after_a_broken_entry_the_import_goes_on_where_it_was(here: Stage, there: Stage, tmp_path: Path) -> None:
    await here.an_entry()
    await here.an_entry(BOB)
    head, lines, pictures = await exported(here, tmp_path / "one.zip")
    broken = {**pictures, dream_of(lines, 1): b"x"}
    with pytest.raises(TransferError, match="does not come twice"):
        await transfer(there).take_in(written(tmp_path / "broken.zip", head, lines, broken), there.decoder, ignore)
    assert len(await there.rows("gallery_entry")) == 1
    done = await transfer(there).take_in(tmp_path / "one.zip", there.decoder, ignore)
    assert (done.new, done.known) == (1, 1)


async def test_only_what_our_own_encoder_wrote_is_kept(here: Stage, there: Stage, tmp_path: Path) -> None:
    await here.an_entry()
    head, lines, pictures = await exported(here, tmp_path / "one.zip")
    renamed(lines, pictures, pictures[dream_of(lines)] + b"<script>hidden behind the picture</script>")
    file = written(tmp_path / "two.zip", head, lines, pictures)
    await transfer(there).take_in(file, there.decoder, ignore)
    (row,) = await there.rows("gallery_entry")
    assert b"script" not in await there.images.get(row["picture_hash"])
    done = await transfer(there).take_in(file, there.decoder, ignore)
    assert (done.new, done.known) == (0, 1)


async def test_a_file_that_is_there_is_not_written_over(here: Stage, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(TransferError, match="is there already"):
        await transfer(here).export(GUILD, tmp_path / "mine", ignore)
    with pytest.raises(TransferError, match="cannot be written"):
        await transfer(here).export(GUILD, tmp_path / "no folder" / "out.zip", ignore)
