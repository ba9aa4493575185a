"""The feed and the JSON, as programs read them."""

from __future__ import annotations

import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

from databases import sqlite_url
from test_web_pages import HOME, SITE
from web_samples import UNLISTED_KEY, put
from web_stage import Stage, staged

from bot.store.upgrade import upgrade
from engine.recipe import Recipe

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_the_feed_is_as_the_standard_wants_it(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    async with staged(url, tmp_path, address=SITE) as stage:
        first = await stage.entry(title="Waves & <b>", tags="sea")
        last = await stage.entry(title="Café", credit=None)
        seen = await stage.get(f"{HOME}/feed.atom", Host="dreams.example")
    assert seen.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(seen.body)  # noqa: S314 - our own
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}title") for one in entries] == ["Café", "Waves & <b>"]
    assert [one.findtext(f"{ATOM}author/{ATOM}name") for one in entries] == ["somebody", "Ada"]
    ids = [one.findtext(f"{ATOM}id") or "" for one in (feed, *entries)]
    assert len(set(ids)) == 3
    assert all(one.startswith("urn:uuid:") for one in ids)
    for one in (feed, *entries):
        assert datetime.fromisoformat(one.findtext(f"{ATOM}updated") or "").tzinfo is not None
        for name in ("id", "title", "updated"):
            assert len(one.findall(f"{ATOM}{name}")) == 1
    links = {one.get("rel"): one.get("href") for one in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{SITE}{HOME}/feed.atom", "alternate": f"{SITE}{HOME}"}
    assert [one.find(f"{ATOM}link").get("href") for one in entries] == [  # type: ignore[union-attr]
        f"{SITE}{HOME}/e/{row.slug}" for row in (last, first)
    ]
    assert entries[1].find(f"{ATOM}category").get("term") == "sea"  # type: ignore[union-attr]
    sources: list[str | None] = []
    reader = HTMLParser()
    reader.handle_startendtag = lambda tag, attrs: sources.append(dict(attrs)["src"])  # type: ignore[method-assign]
    reader.feed(entries[1].findtext(f"{ATOM}content") or "")
    assert sources == [f"{SITE}/p/{first.slug}/picture"]
    assert last.shown_at is not None
    assert parsedate_to_datetime(seen.headers["Last-Modified"]) == last.shown_at


async def test_an_empty_feed_is_a_feed(stage: Stage) -> None:
    seen = await stage.get(f"/g/{UNLISTED_KEY}/feed.atom")
    assert ElementTree.fromstring(seen.body).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"  # noqa: S314 - our own


async def test_json_says_what_docs_say_and_nothing_of_anybodys_ids(stage: Stage) -> None:
    recipe = Recipe(of="guide", guide="a" * 64)
    row = await stage.entry(
        title="Waves", original_hash=await put(stage.images), person_id=987654321, channel_id=123456789,
        job_id=55555, recipe=recipe.to_json(), guide_hash=await put(stage.images),
    )  # fmt: skip
    seen = await stage.get(f"{HOME}/e/{row.slug}.json")
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["Access-Control-Allow-Origin"] == "*"
    facts = json.loads(seen.body)
    page = (Path(__file__).parents[3] / "docs" / "web.md").read_text()
    assert {name for name in facts if f"`{name}`" not in page} == set()
    assert (facts["id"], facts["number"], facts["title"], facts["credit"]) == (row.slug, row.id, "Waves", "Ada")
    assert facts["guided"] is True
    assert facts["recipe"]["of"] == "guide"
    for secret in ("987654321", "123456789", "55555", "a" * 64, row.picture_hash, str(row.guide_hash)):
        assert secret not in seen.text


async def test_json_of_a_gallery_goes_on_to_its_end(stage: Stage) -> None:
    rows = [await stage.entry() for _ in range(30)]
    path, found = f"{HOME}.json?tag=sea", []
    while path:
        facts = json.loads((await stage.get(path)).body)
        assert (facts["version"], facts["gallery"]["name"]) == (1, "The Night Shift")
        found += [one["id"] for one in facts["entries"]]
        path = facts["next"]
    assert found == [row.slug for row in reversed(rows)]
