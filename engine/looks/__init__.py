"""How a step is made: one module a look."""
