"""The forms of galleries: to add a dream, to let it be on the web or not, to report one."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.drafts import KEY, KeptWish
from bot.entry import LONGEST_REASON, LONGEST_TITLE, MOST_TAGS, Entry, EntryState, Wish
from bot.errors import UserError
from bot.gallery.service import AlreadyInGalleryError
from bot.job import Job
from bot.language import Language, language_of
from bot.views import wording
from bot.views.buttons import is_of
from bot.views.card import Card
from bot.views.forms import Form
from bot.views.gallery import card, controls, mine, panel
from bot.views.gallery.moderation import telling
from bot.views.gallery.visiting import custom_id, template, visitor_of
from bot.views.host import host_of
from bot.views.lasting import Lasting
from bot.views.trouble import report
from engine.sentences import mark

Interaction = discord.Interaction[Any]

NOT_ON_WEB, NAMED, UNNAMED = "no", "named", "unnamed"
LONGEST_TAGS = 150  # characters of them all

SHOWN_AT_ONCE = mark("Everybody in this server will see it with /gallery. You can take it back at any time.")
AFTER_APPROVAL = mark("Everybody in this server will see it once a moderator has approved it. You can take it back.")
PRIVATE_TOO = mark("Only you see this dream now: by adding it you show it to them.")
ADDED = mark("**Added.** It is in the gallery of this server.")
WAITS = mark("**Added.** It is shown in the gallery as soon as a moderator has approved it.")
ON_WEB = mark("**It is on the web page now.**")
ON_WEB_SOON = mark("**It is on the web page as soon as it is shown in the gallery.**")
OFF_WEB = mark("**It is not on the web page.**")
REPORTED = mark("**Thank you.** The moderators of this server will look at it.")


class _AboutWeb(Form, template=r"(?!)"):
    """A form that asks whether a dream may be on the web page."""

    def ask_web(self, say: Language, now: str) -> None:
        """Add the choice."""
        choices = {
            NOT_ON_WEB: say("Not on the web"),
            NAMED: say("On the web, under my name"),
            UNNAMED: say("On the web, without my name"),
        }
        options = [
            discord.RadioGroupOption(label=text, value=value, default=value == now) for value, text in choices.items()
        ]
        self.web = discord.ui.RadioGroup[Self](custom_id="web", options=options, required=False)
        self.field(say("The server's web page"), self.web, say("Whoever has its address may look at it."))

    @property
    def on_web(self) -> bool:
        """Whether it may be there."""
        return self.web.value in {NAMED, UNNAMED}

    def credit(self, interaction: Interaction) -> str | None:
        """Return the name to be shown there."""
        return interaction.user.display_name if self.web.value == NAMED else None


class AddForm(_AboutWeb, template=template("add")):
    """Asks how a dream is to stand in the gallery."""

    def __init__(
        self,
        say: Language,
        job_id: int,
        about: str = "",
        wish: Wish | None = None,
        *,
        photo: bool = True,
        web: bool = True,
    ) -> None:
        """Ask; ``about`` is said first, ``wish`` is filled in.

        ``photo``: there is one to be shown. ``web``: the server has a web page.
        """
        shown = wish or Wish()
        super().__init__(title=say("Add to the gallery"), custom_id=custom_id("add", job_id))
        self.job_id = job_id
        if about:
            self.add_item(discord.ui.TextDisplay(about))
        self.named = discord.ui.TextInput[Self](
            custom_id="title", required=False, max_length=LONGEST_TITLE, default=shown.title[:LONGEST_TITLE]
        )
        self.field(say("Title"), self.named, say("What it is called there; leave it empty if it needs no words."))
        self.tags = discord.ui.TextInput[Self](
            custom_id="tags", required=False, max_length=LONGEST_TAGS, default=shown.tags[:LONGEST_TAGS]
        )
        self.field(
            say("Tags"), self.tags, say("Up to {most} words to find it by, such as: sea night dogs", most=MOST_TAGS)
        )
        self.photo = discord.ui.Checkbox[Self](custom_id="photo", default=shown.with_original)
        if photo:
            self.field(say("Show the photo, too"), self.photo, say("Others may then look at it before and after."))
        if web:
            self.ask_web(say, _choice(on_web=shown.on_web, credit=shown.credit))
        else:
            self.web = discord.ui.RadioGroup[Self](custom_id="web", required=False)

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["id"]), "…")

    async def on_submit(self, interaction: Interaction, /) -> None:
        host, visitor = host_of(interaction), visitor_of(interaction)
        job = await host.jobs.get(self.job_id)
        # A custom_id can be forged, the message that the form was opened from cannot.
        if job is None or not is_of(interaction, job) or job.guild_id != visitor.guild_id:
            raise UserError(wording.NO_SUCH_JOB)
        await interaction.response.defer(ephemeral=True, thinking=True)
        wish = Wish(
            title=self.named.value,
            tags=self.tags.value,
            on_web=self.on_web,
            with_original=self.photo.value,
            credit=self.credit(interaction),
        )
        say = language_of(interaction.locale.value)
        try:
            entry = await host.gallery.add(visitor, job, wish)
        except AlreadyInGalleryError as error:
            await tell_already_in(interaction, error)
            return
        except Exception as error:  # noqa: BLE001 - the last place that sees it
            key = host.wishes.keep(KeptWish(interaction.user.id, job.id, wish))
            await report(interaction, error, again=AddAgain(key, say))
            return
        await panel.put(interaction, _added(say, entry, host.gallery.address(entry)))


class AddAgain(Lasting[discord.ui.Button[discord.ui.View]], template=rf"oneiros:gallery:add-again:(?P<key>{KEY})"):
    """Opens the form to add a dream again as it was filled in."""

    def __init__(self, key: str, say: Language | None = None) -> None:
        self._key = key
        label = mark("Edit again") if say is None else say("Edit again")
        custom_id = f"oneiros:gallery:add-again:{key}"
        super().__init__(discord.ui.Button(label=label, emoji="✏️", custom_id=custom_id))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["key"])

    async def pressed(self, interaction: Interaction) -> None:
        host, visitor = host_of(interaction), visitor_of(interaction)
        kept = host.wishes.get(self._key, interaction.user.id)
        job = await host.jobs.get(kept.job_id)
        if job is None or job.guild_id != visitor.guild_id:
            raise UserError(wording.NO_SUCH_JOB)
        await interaction.response.send_modal(add_form(interaction, job, kept.wish, unseen=job.private))


class WebForm(_AboutWeb, template=template("web")):
    """Asks whether a dream that is in the gallery may be on the web page."""

    def __init__(self, say: Language, entry_id: int, now: str = NOT_ON_WEB) -> None:
        super().__init__(title=say("On the web, or not"), custom_id=custom_id("web", entry_id))
        self.entry_id = entry_id
        self.ask_web(say, now)

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["id"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        unseen = interaction.message is not None and interaction.message.flags.ephemeral
        await _acknowledge(interaction, in_place=unseen)
        gallery = host_of(interaction).gallery
        entry = await gallery.let_on_web(
            interaction.user.id, self.entry_id, on_web=self.on_web, credit=self.credit(interaction)
        )
        shown = entry.state is EntryState.SHOWN
        await mine.show_own(interaction, entry, (ON_WEB if shown else ON_WEB_SOON) if entry.on_web else OFF_WEB)


class ReportForm(Form, template=template("report")):
    """Asks what is wrong with an entry."""

    def __init__(self, say: Language, entry_id: int) -> None:
        super().__init__(title=say("Report to the moderators"), custom_id=custom_id("report", entry_id))
        self.entry_id = entry_id
        self.reason = discord.ui.TextInput[Self](
            custom_id="reason", style=discord.TextStyle.paragraph, max_length=LONGEST_REASON
        )
        self.field(say("What is wrong with it?"), self.reason, say("Only the moderators of this server read this."))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), int(match["id"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        visitor = visitor_of(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        entry = await host_of(interaction).gallery.report(visitor, self.entry_id, self.reason.value)
        await panel.put(interaction, card.told(language_of(interaction.locale.value), REPORTED))
        await telling.reported(interaction, entry, self.reason.value)


async def tell_already_in(interaction: Interaction, error: AlreadyInGalleryError) -> None:
    """Tell who acts that a dream is in the gallery already, with the way to it where they may look at it."""
    say = language_of(interaction.locale.value)
    await report(interaction, error, again=controls.open_button(say, error.entry) if error.seen else None)


def add_form(interaction: Interaction, job: Job, wish: Wish | None = None, *, unseen: bool) -> AddForm:
    """Return the form to add a dream here, filled with ``wish``; ``unseen``: only its dreamer sees the dream now."""
    gallery, visitor = host_of(interaction).gallery, visitor_of(interaction)
    say = language_of(interaction.locale.value)
    about = [say(AFTER_APPROVAL if gallery.approves(visitor.guild_id) else SHOWN_AT_ONCE)]
    if unseen:
        about.append(say(PRIVATE_TOO))
    web = gallery.has_page(visitor.guild_id) and not job.restricted
    return AddForm(say, job.id, " ".join(about), wish, photo=job.source_hash is not None, web=web)


def web_form(say: Language, entry: Entry) -> WebForm:
    """Return the form to decide whether an entry is on the web, with what holds now."""
    return WebForm(say, entry.id, _choice(on_web=entry.on_web, credit=entry.credit))


def _choice(*, on_web: bool, credit: str | None) -> str:
    if not on_web:
        return NOT_ON_WEB
    return UNNAMED if credit is None else NAMED


def _added(say: Language, entry: Entry, address: str | None) -> Card:
    sentence = say(ADDED if entry.state is EntryState.SHOWN else WAITS)
    words = sentence if address is None else f"{sentence}\n{address}"
    return card.told(say, words, controls.open_button(say, entry))


async def _acknowledge(interaction: Interaction, *, in_place: bool) -> None:
    if in_place:
        await interaction.response.defer()
    else:
        await interaction.response.defer(ephemeral=True, thinking=True)


GALLERY_FORMS = (AddForm, WebForm, ReportForm)
