"""Who dreams for the bench."""

from __future__ import annotations

from collections.abc import Callable

from engine.dreamer import Dream, Dreamer
from engine.pictures import Picture
from engine.recipe import Recipe

Dreaming = Callable[[Picture, Recipe], Dream]


class Dreamers:
    """Dreams any recipe; each network is loaded once, when it is first asked for."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._loaded: dict[str, Dreamer] = {}

    def __call__(self, picture: Picture, recipe: Recipe) -> Dream:
        """Dream. Raises EngineError."""
        return self.of(recipe).dream(picture, recipe)

    def of(self, recipe: Recipe) -> Dreamer:
        """Return who dreams the recipe, loaded."""
        if recipe.network not in self._loaded:
            self._loaded[recipe.network] = Dreamer(recipe.network, self._device)
        return self._loaded[recipe.network]
