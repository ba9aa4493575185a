"""The words of the moderators' panel: what was done to whom by whom, and why an entry is out."""

from __future__ import annotations

from datetime import datetime

from bot.entry import Entry, EntryState, Hidden
from bot.language import Language
from bot.store.gallery.acts import THE_BOT, Act, Acted
from bot.store.gallery.decisions import Bar, Report
from bot.store.gallery.queues import Queue
from bot.views.admission import plain
from engine.sentences import mark

HEADINGS = {
    Queue.WAITING: mark("**Waiting for approval** · {number} of {count}"),
    Queue.REPORTED: mark("**Reported** · {number} of {count}"),
    Queue.OUT: mark("**Hidden and removed** · {number} of {count}"),
}
EMPTY = {
    Queue.WAITING: mark("Nothing waits for approval."),
    Queue.REPORTED: mark("Nothing is reported that nobody has decided on."),
    Queue.OUT: mark("Nothing is hidden or removed."),
}
SOMEBODY = mark("Somebody who was forgotten")
NO_ACTS = mark("Nothing has been done in this gallery yet.")
NO_BARS = mark("Nobody is barred from adding to this gallery.")

_ACTS = {
    Act.ADDED: mark("{who} added a dream of {whose}"),
    Act.ASKED: mark("{who} asked to add a dream of {whose}"),
    Act.WITHDRAWN: mark("{who} withdrew a dream of {whose}"),
    Act.APPROVED: mark("{who} approved a dream of {whose}"),
    Act.REMOVED: mark("{who} removed a dream of {whose}"),
    Act.REFUSED: mark("{who} tried to add a removed dream of {whose} again"),
    Act.RESTORED: mark("{who} restored a dream of {whose}"),
    Act.HIDDEN: mark("{who} hid a dream of {whose}"),
    Act.DISMISSED: mark("{who} kept a reported dream of {whose}"),
    Act.BARRED: mark("{who} barred {whose}"),
    Act.UNBARRED: mark("{who} let {whose} add again"),
    Act.CLEARED: mark("{who} removed all dreams of {whose}"),
    Act.IMPORTED: mark("{who} brought in a dream of {whose} from a copy of the gallery"),
}
_OWN_ACTS = {
    Act.ADDED: mark("{who} added a dream of their own"),
    Act.ASKED: mark("{who} asked to add a dream of their own"),
    Act.WITHDRAWN: mark("{who} withdrew a dream of their own"),
    Act.REFUSED: mark("{who} tried to add a removed dream of their own again"),
}
_BY_VOTES = {
    Act.ADDED: mark("Members’ votes added a dream of {whose}"),
    Act.ASKED: mark("Members’ votes asked to add a dream of {whose}"),
    Act.HIDDEN: mark("Reports, or its deleted message, hid a dream of {whose}"),
}


def person(say: Language, id_: int | None) -> str:
    """Name somebody; a mention in a message of ours calls nobody."""
    return f"<@{id_}>" if id_ else say(SOMEBODY)


def moment(of: datetime, style: str = "R") -> str:
    """Say when, in the reader's own time: ``R`` how long ago, ``f`` date and time."""
    return f"<t:{int(of.timestamp())}:{style}>"


def because(reason: str | None) -> str:
    """Add a reason that somebody wrote, as text that marks up nothing."""
    return f": {plain(reason)}" if reason else ""


def acted(say: Language, of: Acted) -> str:
    """Say in one line what was done."""
    sentence = _ACTS[of.act]
    if of.person_id == THE_BOT:
        sentence = _BY_VOTES.get(of.act, sentence)
    elif of.person_id == of.about_id:
        sentence = _OWN_ACTS.get(of.act, sentence)
    said = say(sentence, who=person(say, of.person_id), whose=person(say, of.about_id))
    number = f" (#{of.entry_id})" if of.entry_id is not None else ""
    return f"{moment(of.created_at, 'f')} · {said}{number}{because(of.reason)}"


def barred(say: Language, of: Bar) -> str:
    """Say in one line who is barred, since when, by whom."""
    said = say("{person}, by {moderator}", person=person(say, of.person_id), moderator=person(say, of.barred_by))
    return f"{said} · {moment(of.created_at)}{because(of.reason)}"


def reported(say: Language, of: Report) -> str:
    """Say in one line who reported what."""
    return f"{person(say, of.person_id)} · {moment(of.created_at)}{because(of.reason)}"


def why_out(say: Language, entry: Entry, last: Acted | None) -> str:
    """Say why an entry is hidden or removed, and by whom."""
    if entry.state is EntryState.HIDDEN and entry.hidden is Hidden.MIRROR:
        return say("Hidden: its message in the gallery channel was deleted.")
    if entry.state is EntryState.HIDDEN:
        return say.many("Hidden: {count} person reported it.", "Hidden: {count} people reported it.", entry.reports)
    if last is not None and last.act in (Act.REMOVED, Act.CLEARED):
        said = say("Removed by {moderator}", moderator=person(say, last.person_id))
        return f"{said} · {moment(last.created_at)}{because(entry.reason)}"
    return f"{say('Removed')}{because(entry.reason)}"
