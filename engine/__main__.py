"""``python -m engine``: the engine alone, in the shell."""

from engine.cli import main

if __name__ == "__main__":
    main(prog_name="python -m engine")
