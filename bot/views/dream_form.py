"""The forms that a dream is asked for in: a new one, and one like another with changes."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

import discord

from bot import recipes
from bot.drafts import KEY, Ask, Draft, Kept
from bot.errors import KEPT_NO_MORE, UserError
from bot.job import Job
from bot.language import Language, language_of
from bot.views import wording
from bot.views.asking import stays_private
from bot.views.beginning import plain, settled
from bot.views.buttons import is_of
from bot.views.forms import Form
from bot.views.host import host_of
from bot.views.lasting import Lasting
from bot.views.moods import in_english
from bot.views.moving import begin_or_ask
from bot.views.pictures import MIB, check, moves
from bot.views.trouble import report
from bot.workarounds import PictureUpload
from engine.sentences import mark
from engine.vocabulary.sums import MAX_LENGTH

Interaction = discord.Interaction[Any]

NOTHING_KEPT = "new"  # in place of a key: nothing was typed before the form was opened
LOOKS = {
    "classic": mark("Wild, as in 2015: dogs and eyes everywhere"),
    "natural": mark("Calm: whole things grow, and the photo stays"),
}


class DraftForm(Form, template=r"(?!)"):
    """A form about a draft. Where it cannot be dreamed, the person is offered the form again as they filled it in."""

    def __init__(self, say: Language, title: str, custom_id: str) -> None:
        super().__init__(title=title, custom_id=custom_id)
        self._say = say
        self._inputs: dict[str, discord.ui.TextInput[Any] | discord.ui.Select[Any]] = {}

    @abstractmethod
    async def draft(self, interaction: Interaction) -> Draft:
        """Return what the form is about, and what it says beside its texts. Raises UserError."""

    def ask_text(
        self, name: str, label: str, shown: str, description: str, *, longest: int, required: bool = True
    ) -> None:
        """Add a text input that is filled in."""
        text = discord.ui.TextInput[Any](custom_id=name, default=shown[:longest], max_length=longest, required=required)
        self._inputs[name] = text
        self.field(label, text, description)

    def ask_look(self, shown: str) -> None:
        """Add the choice of a look."""
        options = [
            discord.SelectOption(
                label=self._say(wording.LOOKS[name]), description=self._say(about), value=name, default=name == shown
            )
            for name, about in LOOKS.items()
        ]
        look = discord.ui.Select[Any](custom_id="look", options=options)
        self._inputs["look"] = look
        self.field(self._say("Look"), look)

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Begin the dream as the command would."""
        draft = await self.draft(interaction)
        texts = {name: _text_of(item) for name, item in self._inputs.items()}
        try:
            most_size = host_of(interaction).settings.most_size
            await begin_or_ask(interaction, with_texts(self._say, draft, texts, most_size))
        except Exception as error:  # noqa: BLE001 - the last place that sees it
            key = host_of(interaction).drafts.keep(Kept(interaction.user.id, draft, texts))
            await report(interaction, error, again=Reopen(key, self._say))


class NewForm(DraftForm, template=rf"oneiros:new-dream:(?P<key>{NOTHING_KEPT}|{KEY})"):
    """Asks for a picture, and what to dream of on it. ``key``: of the draft that holds what was said before."""

    def __init__(self, say: Language, key: str, shown: Mapping[str, str], *, has_picture: bool = False) -> None:
        super().__init__(say, say("Dream on a picture"), f"oneiros:new-dream:{key}")
        self._key = key
        self._picture = PictureUpload(custom_id="picture", required=not has_picture)
        again = say("Leave this empty to keep the picture that you sent.") if has_picture else None
        self.field(say("Your picture"), self._picture, again)
        self.ask_text(
            "of",
            say("What to dream of"),
            shown["of"],
            say("A mood (dogs, eyes, temples), anything like peacock, or a sum: dogs + eyes."),
            longest=MAX_LENGTH,
            required=False,
        )
        self.ask_look(shown["look"])

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        return cls(language_of(interaction.locale.value), match["key"], {"of": "", "look": ""})

    async def draft(self, interaction: Interaction) -> Draft:
        host = host_of(interaction)
        if self._key == NOTHING_KEPT:
            draft = Draft(plain(interaction))
        else:
            draft = host.drafts.get(self._key, interaction.user.id).draft
        for picture in self._picture.values:
            check(picture, host.settings.max_upload_mib * MIB, moving=True)
            moving = moves(picture)
            ask = replace(draft.ask, source_url=picture.url, spoiler=picture.is_spoiler(), moving=moving)
            draft = replace(draft, ask=ask)
        return draft


class EditForm(DraftForm, template=rf"oneiros:edited:(?:job-(?P<job>[0-9]{{1,18}})|(?P<key>{KEY}))"):
    """Shows a dream's recipe to be changed. ``about``: its job, or the key of a draft of it."""

    def __init__(self, say: Language, about: str, shown: Mapping[str, str], most_size: int) -> None:
        super().__init__(say, say("Dream it another way"), f"oneiros:edited:{about}")
        self._about = about
        octaves = [int(one) for one in recipes.bounds("octaves")]
        self.ask_text(
            "of",
            say("What to dream of"),
            shown["of"],
            say("A mood (dogs, eyes, temples), anything like peacock, or a sum: dogs + eyes."),
            longest=MAX_LENGTH,
        )
        self.ask_look(shown["look"])
        self.ask_text(
            "likeness",
            say("Likeness"),
            shown["likeness"],
            say("How much of the photo stays: 0 all may go, 1 nothing changes."),
            longest=20,
        )
        self.ask_text(
            "measures",
            say("Octaves × size"),
            shown["measures"],
            say(
                "How many sizes are dreamed ({least} to {most}), and the longest side in pixels (up to {size}).",
                least=octaves[0],
                most=octaves[1],
                size=most_size,
            ),
            longest=40,
        )
        self.ask_text(
            "seed",
            say("Seed"),
            shown["seed"],
            say("The same seed dreams the same again. Empty: another one."),
            longest=20,
            required=False,
        )

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        about = f"job-{match['job']}" if match["job"] else match["key"]
        empty = dict.fromkeys(("of", "look", "likeness", "measures", "seed"), "")
        return cls(language_of(interaction.locale.value), about, empty, host_of(interaction).settings.most_size)

    async def draft(self, interaction: Interaction) -> Draft:
        host = host_of(interaction)
        if not self._about.startswith("job-"):
            return host.drafts.get(self._about, interaction.user.id).draft
        job = await host.jobs.get(int(self._about.removeprefix("job-")))
        # A custom_id can be forged, the message whose button opened the form cannot.
        if job is None or not is_of(interaction, job):
            raise UserError(wording.NO_SUCH_JOB)
        return replace(draft_of(job), private=stays_private(interaction, job))


class Reopen(Lasting[discord.ui.Button[discord.ui.View]], template=rf"oneiros:reopen:(?P<key>{KEY})"):
    """Opens a form again as it was filled in."""

    def __init__(self, key: str, say: Language | None = None) -> None:
        self._key = key
        label = mark("Edit again") if say is None else say("Edit again")
        super().__init__(discord.ui.Button(label=label, emoji="✏️", custom_id=f"oneiros:reopen:{key}"))

    @classmethod
    def found(cls, match: re.Match[str]) -> Self:
        return cls(match["key"])

    async def pressed(self, interaction: Interaction) -> None:
        host = host_of(interaction)
        kept = host.drafts.get(self._key, interaction.user.id)
        say = language_of(interaction.locale.value)
        if kept.draft.ask.source_hash is not None:
            form: Form = EditForm(say, self._key, kept.texts, host.settings.most_size)
        else:
            form = NewForm(say, self._key, kept.texts, has_picture=kept.draft.ask.source_url is not None)
        await interaction.response.send_modal(form)


async def ask_for_picture(interaction: Interaction, draft: Draft) -> None:
    """Open a form for the picture of a draft; what was said is kept behind it. Raises UserError, RecipeError."""
    (settled_one,) = await settled(interaction, [draft])
    settled_one.finished()  # what is impossible whatever the picture is said before one is asked for
    shown = texts_of(settled_one)
    as_the_bot_dreams = draft.open and settled_one == Draft(draft.ask)
    if as_the_bot_dreams and not (draft.ask.guide_url or draft.ask.mask_url or draft.ask.film):
        key = NOTHING_KEPT
    else:
        key = host_of(interaction).drafts.keep(Kept(interaction.user.id, settled_one, shown))
    await interaction.response.send_modal(NewForm(language_of(interaction.locale.value), key, shown))


def draft_of(job: Job) -> Draft:
    """Return a draft of the same dream as a job's. Raises UserError where its photo is no longer kept."""
    if job.source_hash is None:
        raise UserError(KEPT_NO_MORE)
    return Draft(Ask.again(job, job.source_hash))


def texts_of(draft: Draft) -> dict[str, str]:
    """Return what a form shows of a draft, by field."""
    fields = draft.ask.recipe.model_dump() | dict(draft.said)
    return {
        "of": fields["of"],
        "look": fields["look"],
        "likeness": f"{fields['likeness']:g}",
        "measures": f"{fields['octaves']} × {fields['size']}",
        "seed": str(fields["seed"]),
    }


def with_texts(say: Language, draft: Draft, texts: Mapping[str, str], most_size: int) -> Draft:
    """Change a draft by those of ``texts`` that are others than the form showed. Raises UserError."""
    shown = texts_of(draft)
    said = dict(draft.said)
    for name, text in texts.items():
        typed = text.strip()
        if typed == shown[name]:
            continue
        if name == "likeness":
            said[name] = recipes.number(name, typed)
        elif name == "measures":
            octaves, size = shown[name].split(" × ")
            measures = recipes.measures(typed, most_size)
            before = {"octaves": int(octaves), "size": int(size)}
            said |= {part: value for part, value in measures.items() if value != before[part]}
        elif name == "seed":
            said[name] = recipes.whole(name, typed) if typed else recipes.fresh_seed()
        elif typed:
            said[name] = in_english(say, typed) if name == "of" else typed
    return replace(draft, said=said)


def _text_of(item: discord.ui.TextInput[Any] | discord.ui.Select[Any]) -> str:
    if isinstance(item, discord.ui.TextInput):
        return item.value
    return item.values[0] if item.values else ""
