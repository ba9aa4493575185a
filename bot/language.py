"""One person's language: the bot's English sentences, put into it. Catalogues are gettext's, in ``bot/locales``."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from babel import Locale
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.errors import UserError
from engine.errors import EngineError
from engine.sentences import Sentence, Value, fill

ENGLISH = "en-US"
# Discord's codes of the languages that the bot speaks, each with its own name, in the order to show them.
LANGUAGES = {
    ENGLISH: "English",
    "de": "Deutsch",
    "fr": "Français",
    "es-ES": "Español",
    "pt-BR": "Português (Brasil)",
    "ja": "日本語",
}
MOOD = "mood"  # the context in which the catalogues have the moods' names
_SPELLED = {ENGLISH: "en-GB"}  # our own English is British: a, b or c
_NEAR = {"en-GB": ENGLISH, "es-419": "es-ES"}


class Language:
    """Says sentences in one language; what nobody has translated is said in English."""

    def __init__(self, code: str, catalogue: gettext.NullTranslations) -> None:
        self.code = code
        self._locale = Locale.parse(_SPELLED.get(code, code), sep="-")
        self._catalogue = catalogue

    def __call__(self, message: str | Sentence, /, **values: Value) -> str:
        """Say ``message``, which has places in braces for ``values``; a Sentence has its own."""
        if isinstance(message, Sentence):
            return self(message.message, **message.values)
        return self._fill(self._catalogue.gettext(message), values)

    def within(self, context: str, message: str) -> str:
        """Say words that mean this only in their context: ``option name``, of."""
        return self._catalogue.pgettext(context, message)

    def many(self, one: str, other: str, count: int, /, **values: Value) -> str:
        """Say ``one`` or ``other``, as ``count`` wants it here; the count goes where ``{count}`` stands."""
        return self._fill(self._catalogue.ngettext(one, other, count), {"count": count, **values})

    def read(self, text: str) -> str:
        """Say sentences that were kept as text, one a line (``Sentence.to_text``)."""
        return " ".join(self(Sentence.from_text(line)) for line in text.split("\n"))

    def error(self, error: UserError | EngineError) -> str:
        """Say what an error tells a person."""
        return self(error.sentence)

    def _fill(self, words: str, values: Mapping[str, Value]) -> str:
        return fill(words, {name: self._put(value) for name, value in values.items()})

    def _put(self, value: Value) -> str | int:
        if isinstance(value, tuple):
            return format_list(value, style="or", locale=self._locale)
        if isinstance(value, Sentence):
            return self(value)
        if isinstance(value, float):
            return format_decimal(value, locale=self._locale, group_separator=False)
        return value


def language_of(code: str | None) -> Language:
    """Return the language of one of Discord's codes, English where the bot does not speak it."""
    code = _NEAR.get(code or ENGLISH, code)
    return _language(code if code in LANGUAGES else ENGLISH)


@cache
def _language(code: str) -> Language:
    source = files("bot").joinpath(f"locales/{code}.po")
    return Language(code, compiled(source.read_bytes()) if code != ENGLISH else gettext.NullTranslations())


def compiled(catalogue: bytes) -> gettext.NullTranslations:
    """Return what a catalogue's text says."""
    with io.BytesIO(catalogue) as po, io.BytesIO() as mo:
        write_mo(mo, read_po(po))
        mo.seek(0)
        return gettext.GNUTranslations(mo)
