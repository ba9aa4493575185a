"""Films: dreams that move. ``settings`` loads no torch."""
