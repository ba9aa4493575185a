"""``python -m bot.bench``: one command a question."""

from __future__ import annotations

import click

from bot.bench.acknowledge import acknowledge
from bot.bench.complete import complete
from bot.bench.eta import eta
from bot.bench.gallery import gallery
from bot.bench.pool import pool
from bot.bench.scaling import scaling
from bot.bench.web import bare_pages, pages


@click.group(context_settings={"max_content_width": 100})
def main() -> None:
    """Measure the service."""


main.add_command(acknowledge)
main.add_command(complete)
main.add_command(eta)
main.add_command(gallery)
main.add_command(pool)
main.add_command(scaling)
main.add_command(pages)
main.add_command(bare_pages)

if __name__ == "__main__":
    main(prog_name="python -m bot.bench")
