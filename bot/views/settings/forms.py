"""The forms of ``/settings``: limits, as numbers that somebody types."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot.errors import UserError
from bot.guild import MOST_GFLOP, MOST_JOBS, Bounds
from bot.language import Language, language_of
from bot.settings import Settings
from bot.views.admission import settings_here
from bot.views.forms import Form
from bot.views.host import host_of
from bot.views.settings import panel as settings_panel
from bot.views.settings import words as settings_words
from engine.sentences import mark

Interaction = discord.Interaction[Any]

NO_COUNT = mark(
    "“{typed}” is no whole number from 1 to {most}: write one, or nothing for no limit of this server’s own."
)
NO_AMOUNT = mark("“{typed}” is no number from 1 to {most}: write one, or nothing for no limit of this server’s own.")
WORK = mark("A dream of 768 pixels takes about 480; empty: no limit of this server’s own.")
UP_TO = mark("Up to {most}; empty: no limit of this server’s own.")


class BoundsForm(Form, template=r"oneiros:settings-limits:(?P<whose>person|server):(?P<version>[0-9]{1,9})"):
    """The limits of one person, or of the server."""

    def __init__(self, whose: str, version: int, say: Language, of: Bounds, most: dict[str, float]) -> None:
        super().__init__(title=say(settings_words.NAMES[whose]), custom_id=f"oneiros:settings-limits:{whose}:{version}")
        self.whose, self.version, self.most = whose, version, most
        labels = {
            "waiting": say("Dreams that may wait at once"),
            "running": say("Dreams that may be dreamed at once"),
            "gflop_a_day": say("Work in 24 hours, in GFLOP"),
        }
        self.fields: dict[str, discord.ui.TextInput[Any]] = {}
        for name, label in labels.items():
            value = getattr(of, name)
            text = "" if value is None else f"{value:g}"
            self.fields[name] = discord.ui.TextInput(required=False, max_length=12, default=text, custom_id=name)
            about = say(WORK) if name == "gflop_a_day" else say(UP_TO, most=int(most[name]))
            self.field(label, self.fields[name], about)

    @classmethod
    def of(cls, interaction: Interaction, whose: str, version: int) -> Self:
        """Make the form to be shown, filled with what is settled."""
        say = language_of(interaction.locale.value)
        return cls(whose, version, say, getattr(settings_here(interaction), whose), _most(interaction, whose))

    @classmethod
    def from_custom_id(cls, interaction: Interaction, match: re.Match[str], /) -> Self:
        """Make the form that was submitted."""
        return cls.of(interaction, match["whose"], int(match["version"]))

    async def on_submit(self, interaction: Interaction, /) -> None:
        """Change the limits. Raises UserError where what was typed is no number, or more than the service gives."""
        settings_panel.guild_of(interaction)
        typed = {name: field.value.strip() for name, field in self.fields.items()}
        bounds = Bounds(
            waiting=_count(typed["waiting"], int(self.most["waiting"])),
            running=_count(typed["running"], int(self.most["running"])),
            gflop_a_day=_amount(typed["gflop_a_day"], self.most["gflop_a_day"]),
        )
        await settings_panel.change(interaction, self.version, **{self.whose: bounds.model_dump()})


def _most(interaction: Interaction, whose: str) -> dict[str, float]:
    """Return what the service itself lets a person or a server have: its moderators can only make that less."""
    settings: Settings = host_of(interaction).settings
    own = {
        "waiting": getattr(settings, f"max_queued_per_{whose}"),
        "running": getattr(settings, f"max_running_per_{whose}"),
        "gflop_a_day": getattr(settings, f"max_gflop_a_day_per_{whose}"),
    }
    widest = {"waiting": MOST_JOBS, "running": MOST_JOBS, "gflop_a_day": MOST_GFLOP}
    return {name: min(most, widest[name]) if most is not None else widest[name] for name, most in own.items()}


def _count(typed: str, most: int) -> int | None:
    if not typed:
        return None
    if re.fullmatch("[0-9]{1,9}", typed) and 1 <= int(typed) <= most:
        return int(typed)
    raise UserError(NO_COUNT, typed=typed, most=most)


def _amount(typed: str, most: float) -> float | None:
    if not typed:
        return None
    if re.fullmatch(r"[0-9]{1,10}([.,][0-9]{1,3})?", typed) and 1 <= float(typed.replace(",", ".")) <= most:
        return float(typed.replace(",", "."))
    raise UserError(NO_AMOUNT, typed=typed, most=most)


SETTINGS_FORMS = (BoundsForm,)
