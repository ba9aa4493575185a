"""The chat page's messages: words, pictures, films, order, and a conversation that does not jump."""

from __future__ import annotations

import base64
import datetime
import io
import re

import discord
import pytest
from emulator_stage import Stage
from page_hands import picture_file, post, reply, tinted
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FILM = """() => new Promise((resolve) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 32 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  recorder.ondataavailable = async ({ data }) => {
    const bytes = new Uint8Array(await data.arrayBuffer());
    resolve(btoa(String.fromCharCode(...bytes)));
  };
  recorder.start();
  let frame = 0;
  const draw = () => {
    pen.fillStyle = `hsl(${(frame += 40)} 80% 50%)`;
    pen.fillRect(0, 0, 32, 32);
    if (frame < 400) requestAnimationFrame(draw); else recorder.stop();
  };
  draw();
})"""


async def test_markdown_reads_as_on_discord_and_never_as_html(page: Page, stage: Stage) -> None:
    state = await stage.remote.get("state")
    bob = next(one["id"] for one in state["people"] if one["username"] == "bob")
    lounge = next(one["id"] for one in state["channels"] if one["name"] == "lounge")
    words = (
        "# Large\n## Less\n-# small **print**\n> quoted\n> twice\n- one\n  - inner\n1. first\n"
        "***both*** __under__ ~~gone~~ `**raw**` ||hidden|| <b>tag</b> snake_case_name\n"
        f"<@{bob}> <#{lounge}> [named](https://example.com/a) https://example.com/b. <t:0:D>\n"
        "```py\nx = '**not bold**'\n```after"
    )
    await post(stage, words)
    text = page.locator("[data-message] .text")
    await expect(text.locator("h3")).to_have_text("Large")
    await expect(text.locator("h4")).to_have_text("Less")
    await expect(text.locator("small > strong")).to_have_text("print")
    await expect(text.locator("blockquote")).to_have_text("quoted\ntwice")
    await expect(text.locator("ul ul li")).to_have_text("inner")
    await expect(text.locator("ol li")).to_have_text("first")
    await expect(text.locator("em > strong")).to_have_text("both")
    await expect(text.locator("p > code")).to_have_text("**raw**")
    await expect(text.locator("pre")).to_have_text("x = '**not bold**'")
    await expect(text.locator(".mention")).to_have_text(["@Bob", "#lounge"])
    await expect(text.locator("a").nth(1)).to_have_attribute("href", "https://example.com/b")
    await expect(text.locator("time")).to_contain_text("1970")
    await expect(text).to_contain_text("<b>tag</b> snake_case_name")
    spoiler = text.locator(".spoiler")
    await expect(spoiler.locator("span")).to_be_hidden()
    await spoiler.focus()
    await page.keyboard.press("Enter")
    await expect(spoiler.locator("span")).to_be_visible()


async def test_messages_of_one_author_stand_together_and_days_apart(page: Page, stage: Stage) -> None:
    for words in ("one", "two"):
        await post(stage, words)
    await expect(page.locator("[data-message] .who:visible")).to_have_count(1)
    await stage.remote.post("clock", forward_s=86_400)
    await post(stage, "three")
    await expect(page.locator("[data-message] .who:visible")).to_have_count(2)
    await expect(page.locator(".rule")).to_have_count(2)
    await expect(page.locator(".rule").last).to_have_text(re.compile("Today|day"))


async def test_older_messages_come_when_one_scrolls_up_and_a_pill_leads_back(page: Page, stage: Stage) -> None:
    for number in range(130):
        await post(stage, f"line {number}")
    await page.reload()
    await expect(page.locator("[data-message]").last).to_have_text(re.compile("line 129"))
    assert await page.locator("[data-message]").count() == 50
    for expected in (100, 130):
        await page.evaluate("document.getElementById('scroller').scrollTop = 0")
        await expect(page.locator("[data-message]")).to_have_count(expected)
    await expect(page.locator(".begin")).to_be_attached()
    await page.evaluate("document.getElementById('scroller').scrollTop = 200")
    await post(stage, "while away")
    await expect(page.locator("#newest")).to_have_text("1 new message")
    await page.locator("#newest").click()
    await expect(page.locator("[data-message]").last).to_be_in_viewport()
    await expect(page.locator("#newest")).to_be_hidden()


async def test_a_preview_that_changes_above_does_not_move_what_one_reads(page: Page, stage: Stage) -> None:
    replies: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction) -> None:
        replies.append(interaction)
        await interaction.response.defer(thinking=True)

    await stage.run(answer)
    for number in range(40):
        await post(stage, f"line {number}")
    read = page.locator("[data-message]", has_text=re.compile("line 25$"))
    await read.scroll_into_view_if_needed()
    await page.evaluate("document.getElementById('scroller').scrollTop -= 1")
    before = await read.bounding_box()
    await replies[0].edit_original_response(**reply(tinted(1, (64, 64)), "Grows\nand\ngrows"))
    await expect(page.locator(".medium img")).to_have_js_property("naturalHeight", 64)
    await replies[0].edit_original_response(**reply(tinted(2, (64, 300)), "Shrinks"))
    await expect(page.locator(".medium img")).to_have_js_property("naturalHeight", 300)
    after = await read.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


async def test_pictures_open_full_size_with_their_words_and_lead_to_the_next(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        files = [tinted(number, (2000, 900)) for number in range(3)]
        items = [
            discord.MediaGalleryItem(f"attachment://{file.filename}", description=f"picture {n}", spoiler=n == 2)
            for n, file in enumerate(files)
        ]
        view = discord.ui.LayoutView()
        view.add_item(discord.ui.MediaGallery(*items))
        view.stop()
        await interaction.response.send_message(view=view, files=files)

    await stage.run(answer)
    media = page.locator(".gallery .medium")
    await expect(media).to_have_count(3)
    await media.first.locator(".alt").click()
    await expect(media.first.locator(".alt")).to_have_attribute("data-own-open", "")
    veiled = media.nth(2)
    await expect(veiled.locator(".veil")).to_be_visible()
    await veiled.locator(".veil").click()
    await expect(veiled.locator(".veil")).to_be_hidden()
    await media.first.locator(".open").click()
    box = page.locator("#lightbox")
    await expect(box.locator("p")).to_have_text("picture 0")
    await page.keyboard.press("ArrowRight")
    await expect(box.locator("p")).to_have_text("picture 1")
    await expect(box.locator(".count")).to_have_text("2 of 3")
    await page.keyboard.press("z")
    assert await box.locator("img").evaluate("one => one.offsetWidth") == 2000
    async with page.expect_download() as kept:
        await box.locator('[data-box="download"]').click()
    assert (await kept.value).suggested_filename == "preview-1.png"
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()


async def test_films_play_and_go_on_when_their_message_is_edited(page: Page, stage: Stage) -> None:
    film = base64.b64decode(await page.evaluate(FILM))
    replies: list[discord.Interaction] = []

    async def answer(interaction: discord.Interaction) -> None:
        replies.append(interaction)
        file = discord.File(io.BytesIO(film), "film.webm")
        await interaction.response.send_message("A film", file=file)

    await stage.run(answer)
    video = page.locator("[data-message] video")
    await expect(video).to_have_js_property("loop", True)
    await video.evaluate("one => one.play()")
    await replies[0].edit_original_response(content="Still **that** film")
    await expect(page.locator("[data-message] strong")).to_have_text("that")
    await expect(video).to_have_js_property("paused", False)


async def test_the_older_embeds_and_plain_files_are_shown_whole(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        embed = discord.Embed(title="Title", url="https://example.com", description="**strong**", colour=0xC0563F)
        embed.set_author(name="Author").set_footer(text="Foot").set_image(url="attachment://preview-1.png")
        embed.timestamp = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
        embed.add_field(name="Name", value="`value`", inline=True)
        await interaction.response.send_message(embed=embed, file=tinted(1))

    await stage.run(answer)
    embed = page.locator(".embed")
    await expect(embed.locator("h4 a")).to_have_text("Title")
    await expect(embed.locator(".fields code")).to_have_text("value")
    await expect(embed.locator(".foot")).to_contain_text("Foot · ")
    await expect(embed.locator(".image img")).to_have_js_property("naturalWidth", 64)
    await expect(page.locator("[data-message] > .body > .gallery")).to_have_count(0)
    await post(stage, "", notes_txt=b"words", photo_png=picture_file())
    last = page.locator("[data-message]").last
    await expect(last.locator("a.file b")).to_have_text("notes.txt")
    await expect(last.locator(".gallery img")).to_have_js_property("naturalWidth", 64)


async def test_an_answer_to_a_menu_s_entry_names_it_without_a_slash(page: Page, stage: Stage) -> None:
    async def answer(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("seen")

    await post(stage, "look at me")
    done = stage.bot.expect(answer)
    message = page.locator("[data-message]")
    await message.hover()
    await message.locator('[data-act="more"]').click()
    await page.get_by_role("menuitem", name="Look").click()
    await done
    await expect(message.last.locator(".cause")).to_have_text("Ada used Look")
