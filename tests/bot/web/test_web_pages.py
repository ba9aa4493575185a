"""What the pages show, and that they are whole: parsed as XML, which forgives nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from databases import sqlite_url
from web_samples import PRIVATE, PRIVATE_KEY, PUBLIC, PUBLIC_KEY, UNLISTED, UNLISTED_KEY, put, settle
from web_stage import Seen, Stage, staged

from bot.entry import EntryState
from bot.guild import WebMode
from bot.store.upgrade import upgrade

HOME = f"/g/{PUBLIC_KEY}"
SITE = "https://dreams.example"


def parsed(seen: Seen) -> ElementTree.Element:
    """Read a page strictly: every element closed, every attribute quoted, no id twice."""
    assert seen.headers["Content-Type"] == "text/html; charset=utf-8"
    assert seen.text.startswith("<!DOCTYPE html>\n<html lang=")
    root = ElementTree.fromstring(seen.body)  # noqa: S314 - our own
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for image in root.iter("img"):
        assert {"src", "alt", "width", "height"} <= set(image.keys())
    assert not [one for one in root.iter() if any(re.match("style|on", key) for key in one.attrib)]
    assert [one.text for one in root.iter("script")] == [None]
    return root


def titles(root: ElementTree.Element) -> list[str | None]:
    return [one.findtext(".//b") for one in root.iterfind(".//ol/li")]


async def test_the_first_page_lists_public_galleries_alone(stage: Stage) -> None:
    await stage.entry()
    await stage.entry(guild_id=UNLISTED)
    root = parsed(await stage.get("/"))
    (hall,) = root.iterfind(".//ul/li/a")
    assert (hall.get("href"), hall.findtext("b")) == (HOME, "The Night Shift")
    assert len(list(hall.iter("img"))) == 1


async def test_a_first_page_without_galleries_says_how_there_come_to_be_some(stage: Stage) -> None:
    await settle(stage.guilds, PUBLIC, web=WebMode.OFF)
    assert "/settings" in (await stage.get("/")).text


async def test_a_gallery_shows_what_its_dreamers_agreed_to_and_nothing_else(stage: Stage) -> None:
    await stage.entry(title="Seen")
    await stage.entry(title="Not agreed", on_web=False)
    await stage.entry(title="Restricted", restricted=True)
    for state in (EntryState.HIDDEN, EntryState.PENDING, EntryState.REMOVED, EntryState.NOMINATED):
        await stage.entry(title=state.value, state=state)
    await stage.entry(title="Elsewhere", guild_id=UNLISTED)
    assert titles(parsed(await stage.get(HOME))) == ["Seen"]


async def test_pages_follow_one_another_and_show_each_entry_once(stage: Stage) -> None:
    rows = [await stage.entry(votes=number % 5) for number in range(53)]
    for sort in ("newest", "top", "random&start=400"):
        path, found = f"{HOME}?sort={sort}", []
        for _ in range(4):
            root = parsed(await stage.get(path))
            found += [one.get("href") for one in root.iterfind(".//ol/li/a")]
            following = root.find(".//nav/a[@rel='next']")
            if following is None:
                break
            path = following.get("href") or ""
        assert len(found) == len(set(found)) == 53, sort
        assert set(found) == {f"{HOME}/e/{row.slug}" for row in rows}


async def test_a_random_walk_begins_where_its_address_says(stage: Stage) -> None:
    seen = await stage.get(f"{HOME}?sort=random&tag=sea")
    assert seen.status == 302
    assert re.fullmatch(re.escape(HOME) + r"\?sort=random&start=\d{1,3}&tag=sea", seen.headers["Location"])


async def test_entries_are_found_by_word_tag_preset_and_dreamer(stage: Stage) -> None:
    mine = await stage.entry(title="Harbour", tags="boats", preset="Puppy slugs", person_id=7, credit="Grace")
    await stage.entry(title="Attic", tags="dust")
    await stage.entry(title="Unnamed", tags="dust", person_id=7, credit=None)
    for query in ("q=harb", "tag=boats", "tag=%23boats", "preset=puppy+slugs", f"by={mine.slug}"):
        assert titles(parsed(await stage.get(f"{HOME}?{query}"))) == ["Harbour"], query
    page = await stage.get(f"{HOME}?q=nowhere")
    assert titles(parsed(page)) == []
    assert "Nothing was found." in page.text


async def test_nobody_is_found_by_an_entry_that_does_not_name_its_dreamer(stage: Stage) -> None:
    unnamed = await stage.entry(person_id=7, credit=None)
    assert (await stage.get(f"{HOME}?by={unnamed.slug}")).status == 404
    page = await stage.get(f"{HOME}/e/{unnamed.slug}")
    assert f"by={unnamed.slug}" not in page.text


async def test_an_entry_shows_all_there_is_to_know(stage: Stage) -> None:
    older = await stage.entry(title="Before")
    row = await stage.entry(
        title="Waves", tags="sea", preset="Puppy slugs", votes=2, original_hash=await put(stage.images)
    )
    newer = await stage.entry(title="After")
    page = await stage.get(f"{HOME}/e/{row.slug}")
    root = parsed(page)
    assert root.findtext(".//h1") == "Waves"
    assert {image.get("src") for image in root.iterfind(".//figure/img")} == {
        f"/p/{row.slug}/picture",
        f"/p/{row.slug}/original",
    }
    assert root.find(".//nav/a[@rel='prev']").get("href") == f"{HOME}/e/{newer.slug}"  # type: ignore[union-attr]
    assert root.find(".//nav/a[@rel='next']").get("href") == f"{HOME}/e/{older.slug}"  # type: ignore[union-attr]
    knobs = {line.findtext("th"): line.findtext("td") for line in root.iterfind(".//tbody/tr")}
    assert knobs["of"] == "dogs"
    assert {"octave scale", "step size", "seed"} <= set(knobs)
    assert not {"guide", "mask"} & set(knobs)
    assert root.findtext(".//code") == f"/dream preset: gallery #{row.id}"
    for said in ("Dreamed by Ada", "2 votes", "#sea", "Puppy slugs", "wild look of 2015"):
        assert said in page.text


async def test_an_entry_leads_to_those_beside_it_and_the_first_and_last_to_no_others(stage: Stage) -> None:
    slugs = [(await stage.entry()).slug for _ in range(3)]
    beside = []
    for slug in slugs:
        page = (await stage.get(f"{HOME}/e/{slug}")).text
        beside.append(re.findall(rf'<a class="(newer|older)" [^>]*href="{HOME}/e/([^"]+)"', page))
    assert beside == [
        [("newer", slugs[1])],
        [("newer", slugs[2]), ("older", slugs[0])],
        [("older", slugs[1])],
    ]


async def test_an_entry_without_title_or_name_is_called_by_its_dream(stage: Stage) -> None:
    row = await stage.entry(title=None, credit=None)
    root = parsed(await stage.get(f"{HOME}/e/{row.slug}"))
    assert (root.findtext(".//h1") or "").startswith("Dog faces")
    assert "Dreamed by somebody" in ElementTree.tostring(root, encoding="unicode")


async def test_a_recipe_that_nobody_can_read_any_more_breaks_no_page(stage: Stage) -> None:
    row = await stage.entry(recipe='{"version": 2, "of": "dogs", "network": "gone"}', title=None)
    for path in (HOME, f"{HOME}/e/{row.slug}", f"{HOME}/feed.atom", f"{HOME}.json", f"{HOME}/e/{row.slug}.json"):
        assert (await stage.get(path)).status == 200


async def test_a_spoiler_is_veiled_everywhere(stage: Stage) -> None:
    row = await stage.entry(spoiler=True)
    grid = parsed(await stage.get(HOME))
    assert "veiled" in (grid.find(".//ol/li/a/span").get("class") or "")  # type: ignore[union-attr]
    root = parsed(await stage.get(f"{HOME}/e/{row.slug}"))
    assert root.find(".//input[@type='checkbox']") is not None
    assert "<img" not in (await stage.get(f"{HOME}/feed.atom")).text.replace("&lt;", "<")
    assert parsed(await stage.get("/")).find(".//ul/li//img") is None


async def test_pages_speak_the_visitors_language(stage: Stage) -> None:
    row = await stage.entry()
    for wished, lang in (
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("xx, fr;q=0.5, de;q=0.4", "fr"),
        ("ja", "ja"),
        ("pt", "pt-BR"),
        ("en;q=0.1, es-MX", "es-ES"),
        ("de;q=0", "en-US"),
        ("\xff;;q=x,,", "en-US"),
        ("", "en-US"),
    ):
        seen = await stage.get(f"{HOME}/e/{row.slug}", Accept_Language=wished)
        assert parsed(seen).get("lang") == lang, wished
        assert parsed(seen).get("dir") == "ltr"
        assert seen.headers["Vary"] == "Accept-Language"
    german = (await stage.get(f"{HOME}/e/{row.slug}", Accept_Language="de")).text
    assert "wilden Look" in german or "Look von 2015" in german or "2015" in german


async def test_an_unlisted_gallery_is_kept_from_search_engines(stage: Stage) -> None:
    row = await stage.entry(guild_id=UNLISTED)
    home = f"/g/{UNLISTED_KEY}"
    for path in (home, f"{home}/e/{row.slug}"):
        seen = await stage.get(path)
        assert parsed(seen).find(".//meta[@name='robots']").get("content") == "noindex, nofollow"  # type: ignore[union-attr]
    for path in (home, f"{home}.json", f"{home}/feed.atom", f"/p/{row.slug}/picture", f"/p/{row.slug}/thumb.webp"):
        assert (await stage.get(path)).headers["X-Robots-Tag"] == "noindex, nofollow"
    listed = await stage.get(HOME)
    assert "X-Robots-Tag" not in listed.headers
    assert "noindex" not in listed.text


async def test_turning_a_page_off_or_on_holds_at_once(stage: Stage) -> None:
    row = await stage.entry(guild_id=PRIVATE)
    paths = [f"/g/{PRIVATE_KEY}", f"/g/{PRIVATE_KEY}/e/{row.slug}", f"/p/{row.slug}/picture"]
    assert [(await stage.get(path)).status for path in paths] == [404, 404, 404]
    await settle(stage.guilds, PRIVATE, web=WebMode.UNLISTED)
    assert [(await stage.get(path)).status for path in paths] == [200, 200, 200]
    await settle(stage.guilds, PRIVATE, web_key="D" * 21 + "A")  # a new link: the old one is dead
    assert [(await stage.get(path)).status for path in paths] == [404, 404, 200]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Stage]:
    """The pages where they know their own address, below a path of a proxy's."""
    url = sqlite_url(tmp_path / "oneiros.sqlite")
    await upgrade(url)
    async with staged(url, tmp_path, address=f"{SITE}/art/") as made:
        yield made


async def test_preview_cards_name_whole_addresses(site: Stage) -> None:
    row = await site.entry(title='"Waves" & <more>')
    spoiler = await site.entry(spoiler=True)
    root = parsed(await site.get(f"{HOME}/e/{row.slug}", Host="dreams.example"))
    card = {one.get("property") or one.get("name"): one.get("content") for one in root.iter("meta")}
    assert card["og:title"] == '"Waves" & <more>'
    assert card["og:url"] == f"{SITE}/art{HOME}/e/{row.slug}"
    assert card["og:image"] == f"{SITE}/art/p/{row.slug}/picture"
    assert card["twitter:card"] == "summary_large_image"
    assert card["og:image:alt"]
    assert "og:image" not in (await site.get(f"{HOME}/e/{spoiler.slug}", Host="dreams.example")).text
    grid = parsed(await site.get(HOME, Host="dreams.example"))
    assert grid.find(".//ol/li/a").get("href") == f"/art{HOME}/e/{spoiler.slug}"  # type: ignore[union-attr]


async def test_another_host_is_not_answered(site: Stage) -> None:
    assert (await site.get("/", Host="dreams.example")).status == 200
    for host in ("evil.example", "dreams.example:8080", "dreams.example.evil.example"):
        seen = await site.get("/", Host=host)
        assert (seen.status, host in seen.text) == (421, False)
