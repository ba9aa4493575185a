"""The atlas as pages to browse: plain HTML and a style sheet, nothing from anywhere else. Loads no torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from engine import catalogue
from engine.atlas import kept
from engine.atlas.kept import Atlas, Entry, Sheet
from engine.atlas.plan import CAPTION, CELL, COLUMNS, layers_of, subject_words
from engine.errors import EngineError
from engine.vocabulary.terms import LOGITS

INDEX, STYLE = "index.html", "style.css"
SHOWN_FIRST = 8  # cells of each layer on the first page: a row of its first sheet


def begin_page(folder: Path) -> None:
    """Make the folder of the pages, before anything takes its time. Raises EngineError where that cannot be."""
    kept.write(folder / STYLE, files("engine.atlas").joinpath(STYLE).read_bytes())


def write_page(folder: Path, atlases: Path) -> Path:
    """Write the pages of all atlases below ``atlases`` into ``folder``; return the first page. Raises EngineError."""
    begin_page(folder)
    found = [atlas for name in catalogue.networks() if (atlas := kept.load(atlases / name)) and atlas.sheets]
    if not found:
        raise EngineError("There is no atlas in {folder}.", folder=str(atlases))
    for atlas in found:
        for layer in atlas.layers():
            text = _layer_page(atlas, layer, _link(folder, atlases / atlas.network))
            kept.write(folder / _page_of(atlas, layer), text.encode())
    parts = [_network_part(atlas, _link(folder, atlases / atlas.network)) for atlas in found]
    body = f"<h1>Atlas</h1>\n<p>{_HOW}</p>\n" + "\n".join(parts)
    kept.write(folder / INDEX, _page("Atlas", body).encode())
    return folder / INDEX


_HOW = (
    "What every feature channel of a network responds to: each picture was made from noise, so that its channel fires "
    "as strongly as it can. The words under it are what the same network takes that picture for. They say what it "
    "resembles, not what the channel is for."
)


def _network_part(atlas: Atlas, sheets: str) -> str:
    facts = catalogue.network(atlas.network)
    rows = []
    for layer in atlas.layers():
        shown, own = atlas.of(layer), escape(_page_of(atlas, layer))
        count = sum(len(sheet.entries) for sheet in shown)
        counted = f"{count} {'classes' if layer == LOGITS else 'channels'}"
        names = [_told(layer, entry) for entry in shown[0].entries[:SHOWN_FIRST]]
        # Nothing else in this row says what its pictures show.
        cells = "".join(
            _sprite(atlas, shown[0], at, f'role="img" aria-label="{escape(name)}"') for at, name in enumerate(names)
        )
        rows.append(
            f'<li><h3><a href="{own}">{escape(layer)}</a></h3>\n'
            f"<p>{escape(str(facts.layers[layer].about))} · {counted}</p>\n"
            f'<a class="strip" href="{own}" tabindex="-1">{cells}</a></li>'
        )
    listed = "\n".join(rows)
    firsts = _sheets(atlas, [atlas.of(layer)[0] for layer in atlas.layers()], sheets)
    return f'<section><h2>{escape(facts.title)}</h2>\n{firsts}\n<ul class="layers">\n{listed}\n</ul></section>'


def _layer_page(atlas: Atlas, layer: str, sheets: str) -> str:
    title = f"{catalogue.network(atlas.network).title}, {layer}"
    names = [name for name in layers_of(catalogue.network(atlas.network)) if name in atlas.layers()]
    links = [
        f'<a aria-current="page">{escape(name)}</a>'
        if name == layer
        else f'<a href="{escape(_page_of(atlas, name))}">{escape(name)}</a>'
        for name in names
    ]
    cells = [_cell(atlas, sheet, place) for sheet in atlas.of(layer) for place in range(len(sheet.entries))]
    listed, linked = "\n".join(cells), " ".join(links)
    how = f'python -m engine dream photo.jpg -o out.png --network {atlas.network} --of "…"'
    return _page(
        title,
        f'<nav><a href="{INDEX}">Atlas</a> {linked}</nav>\n<h1>{escape(title)}</h1>\n'
        f"{_sheets(atlas, atlas.of(layer), sheets)}\n"
        f"<p>{escape(str(catalogue.network(atlas.network).layers[layer].about))}. Choose a picture to see what to "
        f"write to dream of it: for <code>of:</code> in chat, or in a shell: <code>{escape(how)}</code></p>\n"
        f'<ol class="cells">\n{listed}\n</ol>',
    )


def _cell(atlas: Atlas, sheet: Sheet, place: int) -> str:
    entry = sheet.entries[place]
    words = subject_words(sheet.layer, entry.channel)
    return (
        f'<li id="c{entry.channel}"><a href="#c{entry.channel}">{_sprite(atlas, sheet, place)}'
        f"<b>{entry.channel}</b> {escape(', '.join(entry.words))}</a><code>{escape(words)}</code></li>"
    )


def _sheets(atlas: Atlas, shown: Sequence[Sheet], folder: str) -> str:
    """Return the rules by which cells show their sheets, of which each is named once: there are thousands of cells."""
    links = {_name(atlas, sheet): quote(f"{folder}/{sheet.file}") for sheet in shown}
    rules = "".join(f".{name}{{background-image:url({link})}}" for name, link in links.items())
    return f"<style>{rules}</style>"


def _sprite(atlas: Atlas, sheet: Sheet, place: int, told: str = "") -> str:
    row, column = divmod(place, COLUMNS)
    at = f"-{column * CELL}px -{row * (CELL + CAPTION)}px"
    return f'<span class="cell {_name(atlas, sheet)}"{told and f" {told}"} style="background-position:{at}"></span>'


def _name(atlas: Atlas, sheet: Sheet) -> str:
    """Return what the cells of a sheet are called as a class: there is no dot in it."""
    return f"{atlas.network}-{Path(sheet.file).stem}".replace(".", "-")


def _told(layer: str, entry: Entry) -> str:
    if layer == LOGITS:
        return f"Class {entry.channel}: {entry.words[0]}"
    return f"Channel {entry.channel} of {layer}, seen as {', '.join(entry.words)}"


def _page_of(atlas: Atlas, layer: str) -> str:
    return f"{atlas.network}-{layer}.html"


def _link(folder: Path, to: Path) -> str:
    return Path(os.path.relpath(to, folder)).as_posix()


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<title>{escape(title)}</title>\n<link rel="stylesheet" href="{STYLE}">\n</head>\n<body>\n<main>\n{body}\n'
        "</main>\n</body>\n</html>\n"
    )
