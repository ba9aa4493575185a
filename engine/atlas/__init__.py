"""The atlas: contact sheets of what each channel of a network responds to, and what that is in words.

Reading one, and writing its page, loads no torch.
"""

from engine.atlas.kept import Atlas, Entry, Sheet, load
from engine.atlas.page import begin_page, write_page
from engine.atlas.plan import CAPTION, CELL, COLUMNS, layers_of, subject_words

__all__ = [
    "CAPTION",
    "CELL",
    "COLUMNS",
    "Atlas",
    "Entry",
    "Sheet",
    "begin_page",
    "layers_of",
    "load",
    "subject_words",
    "write_page",
]
