"""The commands: parse, ask, answer. No rules of their own."""
