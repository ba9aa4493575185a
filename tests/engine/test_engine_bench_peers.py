"""Ours beside its peers: environments, the talk with a process, what is told, and the page that is made of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from engine.bench.__main__ import main
from engine.bench.peers.environments import ROOT, command_of
from engine.bench.peers.figures import PICTURE, STEP, Row, goals, picture_rows, size_rows, step_rows
from engine.bench.peers.measuring import Bench, Series, sizes
from engine.bench.peers.page import markdown
from engine.bench.peers.process import PeerError, Process
from engine.bench.peers.serving import Job
from engine.bench.peers.table import OURS, PEERS, PLAIN_LOOP, Programme
from engine.bench.peers.weights import random_weights, read_network

PAGE = ROOT / "docs" / "performance.md"
FIGURES = ROOT / "docs" / "figures" / "peers.json"

# A library as the real ones are: a loop over an optimiser of torch's, nothing to be called at between its steps.
LIBRARY = """
import torch

def dream(image, steps):
    optimiser = torch.optim.SGD([image], lr=0.25)
    for _ in range(steps):
        optimiser.zero_grad()
        (-image.sum()).backward()
        optimiser.step()
        print("a line that is no answer")
"""
DRIVER = """
import os, time
from engine.bench.peers.serving import serve

def load(job):
    return job.side

def dream(side, job, turns):
    if job.photo == "raise":
        raise ValueError("no such layer\\nand more")
    if job.photo == "die":
        os.write(2, b"killed by its own hand\\n")
        os._exit(3)
    if job.photo == "hang":
        time.sleep(60)
    import torch
    import toy_dreams
    with turns.at_each_optimiser_step():
        toy_dreams.dream(torch.zeros(side, side, requires_grad=True), job.steps)

if __name__ == "__main__":
    serve(load, dream)
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    """A peer in a wheel, with a click of its own."""
    wheel = tmp_path_factory.mktemp("wheels") / "toy_dreams-1.0-py3-none-any.whl"
    about = "toy_dreams-1.0.dist-info"
    parts = {
        "toy_dreams/__init__.py": LIBRARY,
        "toy_dreams/driver.py": DRIVER,
        "click/__init__.py": "theirs = True\n",
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: toy-dreams\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
        file.writestr(f"{about}/RECORD", "".join(f"{name},,\n" for name in [*parts, f"{about}/RECORD"]))
    return Programme("toy", "toy_dreams.driver", (str(wheel),))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where environments and weights are kept."""
    return tmp_path_factory.mktemp("peers")


@pytest.fixture(scope="module")
def command(toy: Programme, folder: Path) -> list[str]:
    """What runs the toy, its environment made."""
    return command_of(toy, folder, print)


def job(photo: str = "", side: int = 8) -> Job:
    return Job("no weights", photo, side)


def test_a_peer_has_its_own_packages_first_and_then_our_torch(command: list[str]) -> None:
    code = "import click, torch, toy_dreams, engine; print(click.theirs, torch.__file__, engine.__file__)"
    said = subprocess.run([command[0], "-P", "-c", code], capture_output=True, text=True, check=True, cwd="/").stdout
    assert said.split() == ["True", torch.__file__, str(ROOT / "engine" / "__init__.py")]


def test_an_environment_is_made_once(toy: Programme, folder: Path, command: list[str]) -> None:
    told: list[str] = []
    assert command_of(toy, folder, told.append) == command
    assert told == []


def test_a_half_made_environment_is_made_anew(toy: Programme, tmp_path: Path) -> None:
    environment = Path(command_of(toy, tmp_path, print)[0]).parents[1]
    (environment / "complete").unlink()
    (environment / "left over").touch()
    command_of(toy, tmp_path, print)
    assert not (environment / "left over").exists()


def test_a_peer_that_cannot_be_installed_is_one_line_and_the_others_go_on(
    toy: Programme, folder: Path, command: list[str], tmp_path: Path
) -> None:
    told: list[str] = []
    bench = Bench(folder, tmp_path, tmp_path, told.append)
    lost = Programme("lost", "lost.driver", (str(tmp_path / "lost-1.0-py3-none-any.whl"),))
    assert bench.installed([lost, toy]) == [toy]
    assert bench.failures.keys() == {"lost"}
    assert "cannot be installed" in bench.failures["lost"]
    assert "\n" not in bench.failures["lost"]


def test_a_peer_does_what_it_is_asked_to_and_then_stands_still(command: list[str], tmp_path: Path) -> None:
    def steps_taken() -> int:
        return (tmp_path / "log").read_text().count("a line that is no answer")

    with Process(command, Job("no weights", "", 8, steps=5), root=ROOT, log=tmp_path / "log") as process:
        assert process.take("picture", 60).seconds > 0
        process.take("step", 60)
        time.sleep(0.5)
        assert process.take("step", 60).seconds < 0.5  # the pause between two orders is nobody's time
    assert steps_taken() == 5 + 1  # what was printed after the second step is not reached


@pytest.mark.parametrize(
    ("photo", "said", "patience_s"),
    [
        ("raise", "ValueError: no such layer", 60),
        ("die", "it ended: killed by its own hand", 60),
        ("hang", "it did not answer within 1 s", 1),
    ],
)
def test_what_goes_wrong_in_a_peer_is_one_line(
    command: list[str], tmp_path: Path, photo: str, said: str, patience_s: float
) -> None:
    with (
        Process(command, job(photo), root=ROOT, log=tmp_path / "log") as process,
        pytest.raises(PeerError) as caught,
    ):
        process.take("step", patience_s)
    assert str(caught.value) == said


def test_a_driver_that_never_stands_ready_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="No module named nothing_there"):
        Process([sys.executable, "-m", "nothing_there"], job(), root=ROOT, log=tmp_path / "log")


def test_sizes_are_measured_in_fresh_processes_and_what_there_is_no_time_for_is_left_out(
    toy: Programme, folder: Path, command: list[str], tmp_path: Path
) -> None:
    told: list[str] = []
    bench = Bench(folder, tmp_path, tmp_path, told.append, ends_at=time.monotonic() + 1000)
    found = sizes(bench, [Series(toy, seconds=[0.01])], [64, 10**9])
    assert [(side, len(series[0].seconds)) for side, series in found.items()] == [(64, 2)]
    assert "left out" in bench.failures["toy, 1000000000 × 1000000000"]
    assert [row.side for row in size_rows(found)] == [64]


@pytest.mark.parametrize("programme", [OURS, PLAIN_LOOP], ids=lambda one: one.name)
def test_ours_and_the_plain_loop_take_steps_and_make_pictures(
    programme: Programme, folder: Path, tmp_path: Path
) -> None:
    bench = Bench(folder, tmp_path, random_weights(folder), print)
    with bench.start(programme, replace(bench.job(64), octaves=2, steps=2)) as process:
        assert process.take("picture", 60).peak_bytes > 0
        assert process.take("step", 60).seconds > 0


def test_random_weights_keep_activations_alive(folder: Path) -> None:
    network = read_network(str(random_weights(folder)))
    seen: list[float] = []
    network.inception4c.register_forward_hook(lambda _module, _given, made: seen.append(float(made.std())))
    with torch.no_grad():
        network(torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)))
    assert 0.1 < seen[0] < 10


def measured(programme: Programme, times: float) -> Series:
    return Series(programme, seconds=[0.1 * times, 0.2 * times, 0.4 * times], ours=[0.1, 0.2, 0.4])


def test_goals_say_who_was_less_than_asked_for_and_how_many_ran() -> None:
    found = [measured(peer, 1.2 + number) for number, peer in enumerate(PEERS[:4])]
    rows = step_rows([Series(OURS, [0.1]), *found], gflop=20, gemm=400) + picture_rows([measured(PLAIN_LOOP, 1.75)])
    assert {row.programme: row.of_gemm for row in rows if row.what == STEP}["oneiros"] == 0.5
    assert [row.times_ours for row in rows if row.what == PICTURE] == [None, 1.75]
    met = goals(rows, PEERS, picture=True)
    assert [one for one, _ in met] == [False, True, True, True, True, True]
    assert met[0][1] == "a step of lucent takes 1.200 times as long as ours (at least 1.7 asked for)"
    assert goals(rows[:3], PEERS, picture=True)[-2:] == [
        (False, "2 peers ran, 4 asked for"),
        (False, "a whole picture of the plain loop was not measured"),
    ]


def test_a_goal_that_is_missed_by_a_hair_is_missed() -> None:
    row = Row(STEP, PEERS[0].name, "", "", 512, 169, 169, times_ours=1.69)
    assert goals([row], PEERS[:1], picture=False) == [
        (False, "a step of lucent takes 1.690 times as long as ours (at least 1.7 asked for)"),
        (True, "1 peers ran, 1 asked for"),
    ]


@pytest.mark.parametrize("given", ["12,512", "large", "512,"])
def test_sizes_that_are_none_are_refused_with_what_to_give(given: str) -> None:
    said = CliRunner().invoke(main, ["peers", "--sizes", given])
    assert said.exit_code == 2
    assert "give sides of at least 224 pixels" in said.output


def test_the_page_shows_the_figures_that_are_kept() -> None:
    tables = PAGE.read_text().partition("<!-- figures -->\n")[2].partition("<!-- /figures -->")[0]
    assert tables == markdown(json.loads(FIGURES.read_text())), (
        "put what `python -m engine.bench peers --markdown` printed between the two markers"
    )
