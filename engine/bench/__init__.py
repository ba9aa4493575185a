"""The bench: how fast the engine is, and how good what it dreams looks."""
