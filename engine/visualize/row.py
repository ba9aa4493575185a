"""Several features side by side in one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.pictures import Picture
from engine.visualize.measures import Subject, alike, subject_of
from engine.visualize.settings import Settings
from engine.visualize.visualizer import Progress, Visualizer

AT_ONCE = 8  # pictures: more are no faster on a processor


@dataclass(frozen=True)
class Row:
    """Pictures side by side, and how strongly each subject responds to its own."""

    picture: Picture
    responses: tuple[float, ...]


def subjects_of(words: Sequence[str], network: str) -> list[Subject]:
    """Turn each of several words into a subject. Raises RecipeError."""
    return [subject_of(one, network) for one in words]


def row(
    visualizer: Visualizer,
    subjects: Sequence[Subject],
    settings: Settings,
    *,
    on_part: Callable[[float], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Row:
    """Make the subjects' pictures, those that are alike at once, and put them side by side in their order.

    ``on_part`` is called with the part that is done, 0–1. Raises EngineError and DreamStopped as ``visualize`` does.
    """
    found: dict[int, tuple[Picture, float]] = {}
    while len(found) < len(subjects):
        waiting = [place for place in range(len(subjects)) if place not in found]
        places = [place for place in waiting if alike(subjects[waiting[0]], subjects[place])][:AT_ONCE]

        def tell(at: Progress, done: int = len(found), many: int = len(places)) -> None:
            if on_part is not None:
                on_part((done + many * at.step / at.steps) / len(subjects))

        made = visualizer.visualize(
            [subjects[place] for place in places], settings, on_step=tell, should_stop=should_stop
        )
        found.update({place: (one.picture, one.response) for place, one in zip(places, made, strict=True)})
    pictures, responses = zip(*(found[place] for place in range(len(subjects))), strict=True)
    return Row(Picture(np.concatenate([one.rgb for one in pictures], axis=1)), tuple(responses))
