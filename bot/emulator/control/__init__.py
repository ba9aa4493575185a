"""The control API: what a program, or the chat page, does, sees and disturbs (docs/emulator.md)."""
