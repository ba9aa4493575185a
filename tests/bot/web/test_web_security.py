"""What a visitor must not be able to do: the pages as somebody with bad intentions sees them."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from databases import sqlite_url
from sqlalchemy import text
from test_web_pages import HOME, parsed
from web_samples import PRIVATE, PRIVATE_KEY, PUBLIC, PUBLIC_KEY, UNLISTED, put
from web_stage import Stage, staged

from bot.buckets import Buckets
from bot.entry import EntryState, Visitor
from bot.guild import WEB_KEY
from bot.store.gallery.decisions import Decisions
from bot.store.upgrade import upgrade
from bot.web.answers import HEADERS
from bot.web.limits import buckets

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&{{7*7}}\u202e\x00\x0b"
NOWHERE = "/g/" + "Z" * 21 + "A"


async def test_nothing_that_people_write_becomes_markup(stage: Stage) -> None:
    row = await stage.entry(
        title=EVIL.replace("\x00", ""), credit=EVIL[:60], tags="<b>x</b> \"'onload=", preset=EVIL[:60]
    )
    for path in (HOME, f"{HOME}/e/{row.slug}", f"{HOME}?by={row.slug}"):
        seen = await stage.get(path)
        root = parsed(seen)  # one script, no handler, well formed
        assert not [one for one in root.iter("img") if one.get("src") == "x"]
        assert "{{7*7}}" in seen.text
        assert "\u202e" not in seen.text
    assert "<script>" not in (await stage.get(f"{HOME}/feed.atom")).text


async def test_nothing_of_the_address_becomes_markup(stage: Stage) -> None:
    await stage.entry()
    evil = "%22%27%3E%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE%00"
    for name in ("q", "tag", "preset", "by", "sort", "after", "before", "start", "page", "x"):
        for path in (HOME, "/"):
            seen = await stage.get(f"{path}?{name}={evil}")
            assert seen.status == 200
            parsed(seen)
    assert b"<script>alert" not in (await stage.get(f"/g/{evil}")).body


@pytest.mark.parametrize(
    "query", ["after=9999999999999999999.1", "after=1.1e9", "before=-1.1", "after=250000000000000000.1"]
)
async def test_a_cursor_that_cannot_be_breaks_nothing(stage: Stage, query: str) -> None:
    await stage.entry()
    for sort in ("newest", "top", "random&start=5"):
        assert (await stage.get(f"{HOME}?sort={sort}&{query}")).status == 200


async def test_every_answer_carries_the_policy(stage: Stage) -> None:
    row = await stage.entry()
    css = re.search(r"/assets/site\.[0-9a-f]+\.css", (await stage.get("/")).text)
    assert css is not None
    for path, status in (
        ("/", 200), (HOME, 200), (f"{HOME}/e/{row.slug}", 200), (f"{HOME}.json", 200), (f"{HOME}/feed.atom", 200),
        (f"/p/{row.slug}/picture", 200), (css[0], 200), ("/robots.txt", 200), ("/nothing", 404),
        (f"{HOME}?sort=random", 302),
    ):  # fmt: skip
        seen = await stage.get(path)
        assert seen.status == status
        for name, value in HEADERS.items():
            if name != "Cross-Origin-Resource-Policy":
                assert seen.headers[name] == value, (path, name)
        assert "Set-Cookie" not in seen.headers
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "aiohttp" not in str(HEADERS)


async def test_pages_can_only_be_read(stage: Stage) -> None:
    row = await stage.entry()
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
        for path in ("/", HOME, f"/p/{row.slug}/picture", "/nothing"):
            seen = await stage.get(path, method)
            assert (seen.status, seen.headers["Allow"]) == (405, "GET, HEAD")
    head, got = await stage.get(HOME, "HEAD"), await stage.get(HOME)
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
    picture = await stage.get(f"/p/{row.slug}/picture", "HEAD")
    assert int(picture.headers["Content-Length"]) == len((await stage.get(f"/p/{row.slug}/picture")).body)


async def test_pictures_are_had_through_an_entry_that_may_be_seen_and_by_no_hash(stage: Stage) -> None:
    shown = await stage.entry(original_hash=await put(stage.images))
    without = await stage.entry(thumbnail_hash=None)
    hidden = [
        await stage.entry(on_web=False),
        await stage.entry(restricted=True),
        await stage.entry(guild_id=PRIVATE, original_hash=await put(stage.images)),
    ]
    for name in ("thumb.webp", "picture", "original"):
        assert (await stage.get(f"/p/{shown.slug}/{name}")).status == 200
        for row in hidden:
            assert (await stage.get(f"/p/{row.slug}/{name}")).status == 404
    assert (await stage.get(f"/p/{without.slug}/original")).status == 404
    assert (await stage.get(f"/p/{without.slug}/thumb.webp")).status == 404
    for hash_ in (shown.picture_hash, hidden[2].picture_hash):
        for path in (
            f"/p/{hash_}/picture",
            f"/p/{hash_}",
            f"/{hash_}",
            f"/blobs/{hash_[:2]}/{hash_}",
            f"/p/{hash_[:22]}/picture",
        ):
            assert (await stage.get(path)).status == 404


async def test_a_picture_is_served_as_what_our_encoder_wrote_and_nothing_else(stage: Stage) -> None:
    row = await stage.entry(picture_hash=await put(stage.images, kind="JPEG"))
    assert (await stage.get(f"/p/{row.slug}/picture")).headers["Content-Type"] == "image/jpeg"
    page = b"<script>alert(1)</script>"
    for media_type in ("text/html", "image/svg+xml", "image/gif", "application/xhtml+xml"):
        hash_ = await stage.images.put(page + media_type.encode(), media_type, 1, 1)
        other = await stage.entry(picture_hash=hash_)
        assert (await stage.get(f"/p/{other.slug}/picture")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py", "/assets/..%2fapp.py", "/assets/%2e%2e/templates/base.html", "/../../etc/passwd",
        "/p/..%2f..%2foneiros.sqlite/picture", "//etc/passwd", "/assets/site.css", "/g/../../x", "/%00", "/assets/%00",
    ],
)  # fmt: skip
async def test_no_path_leads_out(small_stage: Stage, path: str) -> None:
    found = await small_stage.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert re.match(rb"HTTP/1.[01] 40[04] ", found), found[:200]
    for inside in (b"root:", b"import", b"SQLite", b"{%", b"Traceback"):
        assert inside not in found


async def test_what_is_forbidden_looks_like_what_is_not_there(stage: Stage) -> None:
    private = await stage.entry(guild_id=PRIVATE)
    other = await stage.entry(guild_id=UNLISTED)
    unagreed = await stage.entry(on_web=False)
    nowhere = await stage.get(NOWHERE)
    assert nowhere.status == 404
    for path in (
        f"/g/{PRIVATE_KEY}", f"/g/{PRIVATE_KEY}.json", f"/g/{PRIVATE_KEY}/feed.atom",
        f"/g/{PRIVATE_KEY}/e/{private.slug}", f"{HOME}/e/{private.slug}", f"{HOME}/e/{other.slug}",
        f"{HOME}/e/{unagreed.slug}", f"{HOME}/e/{unagreed.slug}.json", f"{HOME}/e/{'x' * 22}",
        f"/p/{private.slug}/picture", f"/p/{'x' * 22}/picture", "/p/x/picture", "/g/x", "/admin",
        f"{HOME}?by={other.slug}",
    ):  # fmt: skip
        seen = await stage.get(path)
        hidden_in = {"Date"}
        assert seen.body == nowhere.body, path
        assert {name: value for name, value in seen.headers.items() if name not in hidden_in} == {
            name: value for name, value in nowhere.headers.items() if name not in hidden_in
        }


@pytest.mark.parametrize("how", ["withdrawn", "hidden", "removed", "off the web"])
async def test_what_is_taken_back_is_gone_at_once_everywhere(stage: Stage, how: str) -> None:
    row = await stage.entry(title="Regretted", original_hash=await put(stage.images))
    stays = await stage.entry(title="Stays")
    own = [
        f"{HOME}/e/{row.slug}",
        f"{HOME}/e/{row.slug}.json",
        *(f"/p/{row.slug}/{name}" for name in ("thumb.webp", "picture", "original")),
    ]
    lists = [
        HOME,
        f"{HOME}?sort=top",
        f"{HOME}?q=regretted",
        f"{HOME}.json",
        f"{HOME}/feed.atom",
        f"{HOME}/e/{stays.slug}",
        "/",
    ]
    before = {path: await stage.get(path) for path in (*own, *lists)}
    assert {one.status for one in before.values()} == {200}
    assert all("Regretted" in before[path].text or row.slug in before[path].text for path in lists)
    for path, seen in before.items():
        again = await stage.get(path, If_None_Match=seen.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
    moderator = Visitor(PUBLIC, 9, moderates=True)
    match how:
        case "withdrawn":
            assert await stage.entries.withdraw(1, row.id)
        case "hidden":
            assert await Decisions(stage.database).report(Visitor(PUBLIC, 5), row.id, "no", 1)
        case "removed":
            assert await Decisions(stage.database).remove(moderator, row.id, EntryState.SHOWN, "no")
        case _:
            assert await stage.entries.let_on_web(1, row.id, on_web=False, credit=None)
    for path in own:
        assert (await stage.get(path)).status == 404
        assert (await stage.get(path, If_None_Match=before[path].headers["ETag"])).status == 404
        assert (await stage.get(path, If_None_Match="*")).status == 404
    for path in lists:
        seen = await stage.get(path, If_None_Match=before[path].headers["ETag"])
        assert seen.status == 200, path
        assert row.slug not in seen.text
        if "q=" not in path:
            assert "Regretted" not in seen.text


async def test_a_failure_shows_nothing_of_the_inside(small_stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    row = await small_stage.entry()
    await small_stage.images.objects.delete(f"blobs/{row.picture_hash[:2]}/{row.picture_hash}")
    assert (await small_stage.get(f"/p/{row.slug}/picture")).status == 404
    async with small_stage.database.write() as session:
        await session.execute(text("ALTER TABLE gallery_entry RENAME TO elsewhere"))
    seen = await small_stage.get(HOME)
    assert seen.status == 500
    parsed(seen)
    assert "a page failed" in caplog.text
    for inside in ("gallery_entry", "sqlalchemy", "Traceback", "File "):
        assert inside not in seen.text


async def test_whoever_asks_too_often_waits(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    moments = [0.0]
    bounded = Buckets(burst=5, a_second=0.5, most=3, clock=lambda: moments[0])
    async with staged(url, tmp_path, proxies=(ip_network("127.0.0.0/8"),), buckets=bounded) as stage:

        async def asked(who: str) -> int:
            return (await stage.get("/robots.txt", X_Forwarded_For=who)).status

        assert [await asked("192.0.2.1") for _ in range(6)] == [200] * 5 + [429]
        refused = await stage.get("/", X_Forwarded_For="192.0.2.1")
        assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
        parsed(refused)
        assert await asked("192.0.2.2") == 200
        moments[0] += 2
        assert [await asked("192.0.2.1") for _ in range(2)] == [200, 429]
        # One household has one bucket, whatever its members say of themselves before the proxy adds its word.
        assert [await asked(f"2001:db8::{number}") for number in range(6)] == [200] * 5 + [429]
        assert await asked("203.0.113.9, 2001:db8::9") == 429
        assert await asked("2001:db8:0:1::1") == 200
        assert [await asked(f"192.0.2.{number}") for number in range(50, 90)] == [200] * 40
        assert len(bounded) == 3


async def test_a_forwarded_address_is_believed_of_trusted_proxies_alone(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    async with staged(url, tmp_path, buckets=Buckets(burst=3, a_second=0.001)) as stage:
        found = [(await stage.get("/robots.txt", X_Forwarded_For=f"192.0.2.{number}")).status for number in range(5)]
    assert found == [200, 200, 200, 429, 429]


@pytest.mark.parametrize(
    "sent", ["", "nonsense", ", ,", "192.0.2.1, nonsense", "[2001:db8::1]:443", "999.1.1.1", "x" * 5000]
)
async def test_a_forwarded_address_that_is_none_breaks_nothing(tmp_path: Path, sent: str) -> None:
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    async with staged(url, tmp_path, proxies=(ip_network("127.0.0.1"),), buckets=buckets()) as stage:
        assert (await stage.get("/robots.txt", X_Forwarded_For=sent)).status == 200


async def test_a_request_that_is_too_large_is_refused(small_stage: Stage) -> None:
    for request in (
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 9\r\n\r\n123456789",
    ):
        assert re.match(rb"HTTP/1.[01] (400|405) ", await small_stage.raw(request))


def test_no_address_of_a_gallery_can_be_guessed() -> None:
    assert re.fullmatch(WEB_KEY, PUBLIC_KEY)
    assert 22 * 6 >= 128
