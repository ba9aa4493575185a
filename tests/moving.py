"""Real films for the tests: photos that a camera moves over, and the same films saved anew in many ways."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import av
from PIL import Image, ImageEnhance, ImageOps, ImageSequence

Frames = Sequence[Image.Image]

ROOT = Path(__file__).parents[1]
SIZE = (320, 240)
FPS = 12


def moved_over(photo: Image.Image, frames: int = 36, *, back: bool = False) -> list[Image.Image]:
    """Return a film of a camera that moves over a photo and comes nearer."""
    photo = photo.convert("RGB")
    width, height = photo.size
    shown = []
    for number in range(frames):
        at = number / (frames - 1)
        at = 1 - at if back else at
        side = 0.8 - 0.35 * at
        left, top = (1 - side) * at, (1 - side) * (1 - at) / 2
        box = (left * width, top * height, (left + side) * width, (top + side) * height)
        shown.append(photo.resize(SIZE, Image.Resampling.BILINEAR, box=box))
    return shown


def zoom() -> list[Image.Image]:
    """Return the zoom film of the documentation, which the engine made."""
    with Image.open(ROOT / "docs" / "pictures" / "coffee-zoom.webp") as film:
        return [frame.convert("RGB") for frame in ImageSequence.Iterator(film)]


def mp4(frames: Frames, *, crf: int = 23, fps: int = FPS, codec: str = "libx264") -> bytes:
    """Write frames as a video."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4" if codec == "libx264" else "webm") as out:
        stream = out.add_stream(codec, rate=fps, options={"crf": str(crf), "b": "0"})
        stream.width, stream.height, stream.pix_fmt = *(side // 2 * 2 for side in frames[0].size), "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_image(frame)))
        out.mux(stream.encode(None))
    return file.getvalue()


def gif(frames: Frames) -> bytes:
    """Write frames as a GIF: 256 colours, every second one."""
    file = io.BytesIO()
    first, *rest = [frame.resize((160, 120)).quantize(256) for frame in frames[::2]]
    first.save(file, "GIF", save_all=True, append_images=rest, duration=round(2000 / FPS), loop=0)
    return file.getvalue()


def each(frames: Frames, change: Callable[[Image.Image], Image.Image]) -> list[Image.Image]:
    return [change(frame) for frame in frames]


def cropped(frame: Image.Image) -> Image.Image:
    """Cut 5 % off at each side."""
    width, height = frame.size
    return frame.crop((width // 20, height // 20, width - width // 20, height - height // 20))


def pale(frame: Image.Image) -> Image.Image:
    """Return a frame grey, and 15 % brighter."""
    return ImageEnhance.Brightness(ImageOps.grayscale(frame).convert("RGB")).enhance(1.15)


ANEW: dict[str, Callable[[Frames], bytes]] = {
    "as H.264 of CRF 40": lambda frames: mp4(frames, crf=40),
    "as VP9, at half the size": lambda frames: mp4(
        each(frames, lambda one: one.resize((160, 120))), codec="libvpx-vp9"
    ),
    "as a GIF of half the frames": gif,
    "grey and brighter": lambda frames: mp4(each(frames, pale)),
    "mirrored": lambda frames: mp4(each(frames, ImageOps.mirror)),
    "5 % cut off at each side": lambda frames: mp4(each(frames, cropped)),
    "without its first fifth": lambda frames: mp4(frames[len(frames) // 5 :]),
    "without its last third": lambda frames: mp4(frames[: -len(frames) // 3]),
    "its middle half": lambda frames: mp4(frames[len(frames) // 4 : -len(frames) // 4]),
    "a quarter faster": lambda frames: mp4(frames, fps=FPS * 5 // 4),
    "mirrored, cut at both ends, of CRF 35": lambda frames: mp4(each(frames[4:-4], ImageOps.mirror), crf=35),
}
