"""Bring the catalogues up to what the code says now: new words are there to be translated, lost ones marked."""

from __future__ import annotations

import asyncio

from bot.locales import catalogues, words


def main() -> None:
    """Write every catalogue, and print how much of it is translated."""
    template = asyncio.run(words.template())
    for code in catalogues.CODES:
        catalogue = catalogues.updated(code, template)
        catalogues.path_of(code).write_bytes(catalogues.written(catalogue))
        missing = catalogues.untranslated(catalogue)
        print(f"{code}: {len(template) - len(missing)} of {len(template)} translated")


if __name__ == "__main__":
    main()
