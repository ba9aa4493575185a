"""Feature visualisation: pictures made from noise of what a channel, a neuron, a class or a layer responds to."""

from typing import TYPE_CHECKING, Any

from engine.visualize.settings import Settings

if TYPE_CHECKING:
    from engine.visualize.visualizer import Progress, Seen, Visualizer

__all__ = ["Progress", "Seen", "Settings", "Visualizer"]


def __getattr__(name: str) -> Any:
    # Visualizer brings torch: only for those who ask for it.
    if name in {"Progress", "Seen", "Visualizer"}:
        from engine.visualize import visualizer

        return getattr(visualizer, name)
    raise AttributeError(f"module 'engine.visualize' has no attribute {name!r}")
