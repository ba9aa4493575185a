"""The real worker, with the tests' networks. The first argument is a folder for their weights."""

import sys
from pathlib import Path

import tiny_networks

from bot.pool import worker

if __name__ == "__main__":
    tiny_networks.plant(Path(sys.argv.pop(1)))
    worker.main()
