"""How films are measured: do they flicker, do they drift, what do they cost beside their steps, does memory grow."""
