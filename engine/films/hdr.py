"""Video of high dynamic range brought to sRGB: phones film in it, and as it lies it looks washed out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18  # as ITU-T H.273 numbers transfer characteristics
WHITE_NITS = 203.0  # ITU-R BT.2408: what a white sheet of paper has
HLG_WHITE = 0.265  # the same in HLG, linear: a signal of 75 %
BRIGHTEST = 5.0  # times that white: what becomes pure white

# ITU-R BT.2087: linear light of BT.2020 in the primaries of BT.709, those of sRGB.
TO_SRGB = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)


def to_srgb(rgb: NDArray[np.uint16], transfer: int) -> NDArray[np.uint8]:
    """Return a frame (height, width, 3) of 16 bits in BT.2020 with PQ or HLG as 8 bits in sRGB."""
    signal: NDArray[np.float32] = rgb.astype(np.float32) / np.float32(65535)
    light = _from_pq(signal) / WHITE_NITS if transfer == PQ else _from_hlg(signal) / HLG_WHITE
    light = np.maximum(light @ TO_SRGB.T, 0)
    # Reinhard et al., "Photographic tone reproduction for digital images", 2002, by the brightest of the colours, so
    # that hues stay.
    top = light.max(2, keepdims=True)
    light = np.clip(light * (1 + top / BRIGHTEST**2) / (1 + top), 0, 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    rounded: NDArray[np.uint8] = np.rint(255 * encoded).astype(np.uint8)
    return rounded


def _from_pq(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """SMPTE ST 2084: light in nits."""
    power = signal ** np.float32(1 / 78.84375)
    light = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    nits: NDArray[np.float32] = 10000 * light ** np.float32(1 / 0.1593017578125)
    return nits


def _from_hlg(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """ARIB STD-B67: light of the scene, 0–1."""
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
