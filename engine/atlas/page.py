"""The atlas as pages to browse: plain HTML and a style sheet, nothing from anywhere else. Loads no torch."""

from __future__ import annotations

import os
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
        cells = "".join(_sprite(shown[0], place, sheets, layer) for place in range(len(shown[0].entries))[:SHOWN_FIRST])
        rows.append(
            f'<li><h3><a href="{own}">{escape(layer)}</a></h3>\n'
            f"<p>{escape(str(facts.layers[layer].about))} · {counted}</p>\n"
            f'<a class="strip" href="{own}" tabindex="-1">{cells}</a></li>'
        )
    listed = "\n".join(rows)
    return f'<section><h2>{escape(facts.title)}</h2>\n<ul class="layers">\n{listed}\n</ul></section>'


def _layer_page(atlas: Atlas, layer: str, sheets: str) -> str:
    title = f"{catalogue.network(atlas.network).title}, {layer}"
    names = [name for name in layers_of(catalogue.network(atlas.network)) if name in atlas.layers()]
    links = [
        f'<a aria-current="page">{escape(name)}</a>'
        if name == layer
        else f'<a href="{escape(_page_of(atlas, name))}">{escape(name)}</a>'
        for name in names
    ]
    cells = [_cell(atlas, sheet, place, sheets) for sheet in atlas.of(layer) for place in range(len(sheet.entries))]
    listed, linked = "\n".join(cells), " ".join(links)
    return _page(
        title,
        f'<nav><a href="{INDEX}">Atlas</a> {linked}</nav>\n<h1>{escape(title)}</h1>\n'
        f"<p>{escape(str(catalogue.network(atlas.network).layers[layer].about))}. Choose a picture to see how to dream "
        f'of it.</p>\n<ol class="cells">\n{listed}\n</ol>',
    )


def _cell(atlas: Atlas, sheet: Sheet, place: int, sheets: str) -> str:
    entry = sheet.entries[place]
    words = subject_words(sheet.layer, entry.channel)
    how = f'python -m engine dream photo.jpg -o out.png --network {atlas.network} --of "{words}"'
    return (
        f'<li id="c{entry.channel}"><a href="#c{entry.channel}">{_sprite(sheet, place, sheets, sheet.layer)}'
        f"<b>{entry.channel}</b> {escape(', '.join(entry.words))}</a><code>{escape(how)}</code></li>"
    )


def _sprite(sheet: Sheet, place: int, sheets: str, layer: str) -> str:
    row, column = divmod(place, COLUMNS)
    at = f"-{column * CELL}px -{row * (CELL + CAPTION)}px"
    link = quote(f"{sheets}/{sheet.file}")
    told = _told(layer, sheet.entries[place])
    return f'<span class="cell" role="img" aria-label="{escape(told)}" style="background:url({link}) {at}"></span>'


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
