"""ImageNet's 1000 classes: their names, told apart, and what kind of thing each is. Needs no torch."""

from __future__ import annotations

import json
from bisect import bisect_right
from functools import cache
from importlib.resources import files

from engine.catalogue import NetworkFacts
from engine.errors import RecipeError
from engine.sentences import mark
from engine.vocabulary.spelling import Names, shown
from engine.vocabulary.terms import LOGITS

# Two classes' names that carry their note without brackets.
_PLAIN_NAMES = {134: "crane", 639: "maillot"}

# Names that two classes share, and those that make most people think of something else.
_NOTES = {
    21: "bird",
    78: "mite",
    97: "duck",
    101: "elephant",
    134: "bird",
    157: "dog",
    192: "dog",
    242: "dog",
    260: "dog",
    264: "dog",
    281: "cat",
    308: "insect",
    312: "insect",
    313: "insect",
    321: "butterfly",
    322: "butterfly",
    323: "butterfly",
    332: "rabbit",
    339: "horse",
    383: "lemur",
    387: "red panda",
    392: "fish",
    397: "fish",
    408: "vehicle",
    428: "wheelbarrow",
    437: "lighthouse",
    439: "hat",
    456: "archery",
    458: "memorial plate",
    474: "garment",
    492: "furniture",
    494: "bell",
    506: "spiral",
    517: "machine",
    536: "harbour",
    553: "cabinet",
    589: "hair dryer",
    606: "for clothes",
    610: "shirt",
    612: "rickshaw",
    628: "ship",
    638: "tights",
    639: "tank suit",
    666: "bowl",
    673: "computer",
    676: "for a dog",
    677: "of iron",
    680: "of a bottle",
    687: "instrument",
    714: "plectrum",
    725: "jug",
    726: "tool",
    738: "for flowers",
    751: "car",
    758: "spool",
    769: "ruler",
    778: "for weighing",
    782: "display",
    800: "gambling machine",
    819: "theatre",
    824: "shawl",
    834: "clothes",
    843: "playground",
    847: "vehicle",
    862: "flame",
    881: "piano",
    882: "cleaner",
    884: "ceiling",
    897: "washing machine",
    908: "aircraft",
    913: "ship",
    923: "of food",
    927: "dessert",
    970: "mountain",
    989: "rose hip",
    990: "chestnut",
    998: "of corn",
}

# ImageNet's classes are in the order of a tree: each kind from its first class on.
_KINDS = (
    (0, mark("a fish")),
    (7, mark("a bird")),
    (25, mark("an amphibian")),
    (33, mark("a turtle")),
    (38, mark("a lizard")),
    (49, mark("a crocodile")),
    (51, mark("a dinosaur")),
    (52, mark("a snake")),
    (69, mark("a fossil")),
    (70, mark("a spider or its kin")),
    (80, mark("a bird")),
    (101, mark("a mammal")),
    (107, mark("a sea animal")),
    (112, mark("a mollusc")),
    (118, mark("a crustacean")),
    (127, mark("a bird")),
    (147, mark("a sea mammal")),
    (151, mark("a dog")),
    (269, mark("a wild dog or wolf")),
    (276, mark("a mammal")),
    (277, mark("a fox")),
    (281, mark("a cat")),
    (286, mark("a wild cat")),
    (294, mark("a bear")),
    (298, mark("a mammal")),
    (300, mark("a beetle")),
    (308, mark("an insect")),
    (321, mark("a butterfly")),
    (327, mark("a sea animal")),
    (330, mark("a rabbit or hare")),
    (333, mark("a rodent")),
    (339, mark("a hoofed animal")),
    (356, mark("a mammal")),
    (365, mark("a monkey or ape")),
    (383, mark("a lemur")),
    (385, mark("an elephant")),
    (387, mark("a panda")),
    (389, mark("a fish")),
    (398, mark("a thing")),
    (924, mark("food or drink")),
    (970, mark("a landscape")),
    (981, mark("a person")),
    (984, mark("a plant")),
    (991, mark("a mushroom")),
    (998, mark("a plant")),
    (999, mark("a thing")),
)
_FIRSTS = [first for first, _ in _KINDS]


@cache
def names() -> tuple[str, ...]:
    """Return the classes' names in order, each one's own: ``peacock``, ``crane (bird)``."""
    text = files("engine").joinpath("data/classes.json").read_text(encoding="utf-8")
    return tuple(_clear(index, name) for index, name in enumerate(json.loads(text)))


def known_to(network: NetworkFacts) -> bool:
    """Say whether a network was taught these classes."""
    answers = network.layers.get(LOGITS)
    return answers is not None and answers.channels == len(names())


def kind(index: int) -> str:
    """Return what kind of thing a class is, with its article: ``a dog``."""
    return _KINDS[bisect_right(_FIRSTS, index) - 1][1]


def find(name: str, *, forgiving: bool = False) -> int | None:
    """Return the class of this name, note or no note. Raises RecipeError that tells several apart."""
    found = spelled().find(name, forgiving=forgiving)
    if len(found) > 1:
        raise RecipeError(
            "“{words}” could be {names}.", words=shown(name), names=tuple(names()[index] for index in found)
        )
    return found[0] if found else None


@cache
def spelled() -> Names[int]:
    """Return the classes' names, with their notes and without, to be found however they are spelled."""
    clear = list(enumerate(names()))
    return Names([(name, index) for index, name in clear] + [(name.split(" (")[0], index) for index, name in clear])


def _clear(index: int, name: str) -> str:
    name = _PLAIN_NAMES.get(index, name)
    return f"{name} ({_NOTES[index]})" if index in _NOTES else name
