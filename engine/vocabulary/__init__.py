"""The words people use for what to dream of, turned into terms. Loads no torch."""

from engine.vocabulary.mood import Mood, digest, moods
from engine.vocabulary.reading import about, read
from engine.vocabulary.searching import search
from engine.vocabulary.shelf import Suggestion
from engine.vocabulary.terms import Channels, Class, Direction, Extremes, Guide, Layer, Neuron, Term, What

__all__ = [
    "Channels",
    "Class",
    "Direction",
    "Extremes",
    "Guide",
    "Layer",
    "Mood",
    "Neuron",
    "Suggestion",
    "Term",
    "What",
    "about",
    "digest",
    "moods",
    "read",
    "search",
]
