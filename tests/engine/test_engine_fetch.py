"""Weights come over the network whole or not at all, and from then on are checked at each load."""

from __future__ import annotations

import hashlib
import http.server
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import huggingface_hub
import pytest
import safetensors.torch
import timm
import torch
from engine_shell import events, refused, run
from engine_weights import random_weights, save
from torchvision import models

from engine.errors import EngineError
from engine.networks import REGISTRY, Network, fetch, is_here, read
from engine.networks.files import folder, weights_path
from engine.networks.network import entry_of
from engine.networks.registry import Entry

WEIGHTS = {"a": torch.arange(3.0)}


@dataclass
class Server:
    """A loopback server with one file, which it may cut off or not have."""

    address: str
    content: bytes = b""
    missing: bool = False
    cut: bool = False
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            serving.asked.append(f"HEAD {self.path}")
            self._begin()

        def do_GET(self) -> None:
            serving.asked.append(f"GET {self.path}")
            if self._begin():
                self.wfile.write(serving.content[: len(serving.content) // 2] if serving.cut else serving.content)

        def _begin(self) -> bool:
            self.send_response(404 if serving.missing else 200)
            self.send_header("Content-Length", "0" if serving.missing else str(len(serving.content)))
            # What Hugging Face says of a file: its commit, and its SHA-256 as the tag.
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("ETag", f'"{hashlib.sha256(serving.content).hexdigest()}"')
            self.end_headers()
            return not serving.missing

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base calls it so
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        serving = Server(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield serving
        listening.shutdown()
        thread.join()


Toy = Callable[..., Entry]


@pytest.fixture
def toy(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toy:
    """A network whose weights torchvision would have from the loopback server, and nobody has yet."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    torch.save(WEIGHTS, tmp_path / "toy")
    server.content = (tmp_path / "toy").read_bytes()

    def make(address: str = server.address) -> Entry:
        monkeypatch.setattr(models.GoogLeNet_Weights.IMAGENET1K_V1.value, "url", f"{address}/toy.pth")
        sha256 = hashlib.sha256(server.content).hexdigest()
        return replace(REGISTRY["googlenet"], title="Toy", file="toy.pth", sha256=sha256)

    return make


def _left() -> list[str]:
    return sorted(path.name for path in folder().iterdir())


def test_weights_are_downloaded_once_and_kept(toy: Toy, server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    entry = toy()
    assert not is_here(entry)
    assert read(entry)["a"].tolist() == [0, 1, 2]
    assert is_here(entry)
    assert read(entry)["a"].tolist() == [0, 1, 2]
    assert server.asked == ["GET /toy.pth"]
    assert _left() == ["toy.pth"]
    assert capfd.readouterr() == ("", "")


def test_the_bar_is_shown_to_who_asks_for_it(toy: Toy, capfd: pytest.CaptureFixture[str]) -> None:
    fetch(toy(), progress=True)
    assert "100%" in capfd.readouterr().err


def test_a_file_that_is_not_there_is_told(toy: Toy, server: Server) -> None:
    server.missing = True
    with pytest.raises(EngineError, match=r"weights of Toy could not be downloaded \(the server answered 404\)"):
        read(toy())
    assert _left() == []


def test_a_machine_without_a_network_is_told_what_to_do(toy: Toy) -> None:
    with socket.socket() as taken:  # bound, and not listening: nobody answers here
        taken.bind(("127.0.0.1", 0))
        entry = toy(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(EngineError) as refused:
            read(entry)
    told = str(refused.value)
    assert "could not be downloaded (Connection refused). Connect this machine to the internet" in told
    assert told.endswith(f"/toy.pth into {folder()} yourself.")
    assert _left() == []
    with pytest.raises(EngineError, match="could not be downloaded"):
        read(toy("http://nowhere.invalid"))


def test_a_download_that_is_cut_off_leaves_nothing_and_the_next_one_succeeds(toy: Toy, server: Server) -> None:
    entry = toy()
    server.cut = True
    with pytest.raises(EngineError, match=r"Toy (is cut off or not the file we know|could not be downloaded)"):
        read(entry)
    assert _left() == []
    server.cut = False
    assert read(entry)["a"].tolist() == [0, 1, 2]


def test_another_file_than_the_known_one_is_thrown_away_unread(toy: Toy, server: Server) -> None:
    entry = toy()
    server.content = b"<html>Welcome to this airport's network</html>"
    with pytest.raises(EngineError, match="is cut off or not the file we know, and was thrown away"):
        read(entry)
    assert _left() == []


def test_a_file_that_somebody_put_there_is_taken_if_it_is_the_known_one(toy: Toy, server: Server) -> None:
    entry = toy()
    folder().mkdir(parents=True)
    (folder() / "toy.pth").write_bytes(server.content)
    assert read(entry)["a"].tolist() == [0, 1, 2]
    (folder() / "toy.pth").write_bytes(server.content + b" ")
    with pytest.raises(EngineError, match="not the ones we know"):
        read(entry)
    assert server.asked == []


def test_a_folder_that_cannot_be_written_is_told(toy: Toy, tmp_path: Path) -> None:
    (tmp_path / "torch").write_text("a file, where a folder should be")
    with pytest.raises(EngineError, match=r"could not be downloaded \((Not a directory|File exists)\)"):
        read(toy())


def test_googlenet_is_downloaded_checked_and_ready(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = save(random_weights("googlenet"), tmp_path / "made", "googlenet").read_bytes()
    sha256 = hashlib.sha256(server.content).hexdigest()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(models.GoogLeNet_Weights.IMAGENET1K_V1.value, "url", f"{server.address}/googlenet.pth")
    monkeypatch.setitem(REGISTRY, "googlenet", replace(REGISTRY["googlenet"], sha256=sha256, max_bytes=60_000_000))
    network = Network("googlenet", torch.device("cpu"))
    assert network.weights_sha256 == sha256
    assert _left() == [REGISTRY["googlenet"].file]


def test_the_registry_asks_torchvision_for_files_of_known_names_and_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    for entry in REGISTRY.values():
        assert len(entry.sha256) == 64
        if entry.torchvision:
            weights = models.get_weight(entry.torchvision)
            assert weights.url.endswith(f"/{entry.file}")
            assert entry.sha256.startswith(entry.file.rpartition("-")[2].removesuffix(".pth"))
            assert entry.max_bytes / 2**20 == pytest.approx(weights.meta["_file_size"], abs=2e-3)
    for names in ({}, {"TORCH_HOME": "/some/where"}, {"XDG_CACHE_HOME": "/else/where"}, {"TORCH_HOME": "~/mine"}):
        for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        assert str(folder()) == f"{torch.hub.get_dir()}/checkpoints"


def test_what_was_installed_comes_before_what_was_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = REGISTRY["googlenet"]
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert weights_path(entry) == folder() / entry.file
    installed = tmp_path / "share" / "oneiros" / "weights" / entry.file
    installed.parent.mkdir(parents=True)
    installed.touch()
    assert weights_path(entry) == fetch(entry) == installed
    assert is_here(entry)


@pytest.fixture
def hub(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Hugging Face as the loopback server, with the weights of timm's smallest ResNet, and an empty cache."""
    made = timm.create_model("test_resnet", pretrained=False)
    server.content = safetensors.torch.save(made.state_dict())
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", server.address)
    monkeypatch.setattr(
        huggingface_hub.constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        server.address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return server


def test_timms_weights_come_from_the_hub_once(hub: Server, capfd: pytest.CaptureFixture[str]) -> None:
    entry = entry_of("timm:test_resnet")
    assert not is_here(entry)
    network = Network("timm:test_resnet", torch.device("cpu"))
    assert is_here(entry)
    assert network.weights_sha256 == hashlib.sha256(hub.content).hexdigest()
    asked = list(hub.asked)
    assert asked[-1] == "GET /timm/test_resnet.r160_in1k/resolve/main/model.safetensors"
    assert Network("timm:test_resnet", torch.device("cpu")).weights_sha256 == network.weights_sha256
    assert hub.asked == asked
    assert capfd.readouterr() == ("", "")


def test_timms_weights_that_were_changed_in_the_cache_are_refused(hub: Server, tmp_path: Path) -> None:
    Network("timm:test_resnet", torch.device("cpu"))
    (blob,) = (path for path in (tmp_path / "hub").rglob("blobs/*") if path.is_file())
    blob.write_bytes(hub.content[:-1] + b"\1")
    with pytest.raises(EngineError, match=r"weights of test_resnet of timm are not the ones we know"):
        Network("timm:test_resnet", torch.device("cpu"))


def test_a_cache_that_tells_no_hash_is_held_to_what_it_had_at_first(hub: Server, tmp_path: Path) -> None:
    # As on systems without links: the file itself lies where the link would.
    Network("timm:test_resnet", torch.device("cpu"))
    (link,) = (tmp_path / "hub").rglob("model.safetensors")
    link.unlink()
    link.write_bytes(hub.content)
    first = Network("timm:test_resnet", torch.device("cpu"))
    assert first.weights_sha256 == hashlib.sha256(hub.content).hexdigest()
    link.write_bytes(hub.content[:-1] + b"\1")
    with pytest.raises(EngineError, match="are not the ones we know"):
        Network("timm:test_resnet", torch.device("cpu"))


def test_timms_weights_that_cannot_be_had_are_told(hub: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.missing = True
    with pytest.raises(EngineError, match=r"test_resnet of timm could not be downloaded from timm/test_resnet\.r160"):
        Network("timm:test_resnet", torch.device("cpu"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EngineError, match="Connect this machine to the internet and try again, or name a file"):
        Network("timm:test_resnet", torch.device("cpu"))


def test_the_command_fetches_weights_and_checks_what_is_here(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = toy()
    monkeypatch.setitem(REGISTRY, "googlenet", entry)
    assert run("networks", "fetch", "lite0", "googlenet").stdout.count(": whole and here, in ") == 2
    assert _left() == ["toy.pth"]
    (told,) = events(run("networks", "fetch", "googlenet", "--json").stdout)
    assert told == {"name": "googlenet", "path": str(folder() / "toy.pth"), "here": True}
    (folder() / "toy.pth").write_bytes(b"something else")
    done = run("networks", "fetch", "googlenet")
    refused(done, "are not the ones we know")
    assert "Delete it, and it is downloaded again." in done.stderr


def test_a_slip_in_one_name_fetches_none(toy: Toy, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTRY, "googlenet", toy())
    refused(run("networks", "fetch", "googlenet", "lite9"), "There is no network “lite9”")
    assert server.asked == []
