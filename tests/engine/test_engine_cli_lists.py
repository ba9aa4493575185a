"""The lists of networks and of words."""

from __future__ import annotations

import pytest
from engine_shell import ROOT, events, run

from engine import catalogue, thumbnails
from engine.vocabulary import moods, read

WIDTH = 100


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def test_the_networks_stand_in_a_table_of_100_columns() -> None:
    listed = run("networks").stdout
    table, _, how = listed.partition("\n\n")
    assert max(map(len, table.splitlines())) <= WIDTH
    assert "\x1b" not in listed
    for name, facts in catalogue.networks().items():
        (row,) = (line for line in table.splitlines() if line.startswith(f"{name} "))
        for word in (facts.title, str(len(facts.layers)), f"{facts.weights_bytes / 2**20:.0f} MiB"):
            assert word in row
        assert facts.code_license in row
        assert facts.weights_license in row
    assert "networks NAME" in how
    assert "timm:resnet18" in how


@pytest.mark.parametrize("name", ["lite0", "vgg16"])
def test_a_networks_layers_stand_in_a_table_of_100_columns(name: str) -> None:
    facts = catalogue.network(name)
    listed = run("networks", name).stdout
    assert max(map(len, listed.splitlines())) <= WIDTH
    for layer in facts.layers.values():
        (row,) = (line for line in listed.splitlines() if line.split()[:1] == [layer.name])
        assert f"{layer.channels} " in row
    assert f"of the weights: {facts.weights_license}" in listed
    assert ("what the literature does" in listed) is not facts.seen
    assert f'--of "layer {facts.default_layer}"' in listed


def test_a_block_stands_before_its_parts() -> None:
    lines = [line.rstrip() for line in run("networks", "lite0").stdout.splitlines()]
    names = [line.split(" ")[0] or f"  {line.split()[0]}" for line in lines if "blocks.4" in line.split("part")[0]]
    assert names[:3] == ["blocks.4", "  blocks.4.0", "  blocks.4.1"]


def test_a_network_of_timm_is_listed_as_well() -> None:
    listed = run("networks", "timm:test_resnet").stdout
    assert "test_resnet of timm" in listed
    assert "layer3" in listed
    assert "--network timm:test_resnet" in listed


def test_machines_get_a_network_a_line() -> None:
    listed = events(run("networks", "--json").stdout)
    assert [one["name"] for one in listed] == list(catalogue.networks())
    (one,) = events(run("networks", "lite2", "--json").stdout)
    assert one["here"] is True
    assert [layer["name"] for layer in one["layers"]] == list(catalogue.network("lite2").layers)


def test_words_alone_are_the_moods_with_what_one_sees() -> None:
    listed = run("words").stdout
    for mood in moods().values():
        assert any(line.startswith(mood.name) and mood.about in line for line in listed.splitlines())
    assert [one["value"] for one in events(run("words", "--json").stdout)] == list(moods())


@pytest.mark.parametrize(("typed", "meant"), [("pecock", "peacock"), ("butterfliez", "butterflies")])
def test_a_misspelled_word_is_found(typed: str, meant: str) -> None:
    assert meant in run("words", typed).stdout


def test_words_go_on_from_a_sum_and_say_what_it_means() -> None:
    found = events(run("words", "0.7 eyes + ca", "--json").stdout)
    assert "0.7 eyes + cats" in [one["value"] for one in found]
    assert all(read(one["value"], ["lite2"]) for one in found)
    assert f"“eyes + cats” means: {moods()['eyes'].about} with" in run("words", "eyes + cats").stdout


def test_words_are_those_of_the_network_asked_for() -> None:
    found = events(run("words", "--network", "timm:test_resnet", "--json").stdout)
    assert {one["kind"] for one in found} == {"guide", "layer"}


def test_the_page_of_moods_shows_each_of_them() -> None:
    assert thumbnails.PAGE.read_text(encoding="utf-8") == thumbnails.page(), "run: python -m engine.thumbnails"
    there = {path.name: path.stat().st_size for path in (ROOT / "docs" / "moods").iterdir()}
    assert there.keys() == {thumbnails.file_of(mood) for mood in moods().values()}
    assert max(there.values()) <= thumbnails.MOST_BYTES
