"""Makes an atlas sheet by sheet, and goes on where it stopped."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from engine import catalogue
from engine.atlas import kept
from engine.atlas.kept import Atlas, Entry, Sheet
from engine.atlas.plan import CAPTION, CELL, COLUMNS, STEPS, SheetPlan, layers_of, planned, side_of
from engine.errors import EngineError
from engine.pictures import Picture, joined
from engine.visualize import Progress, Seen, Settings, Visualizer
from engine.visualize.measures import Subject
from engine.vocabulary import Channels, Class, classes
from engine.vocabulary.terms import LOGITS

NAMED = 3  # classes that a channel is named by
CAPTION_SIZE, CAPTION_INDENT = 11, 3
PAPER, INK = (24, 24, 27), (228, 228, 231)
QUALITY = 48  # WebP's
RESPONSE_DIGITS = 4  # significant ones


@dataclass(frozen=True)
class Standing:
    """Where an atlas stands: sheets done of all, and the step of the one in the making."""

    sheet: SheetPlan
    done: int
    sheets: int
    step: int
    steps: int

    @property
    def fraction(self) -> float:
        """The part of all sheets that is done, 0–1."""
        return (self.done + self.step / self.steps) / self.sheets


def make(
    visualizer: Visualizer,
    folder: Path,
    *,
    layers: Sequence[str] = (),
    batch: int,
    steps: int = STEPS,
    seed: int = 0,
    resume: bool = False,
    on_step: Callable[[Standing], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Atlas:
    """Make the sheets of ``layers`` (all of an atlas's) in ``folder``, ``batch`` pictures at once; return the atlas.

    Sheets that are there already are not made anew, with ``resume``; without it, an atlas in ``folder`` is an error.
    Raises EngineError, and DreamStopped once ``should_stop`` is true.
    """
    network = visualizer.network.name
    wanted = planned(network, layers)
    made: dict[str, int | str] = {"steps": steps, "seed": seed, "weights": visualizer.network.weights_sha256}
    atlas = begun(folder, Atlas(network, made), resume=resume)
    there = {sheet.file for sheet in atlas.sheets if (folder / sheet.file).is_file()}
    order = {name: place for place, name in enumerate(layers_of(visualizer.network.facts))}
    for done, sheet in enumerate(wanted):
        if sheet.file in there:
            continue

        def show(at: int, sheet: SheetPlan = sheet, done: int = done) -> None:
            if on_step is not None:
                on_step(Standing(sheet, done, len(wanted), at, steps))

        settings = Settings(_side(visualizer, sheet), steps, seed)
        entries, pictures = _made(visualizer, sheet, batch, settings, show, should_stop)
        kept.write(folder / sheet.file, drawn(pictures, [_caption(entry) for entry in entries]))
        atlas = atlas.with_sheet(Sheet(sheet.layer, sheet.file, tuple(entries)), order)
        kept.save(atlas, folder)
    return atlas


def begun(folder: Path, new: Atlas, *, resume: bool) -> Atlas:
    """Return the atlas that is in ``folder`` already, or the new one, its folder made. Raises EngineError."""
    there = kept.load(folder)
    if there is None:
        kept.save(new, folder)
        return new
    if not resume:
        raise EngineError(
            "There is an atlas in {folder} already. Go on with it (--resume), or name another folder.",
            folder=str(folder),
        )
    if (there.network, there.made) != (new.network, new.made):
        raise EngineError(
            "The atlas in {folder} was made with other weights, steps or another seed. Name another folder.",
            folder=str(folder),
        )
    kept.sweep(folder)
    return there


def drawn(pictures: Sequence[Picture], captions: Sequence[str]) -> bytes:
    """Draw a contact sheet as WebP: ``COLUMNS`` cells of ``CELL`` pixels a row, a caption under each."""
    rows = -(-len(pictures) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL, rows * (CELL + CAPTION)), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(CAPTION_SIZE)
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        row, column = divmod(place, COLUMNS)
        left, top = column * CELL, row * (CELL + CAPTION)
        while pen.textlength(caption, font) > CELL - 2 * CAPTION_INDENT:
            caption = f"{caption.rstrip('…')[:-1]}…"
        pen.text((left + CAPTION_INDENT, top + CELL), caption, INK, font)
        sheet.paste(joined(picture).resize((CELL, CELL), Image.Resampling.LANCZOS), (left, top))
    file = io.BytesIO()
    sheet.save(file, "WEBP", quality=QUALITY, method=6)
    return file.getvalue()


def _made(
    visualizer: Visualizer,
    sheet: SheetPlan,
    batch: int,
    settings: Settings,
    show: Callable[[int], object],
    should_stop: Callable[[], bool] | None,
) -> tuple[list[Entry], list[Picture]]:
    entries: list[Entry] = []
    pictures: list[Picture] = []
    for first in range(0, sheet.count, batch):
        channels = sheet.channels[first : first + batch]

        def tell(at: Progress, first: int = first, share: float = len(channels) / sheet.count) -> None:
            show(round(settings.steps * (first / sheet.count + share * at.step / at.steps)))

        subjects = [_subject(sheet.layer, channel) for channel in channels]
        made = visualizer.visualize(subjects, settings, on_step=tell, should_stop=should_stop)
        entries += _named(visualizer, sheet.layer, channels, made)
        pictures += [one.picture for one in made]
    return entries, pictures


def _named(visualizer: Visualizer, layer: str, channels: Sequence[int], made: Sequence[Seen]) -> list[Entry]:
    """Name each channel by the classes that the network itself sees in its picture; a class of the logits by itself."""
    best = visualizer.answers([one.picture for one in made]).topk(NAMED).indices.tolist()
    return [
        Entry(channel, (channel,) if layer == LOGITS else tuple(seen), float(f"{one.response:.{RESPONSE_DIGITS}g}"))
        for channel, seen, one in zip(channels, best, made, strict=True)
    ]


def _subject(layer: str, channel: int) -> Subject:
    return Class(channel) if layer == LOGITS else Channels(layer, (channel,))


def _side(visualizer: Visualizer, sheet: SheetPlan) -> int:
    return side_of(catalogue.network(visualizer.network.name).layers[sheet.layer])


def _caption(entry: Entry) -> str:
    return f"{entry.channel} {classes.names()[entry.classes[0]]}"
