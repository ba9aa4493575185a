"""The engine's commands. Torch is loaded only once there is something to dream."""

from __future__ import annotations

import click

from engine.cli import atlas, dream, networks, video, visualize, words, zoom

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Dream on pictures."""


main.add_command(dream.command, "dream")
main.add_command(zoom.command, "zoom")
main.add_command(video.command, "video")
main.add_command(visualize.command, "visualize")
main.add_command(atlas.command, "atlas")
main.add_command(networks.command, "networks")
main.add_command(words.command, "words")
