"""Pictures: untrusted bytes to clean pixels and back. Pillow and numpy only, no torch."""

from engine.pictures.decoding import OURS, Limits, decode, texts
from engine.pictures.encoding import Encoded, encode_jpeg, encode_png, fit, thumbnail
from engine.pictures.picture import Picture, joined, scaled

__all__ = [
    "OURS",
    "Encoded",
    "Limits",
    "Picture",
    "decode",
    "encode_jpeg",
    "encode_png",
    "fit",
    "joined",
    "scaled",
    "texts",
    "thumbnail",
]
