"""The process that dreams. Run as ``python -m bot.pool.worker``; only here does the service load torch."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from bot.children.frames import Frame
from bot.children.limits import bound_cpu, leave_no_core
from bot.children.parent import Parent, end_first, lower_priority
from bot.children.shortage import is_shortage
from bot.pool import limits, wire
from bot.pool.filming import Asked, Way, filmed
from bot.pool.interface import Cancelled, Dreamed, Lost, Progress, Refused
from bot.pool.shelf import Shelf
from engine.recipe import Recipe
from engine.sentences import mark

if TYPE_CHECKING:
    from engine import Picture
    from engine import Progress as Step

log = logging.getLogger(__name__)

NOT_LOADED = mark("This network cannot be loaded here at the moment: please choose another one.")
NICENESS = 10
PREVIEW_SIDE = 512  # pixels: sharp in a chat, small on the wire
STEP_INTERVAL_S = 0.25
TRIAL_SIDE = 256  # pixels; large enough for the speed to be that of a dream, small enough to take a second


def main() -> None:
    """Load a network, measure it if asked to, and dream what is asked for until the bot ends us."""
    leave_no_core()
    parent = Parent()
    options = argparse.ArgumentParser(prog="bot.pool.worker")
    options.add_argument("--device", required=True)
    options.add_argument("--threads", type=int, required=True, help="that compute")
    options.add_argument("--memory-bytes", type=int, required=True, help="that this process may have")
    options.add_argument("--cache-bytes", type=int, required=True, help="of weights that stay loaded")
    options.add_argument("--trial", action="store_true", help="measure the speed first")
    given = options.parse_args()
    lower_priority(NICENESS)
    end_first()
    if given.device == "cpu":
        limits.bound_memory(given.memory_bytes, given.threads)

    import torch

    # A worker that takes over loads while its predecessor dreams: with one thread, until the first dream of its own.
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    shelf = Shelf(given.device, given.cache_bytes, given.memory_bytes)
    _Worker(parent, shelf, given.threads).run(trial=given.trial)


class _Worker:
    def __init__(self, parent: Parent, shelf: Shelf, threads: int) -> None:
        self._parent = parent
        self._shelf = shelf
        self._threads = threads
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="preview")

    def run(self, *, trial: bool) -> None:
        self._shelf.take(Recipe().network)
        self._parent.send(wire.ready(self._measure() if trial else None, self._shelf.networks))
        while True:
            frame = self._parent.receive()
            if frame.kind == "dream":  # a late "cancel" means a dream that has ended meanwhile
                self._serve(frame)

    def _serve(self, frame: Frame) -> None:
        from engine import DreamStopped
        from engine.errors import EngineError, WeightsError

        try:
            self._parent.send(wire.frame_of(self._dream(frame)))
        except DreamStopped:
            self._parent.send(wire.frame_of(Cancelled()))
        except WeightsError as error:
            # What to do about it, and where on this machine, is for whoever runs it.
            log.error("a network cannot be loaded: %s", error)  # noqa: TRY400 - it is a sentence, and says where
            self._parent.send(wire.frame_of(Refused(NOT_LOADED)))
        except EngineError as error:
            self._parent.send(wire.frame_of(_short(error) or Refused(error.sentence.to_text())))
        except Exception as error:
            if (short := _short(error)) is not None:
                self._parent.send(wire.frame_of(short))
                return
            if not out_of_memory(error):
                raise  # ends the process: the traceback is in the log, and nothing half-broken dreams on
            self._parent.send(wire.frame_of(Lost("memory", strike=True)))
            sys.exit(1)

    def _dream(self, frame: Frame) -> Dreamed:
        from engine import pictures

        bound_cpu(wire.cpu_s_of(frame))
        number, recipe = frame.integer("number"), Recipe.from_json(frame.text("recipe"))
        dreamer = self._shelf.take(recipe.network)
        self._parent.send(wire.holds(self._shelf.networks, self._gpu_bytes()))
        self._compute()
        picture, *beside = wire.pictures_of(frame)
        film = wire.film_of(frame)
        if film is not None:
            way = Way(lambda at: self._parent.send(wire.frame_of(at)), lambda: self._cancelled(number))
            return filmed(dreamer, Asked(recipe, film, picture, beside[0]), way)
        reporter = _Reporter(self._parent, self._encoder)
        guide, mask = (None if data is None else pictures.decode(data, pictures.OURS) for data in beside)
        dream = dreamer.dream(
            pictures.decode(picture, pictures.OURS),
            recipe,
            guide=guide,
            mask=mask,
            on_step=reporter.step,
            should_stop=lambda: self._cancelled(number),
        )
        reporter.finish()
        made = dream.picture
        told = dream.fingerprint, dream.seconds, tuple(note.to_text() for note in made.notes)
        return Dreamed(pictures.encode_png(made), made.width, made.height, *told)

    def _cancelled(self, number: int) -> bool:
        while (frame := self._parent.poll()) is not None:
            if frame.kind == "cancel" and frame.integer("number") == number:
                return True
        return False

    def _gpu_bytes(self) -> int:
        import torch

        return torch.cuda.memory_reserved()  # 0 where no GPU is used

    def _compute(self) -> None:
        import torch

        if torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)

    def _measure(self) -> float:
        """Dream a small grey picture twice, and return the second time's GFLOP a second."""
        import numpy as np

        from engine import Picture

        self._compute()
        recipe = Recipe(octaves=1, steps=2, size=TRIAL_SIDE)
        grey = Picture(np.full((TRIAL_SIDE, TRIAL_SIDE, 3), 128, np.uint8))
        dreamer = self._shelf.take(recipe.network)
        dreamer.dream(grey, recipe)
        begun = time.perf_counter()
        dreamer.dream(grey, recipe)
        return recipe.cost(TRIAL_SIDE, TRIAL_SIDE) / (time.perf_counter() - begun)


class _Reporter:
    """Tells how a dream goes on: previews where they are worth showing, steps between at most four times a second."""

    def __init__(self, parent: Parent, encoder: ThreadPoolExecutor) -> None:
        self._parent = parent
        self._encoder = encoder
        self._preview: Future[None] | None = None
        self._told_at = float("-inf")

    def step(self, step: Step) -> None:
        if step.is_worth_showing:
            self.finish()
            self._preview = self._encoder.submit(self._tell_with_preview, _progress(step), step.preview())
        elif time.monotonic() - self._told_at >= STEP_INTERVAL_S and (self._preview is None or self._preview.done()):
            # Nothing overtakes a preview that is being encoded: events come in the order of the dream.
            self._tell(_progress(step))

    def finish(self) -> None:
        """Wait until what is being encoded was told."""
        if self._preview is not None:
            self._preview.result()

    def _tell_with_preview(self, progress: Progress, picture: Picture) -> None:
        from engine.pictures import encode_jpeg

        preview = encode_jpeg(picture, max_side=PREVIEW_SIDE)
        self._tell(Progress(progress.octave, progress.octaves, progress.fraction, preview))

    def _tell(self, progress: Progress) -> None:
        self._told_at = time.monotonic()
        self._parent.send(wire.frame_of(progress))


def out_of_memory(error: Exception) -> bool:
    """Recognise that memory ran out. On a GPU torch has a class for it, on the CPU only the words of its allocator."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    words = ("DefaultCPUAllocator", "bad_alloc")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)


def _short(error: Exception) -> Lost | None:
    if not is_shortage(error):
        return None
    log.error("a dream waits: %s", error)
    return Lost("short", strike=False)


def _progress(step: Step) -> Progress:
    return Progress(step.octave, step.octaves, step.fraction)


if __name__ == "__main__":
    main()
