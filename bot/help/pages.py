"""The pages of /help: what stands on each, with places such as ``{preset_save}`` where a command is named."""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from bot.presets.built_in import built_in, thumbnail
from bot.presets.names import key
from engine import vocabulary
from engine.sentences import mark

FOLDER = files("bot").joinpath("data", "help")
MOODS = ("dogs", "eyes", "temples", "flowers", "machines", "crystals")
BUILT_IN = ("Thousand eyes", "Woodcut", "Knitwear", "Wallflowers")  # presets whose own thumbnails are shown
LOOK_OF = "dogs"  # what both looks are shown with; the classic one is the first page's


@dataclass(frozen=True)
class Shown:
    """A picture of a page, and what it says to somebody who does not see it."""

    name: str  # of its file in FOLDER, or of a built-in preset
    alt: str


@dataclass(frozen=True)
class Page:
    """One page. ``beside`` are paragraphs with a small picture each; ``under`` ends the page."""

    topic: str  # what a custom_id and the option topic: call it
    emoji: str
    title: str
    text: str
    gallery: tuple[Shown, ...] = ()
    beside: tuple[tuple[str, Shown], ...] = ()
    under: str = ""
    for_moderators: bool = False


MOOD_ALT = mark("A cup of coffee, dreamed of: {things}.")

PRESET_ALT = mark("A cup of coffee, dreamed with the preset {name}.")

START = Page(
    topic="start",
    emoji="🌙",
    title=mark("Your first dream"),
    text=mark(
        "1. Type {dream} and press Enter.\n"
        "2. Choose a picture from your device.\n"
        "3. Send it. The dream grows in front of you, and is done in about half a minute.\n"
        "No picture at hand? Choose *from: my avatar*. Somebody else's picture? Open the menu of its message, then "
        "*Apps*, then *Dream this*."
    ),
    gallery=(
        Shown("before", mark("Before: a cup of coffee on a wooden table.")),
        Shown("after", mark("After: the same cup, with dogs' faces grown out of the foam and the table.")),
    ),
    under=mark("Nobody has to read on: press the buttons under your dream, and see what happens."),
)
OF = Page(
    topic="of",
    emoji="👁️",
    title=mark("What to dream of"),
    text=mark(
        "Write it after *of:* in {dream}: a mood such as these, or any of a thousand animals and things, such as "
        "peacock or castle. Suggestions come while you type."
    ),
    beside=tuple((mood, Shown(mood, MOOD_ALT)) for mood in MOODS),
    under=mark(
        "They add up: `dogs + eyes`, or `2 temples + flowers`; what has a minus before it is kept away: `fur - dogs`. "
        "*guide:* takes a second picture and dreams its shapes into the first.\n"
        "{atlas} shows in pictures what each part of a network responds to; any of them can be dreamed of."
    ),
)
LOOKS = Page(
    topic="looks",
    emoji="🎭",
    title=mark("Two looks"),
    text=mark(
        "**classic** is wild, as in 2015: everything turns into something. **natural** leaves the photo whole, and "
        "lets things grow in it. Choose with *look:* in {dream}."
    ),
    gallery=(
        Shown("after", mark("The classic look: dogs' faces and dark eyes grow all over the cup and the table.")),
        Shown("natural", mark("The natural look: the cup is still a cup, with a furry face in its foam.")),
    ),
    under=mark(
        "*likeness:* says how much of the photo stays, *where:* dreams only on the subject or only behind it, and "
        "*keep_colors:* leaves its colours as they are."
    ),
)
BUTTONS = Page(
    topic="buttons",
    emoji="🔘",
    title=mark("The buttons under a dream"),
    text=mark(
        "🌀 **Deeper** dreams on the dream.\n"
        "🎲 **Again** dreams the same photo anew; no two dreams are alike.\n"
        "🎨 **Vary ×4** dreams it four times at once, and lets you pick one.\n"
        "✏️ **Edit** opens its recipe: change what you like, and dream it.\n"
        "🔖 **Save preset** keeps its recipe under a name.\n"
        "🖼️ **Original** shows you before and after.\n"
        "🗑️ **Delete** removes the message and its pictures; what you added to a gallery stays there.\n"
        "While it dreams, ✖️ **Cancel** ends it, and 👁️ **Show** says where it stands."
    ),
    under=mark(
        "What you start is yours, also under somebody else's dream. {queue} lists your dreams, {cancel} ends one. With "
        "*private:* in {dream}, only you see it, until you press 📣 *Post it*."
    ),
)
FILMS = Page(
    topic="films",
    emoji="🎞️",
    title=mark("Films"),
    text=mark(
        "{zoom} goes ever deeper into the dream of a picture; 🎞️ **Zoom film** under a dream does so with it. The film "
        "ends where it begins: it goes on without a jump. *seconds:*, *speed:* and *turn:* say how, and *as:* whether "
        "it is an MP4, a GIF or a WebP.\n"
        "Send an animated picture or a short video with {dream}: I ask whether to dream on its first frame or on all "
        "of it."
    ),
    under=mark(
        "A film takes as long as many dreams. Its first seconds come soon, small: if you do not like them, press ✖️ "
        "*Cancel*. Sound is left out."
    ),
)
PRESETS = Page(
    topic="presets",
    emoji="🔖",
    title=mark("Presets"),
    text=mark(
        "A preset is a recipe with a name. Some come with me, and work on any photo: {preset_list} shows them with "
        "their pictures, {preset_use} dreams with one."
    ),
    gallery=tuple(Shown(name, PRESET_ALT) for name in BUILT_IN),
    under=mark(
        "You love a dream? Its button 🔖 *Save preset* keeps the recipe, and {preset_save} that of your newest one. "
        "{preset_share} gives a code by which friends import it, and {preset_default} makes it the one that {dream} "
        "uses by itself."
    ),
)
GALLERY = Page(
    topic="gallery",
    emoji="🏛️",
    title=mark("The gallery"),
    text=mark(
        "{gallery} shows what the members of this server have dreamed: the newest, the most loved, or by person, tag, "
        "preset and words.\n"
        "🏛️ **Add to gallery** under a dream of yours shows it there, with a title and tags if you like. Where the "
        "server lets votes add dreams, ⭐ under a dream is a vote for it."
    ),
    under=mark(
        "Open one: ⭐ votes for it, 🌀 *Remix* dreams your own photo with its recipe, and 🚩 *Report…* tells the "
        "moderators. What is yours stands under 🙋 *Mine*, also in our direct messages: take it out whenever you like. "
        "Some servers have a page on the web, too: a dream is on it only if you say so, with your name or without."
    ),
)
SERVER = Page(
    topic="server",
    emoji="🛠️",
    title=mark("Setting up this server"),
    text=mark(
        "With the permission to manage the server, {settings} shows everything on one panel: where and by whom I may "
        "be used, how much, which preset is the default, in which language I speak, and where I log what was changed."
    ),
    under=mark(
        "Moderators end anybody's dream with {queue}, and delete any with its 🗑️ button. Presets of the server are kept "
        "with {preset_save} and *for: everybody*. {about} says whether all is well with me."
    ),
    for_moderators=True,
)
CURATING = Page(
    topic="curating",
    emoji="🛡️",
    title=mark("Looking after the gallery"),
    text=mark(
        "In {settings}, *Gallery…* says whether what members add is shown at once, waits for approval, or is not taken "
        "for now; how many votes add a dream, and how many reports hide one; in which channel new dreams are posted; "
        "and whether the gallery has a page on the web, with a link or for everybody."
    ),
    under=mark(
        "Who may manage messages finds 🛡️ *Moderate…* in {gallery}: what waits for approval, what was reported, what "
        "is hidden or removed, who is barred, and a log of all that was done. A dream that you open has 🚫 *Remove…*: "
        "whoever dreamed it is told your reason."
    ),
    for_moderators=True,
)
PRIVACY = Page(
    topic="privacy",
    emoji="🔒",
    title=mark("Your pictures"),
    text=mark(
        "I see a picture only when you give it to me; I do not read your messages. Where it was taken, and whatever "
        "else a camera writes into a file, is removed before anything is kept.\n"
        "Photos and dreams are kept for {days} days, so that the buttons work, and then deleted. *Delete* removes them "
        "at once."
    ),
    under=mark("{privacy_show} says what I hold on you, {privacy_export} hands it over, {privacy_forget} deletes it."),
)

PAGES = {page.topic: page for page in (START, OF, LOOKS, PRESETS, BUTTONS, FILMS, GALLERY, SERVER, CURATING, PRIVACY)}


def pictures_of(page: Page) -> list[Shown]:
    """Return every picture of a page."""
    return [*page.gallery, *(picture for _, picture in page.beside)]


SHOWN = dict.fromkeys(shown.name for page in PAGES.values() for shown in pictures_of(page))
PICTURES = tuple(name for name in SHOWN if name not in BUILT_IN)  # those that are ours to draw


def places_in(words: str) -> set[str]:
    """Return the names of the places in a page's words: of commands, with _ for the space between them."""
    return {place for _, place, _, _ in string.Formatter().parse(words) if place}


def mood_text(name: str) -> tuple[str, str]:
    """Return a mood's name and what one sees in it."""
    mood = vocabulary.moods()[name]
    return mood.name, mood.about


@cache
def picture(name: str) -> bytes:
    """Return a picture of a page, as WebP."""
    if name in BUILT_IN:
        return thumbnail(built_in()[key(name)])
    return FOLDER.joinpath(f"{name}.webp").read_bytes()
