"""``python -m engine.bench``: ``speed`` (also where none is named), and others: see ``--help``."""

from __future__ import annotations

from typing import Any

import click

from engine.bench.dreams import dreams
from engine.bench.films.command import films
from engine.bench.memory import memory
from engine.bench.moods import moods
from engine.bench.peers.command import peers
from engine.bench.quality import quality
from engine.bench.schedule import schedule
from engine.bench.seams import seams
from engine.bench.speed import speed
from engine.bench.visualize import visualize
from engine.errors import EngineError


class Bench(click.Group):
    """Commands of which the first is meant where none is named; what a person can mend is shown as one sentence."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``speed`` before options that were given without a command."""
        if not args or (args[0].startswith("-") and args[0] not in self.get_help_option_names(ctx)):
            args = ["speed", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except EngineError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Bench, context_settings={"max_content_width": 100})
def main() -> None:
    """Measure the engine: its speed (also where no command is named), its memory, or what its dreams look like."""


main.add_command(speed)
main.add_command(peers)
main.add_command(dreams)
main.add_command(memory)
main.add_command(seams)
main.add_command(quality)
main.add_command(moods)
main.add_command(schedule)
main.add_command(visualize)
main.add_command(films)

if __name__ == "__main__":
    main(prog_name="python -m engine.bench")
