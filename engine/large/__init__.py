"""Dreams in bounded memory: large pictures, seen in tiles."""

from engine.large.making import LargeDream
from engine.large.plan import SMALLEST_FIT, Plan, planned

__all__ = ["SMALLEST_FIT", "LargeDream", "Plan", "planned"]
