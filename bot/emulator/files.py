"""Uploaded files: kept, measured, and given signed addresses that expire, as on Discord's CDN."""

from __future__ import annotations

import hmac
import io
import mimetypes
import re
import secrets
import warnings
from hashlib import sha256
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

from bot.emulator.model import Channel, Upload
from bot.emulator.world import World

ADDRESS_LIFE_S = 24 * 3600  # Discord's addresses name their end a day or more ahead
EPHEMERAL_LIFE_S = 3600  # Discord says only "ephemeral"; an hour is on the strict side
LINGER_S = 300  # a file that an edit removed can still be fetched by whoever is showing it
SWEEP_S = 10  # how often files whose time is over are let go of
MAX_KEPT_BYTES = 1024 * 1024 * 1024

_MEDIA_TYPES = {".webp": "image/webp", ".avif": "image/avif", ".heic": "image/heic", ".jfif": "image/jpeg"}
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class Files:
    """The uploads of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = secrets.token_bytes(32)
        self._kept = 0  # bytes
        self._swept = 0.0
        self.origin = ""

    def add(
        self, channel: Channel, filename: str, data: bytes, *, description: str | None = None, ephemeral: bool = False
    ) -> Upload:
        """Keep a file; ``ephemeral`` ones came with an interaction and vanish."""
        now = self._world.clock.now()
        self._kept += len(data)
        if now > self._swept + SWEEP_S or self._kept > MAX_KEPT_BYTES:
            self._sweep(now)
        name = clean_name(filename)
        upload = Upload(
            self._world.ids.new(),
            channel.id,
            name,
            media_type(name),
            data,
            now,
            ephemeral=ephemeral,
            description=description,
            size=picture_size(data),
        )
        self._world.uploads[upload.id] = upload
        return upload

    def let_go(self, upload: Upload) -> None:
        """Note that no message holds ``upload`` any more; it goes a little later."""
        upload.let_go = self._world.clock.now()

    def path(self, upload: Upload) -> str:
        """Return the path on the CDN, without the signature."""
        if upload.ephemeral:
            return f"/ephemeral-attachments/{self._world.application_id}/{upload.id}/{quote(upload.filename)}"
        return f"/attachments/{upload.channel_id}/{upload.id}/{quote(upload.filename)}"

    def address(self, upload: Upload) -> str:
        """Return a signed address. It is the same within an hour, so that a page need not load a picture again."""
        issued = int(upload.created if upload.ephemeral else self._world.clock.now() // 3600 * 3600)
        expires = issued + (EPHEMERAL_LIFE_S if upload.ephemeral else ADDRESS_LIFE_S)
        path = self.path(upload)
        return f"{self.origin}{path}?ex={expires:x}&is={issued:x}&hm={self._sign(path, expires, issued)}"

    def open(self, upload_id: int, path: str, expires: str, issued: str, signature: str) -> Upload | None:
        """Return the file behind an address, or None where Discord would say that it is no longer available."""
        upload = self._world.uploads.get(upload_id)
        try:
            until, since = int(expires, 16), int(issued, 16)
        except ValueError:
            return None
        now = self._world.clock.now()
        if upload is None or path != self.path(upload) or _is_over(upload, now):
            return None
        if not hmac.compare_digest(signature, self._sign(path, until, since)):
            return None
        return upload if now < until else None

    def _sign(self, path: str, expires: int, issued: int) -> str:
        return hmac.new(self._key, f"{path} {expires} {issued}".encode(), sha256).hexdigest()

    def _sweep(self, now: float) -> None:
        uploads = self._world.uploads
        for number in [upload.id for upload in uploads.values() if _is_over(upload, now)]:
            self._kept -= len(uploads.pop(number).data)
        for number in sorted(uploads):
            if self._kept <= MAX_KEPT_BYTES:
                break
            self._kept -= len(uploads.pop(number).data)
        self._swept = now


def _is_over(upload: Upload, now: float) -> bool:
    """Tell whether a file's time is over: it came with an interaction, or no message holds it any more."""
    if upload.ephemeral and now > upload.created + EPHEMERAL_LIFE_S:
        return True
    return upload.let_go is not None and now > upload.let_go + LINGER_S


def clean_name(filename: str) -> str:
    """Return a file name as Discord keeps it: the last part, of letters, digits, ``_``, ``.`` and ``-``."""
    name = _UNSAFE.sub("_", filename.replace("\\", "/").rsplit("/", 1)[-1]).lstrip("._")
    return name or "unknown"


def media_type(filename: str) -> str | None:
    """Guess what a file is by its name, as Discord does; None where it says nothing."""
    suffix = f".{filename.rsplit('.', 1)[-1].lower()}" if "." in filename else ""
    return _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(filename)[0]


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Read width and height from a picture's header, in pixels; None for what is no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                return picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
