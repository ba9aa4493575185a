"""The words of ``/settings``: what each setting is called, and how its values are put."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.guild import SECRET, Bounds, Change, GalleryMode, WebMode
from bot.language import LANGUAGES, Language
from bot.views.admission import plain
from engine.sentences import mark

MOST_SHOWN = 4  # channels or roles of one value

NAMES = {
    "language": mark("Language of dreams"),
    "channels": mark("Channels where dreaming is allowed"),
    "roles": mark("Roles that may dream"),
    "priority_roles": mark("Roles whose dreams come sooner"),
    "person": mark("Limits for one person here"),
    "server": mark("Limits for the whole server"),
    "max_size": mark("Largest size"),
    "film_seconds": mark("Films"),
    "previews": mark("Previews while a dream is made"),
    "default_preset": mark("Preset where nobody names one"),
    "log_channel": mark("Log channel"),
}
GALLERY_NAMES = {
    "gallery.mode": mark("Mode"),
    "gallery.channel": mark("Channel"),
    "gallery.votes_to_add": mark("Votes that add a dream"),
    "gallery.reports_to_hide": mark("Reports that hide a dream"),
    "gallery.a_day": mark("Dreams of one person a day"),
    "gallery.web": mark("Web page"),
    "gallery.web_key": mark("Link to the web page"),
    "gallery.web_name": mark("Name on the web page"),
}
EVERYWHERE = mark("Everywhere")
EVERYBODY = mark("Everybody")
NO_ROLE = mark("No role")
NOWHERE = mark("None")
OWN_LANGUAGE = mark("Each person’s own")
ON, OFF = mark("Shown"), mark("Not shown")
NO_LIMIT = mark("only the bot’s own")
NO_SIZE = mark("As large as I make them")
NO_LENGTH, NO_FILMS = mark("As long as I make them"), mark("No films")
SOMEBODY = mark("Somebody who was forgotten")
NO_PRESET = mark("No preset")
MODES = {
    GalleryMode.OPEN: mark("Open to everybody"),
    GalleryMode.APPROVAL: mark("With approval"),
    GalleryMode.CLOSED: mark("Closed"),
}
WEB_MODES = {
    WebMode.OFF: mark("None"),
    WebMode.UNLISTED: mark("For who has the link"),
    WebMode.PUBLIC: mark("Public"),
}
NEVER = mark("Never")
GONE_PRESET = mark("{name}, which is gone")

_CHANGED = mark("{person} changed **{setting}**: {before} → {after}")
_LINE = mark("{when} · {person} changed **{setting}**: {before} → {after}")
_CHANGED_SECRET = mark("{person} made a new **{setting}**")
_LINE_SECRET = mark("{when} · {person} made a new **{setting}**")


def value(say: Language, setting: str, of: Any) -> str:
    """Put a setting's value in words, from what JSON has of it."""
    return _VALUES[setting](say, of)


def line(say: Language, change: Change) -> str:
    """Say in one line who changed what, and when."""
    words = _LINE_SECRET if change.setting in SECRET else _LINE
    return say(words, when=f"<t:{int(change.changed_at.timestamp())}:f>", **_of(say, change))


def logged(say: Language, change: Change) -> str:
    """Say who changed what; the message in the log channel has the time."""
    return say(_CHANGED_SECRET if change.setting in SECRET else _CHANGED, **_of(say, change))


def _of(say: Language, change: Change) -> dict[str, str]:
    return {
        "person": f"<@{change.person_id}>" if change.person_id else say(SOMEBODY),
        "setting": _name(say, change.setting),
        "before": value(say, change.setting, change.before),
        "after": value(say, change.setting, change.after),
    }


def _name(say: Language, setting: str) -> str:
    if setting in NAMES:
        return say(NAMES[setting])
    return say("Gallery · {setting}", setting=say(GALLERY_NAMES[setting]))


def bounds(say: Language, of: Bounds) -> str:
    """Put what somebody may have at most in words."""
    said = []
    if of.waiting is not None:
        said.append(say("{count} waiting", count=of.waiting))
    if of.running is not None:
        said.append(say("{count} running", count=of.running))
    if of.gflop_a_day is not None:
        said.append(say("{gflop} GFLOP a day", gflop=round(of.gflop_a_day, 1)))
    return ", ".join(said) or say(NO_LIMIT)


def pixels(say: Language, size: int) -> str:
    """Put the longest side of a picture in words."""
    return say("{size} pixels", size=size)


def film_seconds(say: Language, seconds: float | None) -> str:
    """Put how long films may be in words."""
    if seconds is None:
        return say(NO_LENGTH)
    return say("Up to {seconds} s", seconds=round(seconds, 1)) if seconds else say(NO_FILMS)


def _ids(link: str, none: str) -> Callable[[Language, Any], str]:
    def put(say: Language, of: list[int]) -> str:
        if not of:
            return say(none)
        named = ", ".join(link.format(one) for one in of[:MOST_SHOWN])
        more = len(of) - MOST_SHOWN
        return say("{named} and {count} more", named=named, count=more) if more > 0 else named

    return put


def _preset(say: Language, of: dict[str, str] | None) -> str:
    return say(NO_PRESET) if of is None else f"“{plain(of['name'])}”"


_VALUES: dict[str, Callable[[Language, Any], str]] = {
    "language": lambda say, of: LANGUAGES.get(of, of) if of else say(OWN_LANGUAGE),
    "channels": _ids("<#{}>", EVERYWHERE),
    "roles": _ids("<@&{}>", EVERYBODY),
    "priority_roles": _ids("<@&{}>", NO_ROLE),
    "person": lambda say, of: bounds(say, Bounds.model_validate(of)),
    "server": lambda say, of: bounds(say, Bounds.model_validate(of)),
    "max_size": lambda say, of: pixels(say, of) if of else say(NO_SIZE),
    "film_seconds": lambda say, of: film_seconds(say, of),
    "previews": lambda say, of: say(ON if of else OFF),
    "default_preset": _preset,
    "log_channel": lambda say, of: f"<#{of}>" if of else say(NOWHERE),
    "gallery.mode": lambda say, of: say(MODES[GalleryMode(of)]),
    "gallery.channel": lambda say, of: f"<#{of}>" if of else say(NOWHERE),
    "gallery.votes_to_add": lambda say, of: str(of) if of else say(NEVER),
    "gallery.reports_to_hide": lambda _, of: str(of),
    "gallery.a_day": lambda _, of: str(of),
    "gallery.web": lambda say, of: say(WEB_MODES[WebMode(of)]),
    "gallery.web_key": lambda say, of: say(ON if of else OFF),  # its sentence names no value
    "gallery.web_name": lambda say, of: f"“{plain(of)}”" if of else say(NOWHERE),
}
