"""Hands bytes to the intake as the bot does, each to a decoder process of its own, and measures that process."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bot.errors import UserError
from bot.intake.decoder import Decoder
from engine.films.settings import VideoFilm

SEEN = str(Path(__file__).with_name("decoding_seen.py"))
MAX_SIDE = 1024
FILM = VideoFilm(size=256, seconds=10.0)
ENDED_S = 20.0
KIB = 1024


@dataclass(frozen=True)
class Measured:
    """What became of some bytes, and what that took of the decoder's process, its start included."""

    what: str
    bytes: int
    outcome: str  # "640 × 480", or the sentence
    wall_s: float
    cpu_s: float
    peak_bytes: int  # resident
    status: int  # the exit status, negative for the signal by which the system ended it

    @property
    def refused(self) -> bool:
        """Whether a sentence came of it, and no picture."""
        return self.outcome.endswith(".")


async def measured(what: str, data: bytes, *, film: bool = False) -> Measured:
    """Have bytes made a picture, or a ``film``. Nothing but a UserError is expected to come of them."""
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen"
        decoder = Decoder(program=(SEEN, str(seen)), children=1)
        await decoder.start()
        begun = time.perf_counter()
        try:
            outcome = await outcome_of(decoder, data, film=film)
            wall_s = time.perf_counter() - begun
        finally:
            await decoder.stop()
        async with asyncio.timeout(ENDED_S):
            while not seen.exists():
                await asyncio.sleep(0.01)
        cpu_s, peak_kib, status = seen.read_text().split()
    return Measured(what, len(data), outcome, wall_s, float(cpu_s), int(peak_kib) * KIB, int(status))


async def outcome_of(decoder: Decoder, data: bytes, *, film: bool) -> str:
    """Return what comes of bytes: the size of a picture, that of a film and its frames, or the sentence."""
    try:
        if not film:
            clean = await decoder.clean(data, MAX_SIDE)
            return f"{clean.width} × {clean.height}"
        clip = await decoder.clip(data, FILM)
    except UserError as error:
        return str(error)
    return f"{clip.clip.frames} frames of {clip.width} × {clip.height}"
