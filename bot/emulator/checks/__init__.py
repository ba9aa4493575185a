"""What Discord checks of a body: its own description where a copy is at hand, and by hand what that misses."""
