"""A film that is not finished, kept in a folder: its frames, and what the next one is made of."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from engine.errors import EngineError
from engine.films.reading import Rgb
from engine.sentences import mark

EVERY = 10  # frames: how often what goes on is kept; at most so many are dreamed again
ABOUT, STATE = "film.json", "state.npz"
OTHER = mark("{folder} keeps another film than this one. Give the same settings as before, or leave out --resume.")


class Kept:
    """A folder with an unfinished film."""

    def __init__(self, folder: Path, about: Mapping[str, object], *, resume: bool) -> None:
        """Begin to keep, or go on where ``resume`` says so and there is something.

        ``about`` is all that the film depends on. Raises EngineError where the folder is of another film.
        """
        self._folder = folder
        self.begun = 0  # frames that are there
        text = json.dumps(about, sort_keys=True)
        file = folder / ABOUT
        try:
            if resume and file.is_file():
                if file.read_text(encoding="utf-8") != text:
                    raise EngineError(OTHER, folder=str(folder))
                self._find()
            else:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise EngineError("{folder} cannot be used: {why}.", folder=str(folder), why=str(error.strerror)) from error

    def frame(self, number: int) -> Rgb:
        """Return a frame that is there, (height, width, 3)."""
        image = cv2.imdecode(np.frombuffer(self._path(number).read_bytes(), np.uint8), cv2.IMREAD_COLOR_RGB)
        if image is None:
            raise EngineError("{file} is damaged. Begin again, without --resume.", file=str(self._path(number)))
        return image.astype(np.uint8, copy=False)

    def state(self) -> Tensor:
        """Return what the frame after the last one is made of."""
        with np.load(self._folder / STATE) as kept:
            return torch.from_numpy(kept["state"])

    def add(self, number: int, rgb: Rgb, state: Tensor) -> None:
        """Keep a frame (height, width, 3), and now and then the ``state`` that the next one is made of."""
        done, data = cv2.imencode(".png", rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            raise EngineError("{folder} cannot be used: {why}.", folder=str(self._folder), why="no PNG")
        self._path(number).write_bytes(data.tobytes())
        if (number + 1) % EVERY == 0:
            file = io.BytesIO()
            np.savez(file, state=state.cpu().numpy(), frames=number + 1)
            beside = self._folder / f".{STATE}.part"
            beside.write_bytes(file.getvalue())
            beside.replace(self._folder / STATE)

    def remove(self) -> None:
        """Remove the folder: the film is finished."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _find(self) -> None:
        try:
            with np.load(self._folder / STATE) as kept:
                self.begun = int(kept["frames"])
        except (OSError, KeyError, ValueError, zipfile.BadZipFile):  # broken off before there was any
            self.begun = 0

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.png"
