"""How long a dream takes on one worker: learned from those that it has dreamed, by their price."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.errors import EngineError
from engine.recipe import Recipe

DEFAULT_SPEED = 35.0  # GFLOP a second, what two cores manage: until a worker is measured
REMEMBERED = 24  # dreams of one kind
# What was known before counts as a tenth of a dream, for the speed and for what every dream costs: a worker's trial is
# short, and sees nothing of the bot beside it.
TRUST_BEFORE = 0.1
FADES = 0.5  # what a dream says of today's load, beside the next newer one


@dataclass(frozen=True)
class Pace:
    """The time of a dream on one worker: ``fixed_s`` whatever its price, and the price at ``speed`` GFLOP a second."""

    speed: float
    fixed_s: float = 0.0

    def seconds(self, gflop: float) -> float:
        """Return how long a dream of ``gflop`` takes."""
        return self.fixed_s + gflop / self.speed


@dataclass(frozen=True)
class Seen:
    """A dream of ``gflop`` that took ``seconds``, or will, where only a part of it is ``done``."""

    gflop: float
    seconds: float
    done: float = 1.0


@dataclass(frozen=True)
class Kind:
    """What makes a worker slower at the same price: a step of the natural look does more beside the network."""

    look: str
    networks: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, recipe: str) -> Kind:
        """Return the kind of a recipe's JSON; one that can no longer be read is a kind of its own."""
        try:
            read = Recipe.from_json(recipe)
            return cls(read.look, read.networks)
        except EngineError:
            return cls("", ())


class Paces:
    """Learns one worker's pace in each kind of dream."""

    def __init__(self) -> None:
        self._seen: dict[Kind, deque[Seen]] = {}

    def learn(self, kind: Kind, gflop: float, seconds: float) -> None:
        """Note that a dream of ``gflop`` took ``seconds``."""
        if gflop > 0 and seconds > 0:
            self._seen.setdefault(kind, deque(maxlen=REMEMBERED)).append(Seen(gflop, seconds))

    def of(self, kind: Kind, speed: float | None, under_way: Sequence[Seen] = ()) -> Pace:
        """Return the pace of a kind, from dreams of the same look where there is none of its own yet.

        ``speed`` is what is known of the worker otherwise, in GFLOP a second; ``under_way`` are dreams of this kind
        that are not done, and say most of the load as it is now.
        """
        seen = self._seen.get(kind) or self._of_look(kind.look)
        return _levelled(_fitted(seen, speed or DEFAULT_SPEED), seen, under_way)

    def looks(self, speed: float | None) -> dict[str, Pace]:
        """Return the pace of each look that was dreamed, whatever the network; ``speed`` as for ``of``."""
        return {kind.look: self.of(Kind(kind.look, ()), speed) for kind in self._seen}

    def _of_look(self, look: str) -> list[Seen]:
        return [one for kind, dreams in self._seen.items() if kind.look == look for one in dreams]


def _levelled(pace: Pace, seen: Sequence[Seen], under_way: Sequence[Seen]) -> Pace:
    """Scale a pace by what the newest dreams took beside it.

    How dear and cheap ones compare stays the same for long, and many dreams tell it; what else the machine does changes
    from one dream to the next.
    """
    level, rest = 0.0, 1.0
    for one in (*under_way, *reversed(seen)):
        share = rest * (1.0 - FADES**one.done)
        level += share * one.seconds / pace.seconds(one.gflop)
        rest -= share
    level += rest
    return Pace(pace.speed / level, pace.fixed_s * level)


def _fitted(seen: Collection[Seen], speed: float) -> Pace:
    """Fit seconds = fixed + gflop / speed to what was seen: least squares of relative errors, and a pull to ``speed``.

    With x = 1 / seconds and y = gflop / seconds, each dream asks for fixed·x + slope·y = 1.
    """
    if not seen:
        return Pace(speed)
    points = [(1 / one.seconds, one.gflop / one.seconds) for one in seen]
    usual_s = sum(one.seconds for one in seen) / len(seen)
    xx = sum(x * x for x, _ in points) + TRUST_BEFORE / usual_s**2
    xy = sum(x * y for x, y in points)
    yy = sum(y * y for _, y in points) + TRUST_BEFORE * speed**2
    x1, y1 = sum(x for x, _ in points), sum(y for _, y in points) + TRUST_BEFORE * speed
    determinant = xx * yy - xy * xy
    fixed_s = (x1 * yy - y1 * xy) / determinant
    slope = (y1 * xx - x1 * xy) / determinant
    if fixed_s < 0 or slope <= 0:
        fixed_s, slope = 0.0, y1 / yy
    return Pace(1 / slope, fixed_s)
