"""The atlas: made sheet by sheet, gone on with after a kill, browsable without a script."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from engine_shell import refused, run
from PIL import Image

from engine import atlas
from engine.atlas import kept, plan
from engine.atlas.making import make
from engine.errors import DreamStopped, EngineError
from engine.visualize import Visualizer

LAYERS = "blocks.0,blocks.1"
STEPS = 2


@pytest.fixture(scope="module")
def visualizer() -> Visualizer:
    return Visualizer("lite0")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("atlas")
    result = _atlas(folder)
    assert result.returncode == 0, result.stderr
    return folder


def test_every_channel_is_on_a_sheet_and_has_words(whole: Path) -> None:
    made = atlas.load(whole / "lite0")
    assert made is not None
    assert made.layers() == ["blocks.0", "blocks.1"]
    for layer, count in (("blocks.0", 16), ("blocks.1", 24)):
        entries = [entry for sheet in made.of(layer) for entry in sheet.entries]
        assert [entry.channel for entry in entries] == list(range(count))
        assert all(len(entry.words) == 3 for entry in entries)
        with Image.open(whole / "lite0" / made.of(layer)[0].file) as sheet:
            assert sheet.size == (8 * plan.CELL, count // 8 * (plan.CELL + plan.CAPTION))


def test_an_atlas_has_all_layers_of_its_network() -> None:
    sheets = plan.planned("lite2")
    assert sum(sheet.count for sheet in sheets) == 16 + 24 + 48 + 88 + 120 + 208 + 352 + 1280 + 1000
    assert len({sheet.file for sheet in sheets}) == len(sheets)


def test_after_a_kill_the_same_files_come_to_be(whole: Path, tmp_path: Path) -> None:
    first = tmp_path / "lite0" / "blocks.0-00.webp"
    running = subprocess.Popen(_command(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while not first.exists() and running.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    (tmp_path / "lite0" / ".half.part").write_bytes(b"RIFF")
    result = _atlas(tmp_path, "--resume")
    assert result.returncode == 0, result.stderr
    assert _contents(tmp_path) == _contents(whole)


def test_what_is_there_is_not_made_anew(whole: Path, visualizer: Visualizer) -> None:
    steps: list[object] = []
    make(visualizer, whole / "lite0", layers=["blocks.0"], batch=8, steps=STEPS, resume=True, on_step=steps.append)
    assert not steps


def test_a_sheet_that_was_lost_is_made_again(whole: Path, tmp_path: Path, visualizer: Visualizer) -> None:
    for name in ("atlas.json", "blocks.0-00.webp"):
        (tmp_path / name).write_bytes((whole / "lite0" / name).read_bytes())
    make(visualizer, tmp_path, layers=["blocks.1"], batch=8, steps=STEPS, resume=True)
    lost = "blocks.1-00.webp"
    assert (tmp_path / lost).read_bytes() == (whole / "lite0" / lost).read_bytes()


def test_a_sheet_does_not_depend_on_how_many_are_made_at_once(
    whole: Path, tmp_path: Path, visualizer: Visualizer
) -> None:
    made = make(visualizer, tmp_path, layers=["blocks.0"], batch=5, steps=STEPS)
    other = atlas.load(whole / "lite0")
    assert other is not None
    for one, two in zip(made.sheets[0].entries, other.sheets[0].entries, strict=True):
        assert one.response == pytest.approx(two.response, rel=1e-3, abs=1e-3)


def test_a_stop_leaves_no_half_of_a_sheet(tmp_path: Path, visualizer: Visualizer) -> None:
    steps: list[object] = []
    with pytest.raises(DreamStopped):
        make(
            visualizer,
            tmp_path,
            layers=["blocks.0"],
            batch=8,
            steps=STEPS,
            on_step=steps.append,
            should_stop=lambda: len(steps) == 3,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["atlas.json"]


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.tags: set[str] = set()
        self.pictures: list[dict[str, str | None]] = []  # that nothing but their own words tells of
        self.cells: list[str] = []  # the sheet that each shows
        self.sheets: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.ids.add(found.get("id") or "")
        self.links += [value for name in ("href", "src") if (value := found.get(name))]
        if found.get("role") == "img" or tag == "img":
            self.pictures.append(found)
        self.cells += re.findall(r"^cell (.+)", found.get("class") or "")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "style":
            rules = dict(re.findall(r"\.([^{]+){background-image:url\(([^)]+)\)}", data))
            self.sheets |= rules.keys()
            self.links += rules.values()


def test_pages_have_texts_for_every_picture_and_no_dead_link(whole: Path) -> None:
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in whole.glob("*.html")}
    assert {path.name for path in pages} == {"index.html", "lite0-blocks.0.html", "lite0-blocks.1.html"}
    for path, page in pages.items():
        assert page.cells
        assert set(page.cells) == page.sheets
        assert bool(page.pictures) == (path.name == "index.html"), "elsewhere the words stand beside"
        assert all(picture.get("aria-label") or picture.get("alt") for picture in page.pictures)
        assert "script" not in page.tags
        for link in page.links:
            file, _, anchor = link.partition("#")
            assert not re.match("[a-z]+:|//", link), "everything comes with the page"
            assert (path.parent / file).is_file() if file else anchor in page.ids


def test_pages_may_be_elsewhere(whole: Path, tmp_path: Path) -> None:
    written = atlas.write_page(tmp_path / "docs" / "atlas", whole)
    for link in _Page(written.read_text(encoding="utf-8")).links:
        assert (written.parent / link).is_file()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("--layers blocks.9", "has no layer “blocks.9”"),
        ("--network lite9", "There is no network “lite9”"),
        ("--device tpu", "There is no device “tpu”"),
    ],
)
def test_a_wrong_option_gets_a_sentence(tmp_path: Path, typed: str, sentence: str) -> None:
    refused(run("atlas", "-o", tmp_path / "new", *typed.split()), sentence)


def test_an_atlas_is_not_written_over(whole: Path) -> None:
    refused(run("atlas", "--network", "lite0", "-o", whole), "--resume")
    refused(run("atlas", "--network", "lite0", "-o", whole, "--steps", 3, "--resume"), "made with other")


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused(run("atlas", "-o", tmp_path / "file" / "atlas"), "cannot be written")


def test_a_list_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / kept.FILE).write_text('{"version": 1, "network": "lite0"}')
    with pytest.raises(EngineError, match="not the list of an atlas"):
        atlas.load(tmp_path)


def test_reading_an_atlas_loads_no_torch() -> None:
    code = "import sys, engine.atlas, engine.visualize; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _command(folder: Path, *more: str) -> list[str]:
    typed = f"atlas --network lite0 --layers {LAYERS} --steps {STEPS} --device cpu -o"
    return [sys.executable, "-m", "engine", *typed.split(), str(folder), *more]


def _atlas(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(_command(folder, *more), capture_output=True, text=True, check=False)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
