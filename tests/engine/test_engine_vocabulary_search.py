"""Suggestions while somebody types."""

import pytest

from engine import RecipeError
from engine.vocabulary import Class, classes, moods, read, search
from engine.vocabulary.shelf import KINDS, shelf

BOTH = ("lite2", "lite0")


def values(text: str, *networks: str, limit: int = 25) -> list[str]:
    return [suggestion.value for suggestion in search(text, networks or ("lite2",), limit=limit)]


def test_nothing_typed_shows_moods_first() -> None:
    assert values("", limit=100)[: len(moods())] == [*moods()]
    assert {"guide", "layer stem", "layer blocks.4"} <= {*values("", limit=100)}
    assert "layer blocks.4.1" not in values("", limit=1000)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dog", "dogs"),
        ("DOGS", "dogs"),
        ("peac", "peacock"),
        ("peacocks", "peacock"),
        ("retriever golden", "golden retriever"),
        ("great sh", "great white shark"),
        ("pingpong", "ping-pong ball"),
        ("jack-o'", "jack-o'-lantern"),
        ("labrodor", "Labrador retriever"),
        ("dgos", "dogs"),
        ("eys", "eyes"),
        ("stonewal", "stone wall"),
        ("maze", "maze"),
        ("class: maze", "class: maze"),
        ("class: leopad", "class: leopard"),
        ("goldn retreiver", "golden retriever"),
        ("class: cas", "castle"),
        ("class: 84", "peacock"),
        ("layer 4", "layer blocks.4"),
        ("layer 4.", "layer blocks.4"),
        ("layer st", "layer stem"),
        ("blocks.5", "layer blocks.5"),
        ("gui", "guide"),
        ("guide 4", "guide 4"),
        ("channel", "channel blocks.3:0"),
        ("channels 4:27,", "channels 4:27,0"),
        ("neuron 4:27@0.3,", "neuron 4:27@0.3,0.5"),
        ("strongest", "strongest 5 of blocks.3"),
        ("channel 4", "channel 4:0"),
        ("channel 4:27", "channel 4:27"),
        ("strongest 7", "strongest 7 of blocks.3"),
        ("neuron 4:27@", "neuron 4:27@0.5,0.5"),
        ("direction 4:27=", "direction 4:27=1"),
    ],
)
def test_the_first_suggestion_is_what_was_meant(typed: str, first: str) -> None:
    assert values(typed)[0] == first


def test_a_whole_name_comes_before_its_start_a_word_a_part_and_what_it_is_about() -> None:
    bees = values("bee", limit=100)
    assert bees[0] == "bee"
    assert bees.index("beer glass") < bees.index("ground beetle")
    ants = values("class: ant", limit=100)
    assert ants.index("ant") < ants.index("Indian elephant")
    snakes = values("snake", limit=100)
    assert snakes.index("king snake") < snakes.index("horned viper")


def test_classes_that_share_a_name_are_told_apart() -> None:
    assert values("crane") == ["crane (bird)", "crane (machine)"]
    assert {*values("cardigan")} == {"Cardigan (dog)", "cardigan (garment)"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.7 eyes + cast", "0.7 eyes + castle"),
        ("0.7 eyes +cast", "0.7 eyes + castle"),
        ("0.7 eyes + 30% cast", "0.7 eyes + 30% castle"),
        ("eyes −cast", "eyes - castle"),
        ("-cast", "- castle"),
        ("0.5*cast", "0.5*castle"),
        ("0.5 ", "0.5 dogs"),
        ("eyes -", "eyes - dogs"),
        ("direction 4:27=0.5,81=-0.3 + layer 4", "direction 4:27=0.5,81=-0.3 + layer blocks.4"),
    ],
)
def test_the_last_thing_of_a_sum_is_completed(typed: str, value: str) -> None:
    found = {suggestion.value: suggestion for suggestion in search(typed, ["lite2"])}
    assert value in found
    assert found[value].title == value
    assert read(value, ["lite2"])


@pytest.mark.parametrize(
    "typed", ["wlzpfth + ca", "+ + ca", "0 ca", " + ".join(["dogs"] * 8) + " + ca", "c" * 201, "!?", "zzzz"]
)
def test_what_leads_nowhere_suggests_nothing(typed: str) -> None:
    assert values(typed) == []


def test_what_takes_away_all_that_was_added_is_not_suggested() -> None:
    values = [one.value for one in search("eyes - eye", ("lite2",))]
    assert "eyes - eyes" not in values
    assert values


def test_suggestions_are_as_many_and_as_long_as_asked_for() -> None:
    assert len(values("e")) == 25
    assert values("e", limit=3) == values("e")[:3]
    sums = "0.123456789 peacock + 0.123456789 volcano + 0.123456789 goldfish + 0.123456789 toucan + ca"
    assert max(len(suggestion.value) for suggestion in search(sums, ["lite2"])) > 100
    short = search(sums, ["lite2"], longest=100)
    assert short
    assert max(len(suggestion.value) for suggestion in short) <= 100


@pytest.mark.parametrize("networks", [("lite2",), ("lite0",), BOTH])
def test_every_suggestion_reads_as_what_it_says(networks: tuple[str, ...]) -> None:
    choices = [choice.suggestion for choice in shelf(networks).choices]
    assert len({choice.value for choice in choices}) == len(choices)
    assert {choice.kind for choice in choices} == {*KINDS} - {"typed"}
    for choice in choices:
        terms = read(choice.value, networks)
        assert choice.title
        assert str(choice.about)
        if choice.kind == "class":
            assert terms[0].what == Class(classes.names().index(choice.title.removeprefix("class: ")))


def test_networks_that_dream_together_are_offered_their_own_layers_too() -> None:
    found = values("layer 4", *BOTH)
    assert found[0] == "layer blocks.4"
    assert {"layer lite2/blocks.4", "layer lite0/blocks.4"} <= {*found}
    assert "layer blocks.4.3" not in found  # lite0 has no such part
    assert values("layer lite0/4", *BOTH)[0] == "layer lite0/blocks.4"
    assert values("lite0/dogs", *BOTH)[0] == "lite0/dogs"


def test_an_unknown_network_is_named() -> None:
    with pytest.raises(RecipeError, match="no network “lite3”"):
        search("dogs", ["lite3"])
    with pytest.raises(RecipeError, match="No network is chosen"):
        search("dogs", [])
