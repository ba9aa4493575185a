"""The words people use for what to dream of, and what they mean."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine import RecipeError, catalogue
from engine.vocabulary import (
    Channels,
    Class,
    Direction,
    Extremes,
    Guide,
    Layer,
    Mood,
    Neuron,
    Term,
    What,
    about,
    classes,
    generate,
    layers,
    moods,
    read,
)
from engine.vocabulary.mood import EVERY_OTHER, mood_named

ROOT = Path(__file__).parents[2]
BOTH = ("lite2", "lite0")


def meant(of: str, *networks: str) -> What:
    """Return the only thing that words mean in lite2, or the networks given."""
    (term,) = read(of, networks or ("lite2",))
    assert term.weight == 1
    return term.what


@pytest.mark.parametrize(
    ("of", "what"),
    [
        ("layer 4", Layer("blocks.4")),
        ("Layer: blocks.4.1", Layer("blocks.4.1")),
        ("layers 4.1", Layer("blocks.4.1")),
        ("blocks.4", Layer("blocks.4")),
        ("layer STEM", Layer("stem")),
        ("channel 4:27", Channels("blocks.4", (27,))),
        ("Channels  4 : 27, 31 ،90", Channels("blocks.4", (27, 31, 90))),
        ("feature channels 27 and 31 of layer 4", Channels("blocks.4", (27, 31))),
        ("channels 4:27,27", Channels("blocks.4", (27,))),
        ("strongest 5 of 4", Extremes("blocks.4", 5, strongest=True)),
        ("weakest 3 channels of layer blocks.2", Extremes("blocks.2", 3, strongest=False)),
        ("neuron 4:27", Neuron("blocks.4", 27, 0.5, 0.5)),
        ("neuron 4:27 @ 0.3, 0.7", Neuron("blocks.4", 27, 0.3, 0.7)),
        ("direction 4:27=0.5,81=-0.3", Direction("blocks.4", ((27, 0.5), (81, -0.3)))),
        ("direction 4: 27 = .5, 81 = −0.3, 2", Direction("blocks.4", ((27, 0.5), (81, -0.3), (2, 1.0)))),
        ("guide", Guide("blocks.3")),
        ("guides: 4", Guide("blocks.4")),
        ("class: 84", Class(84)),
        ("classes peacock", Class(84)),
        ("PEACOCKS", Class(84)),
        ("volcanoes", Class(980)),
        ("binocular", Class(447)),
        ("jack o’ lantern", Class(607)),
        ("pay–phone", Class(707)),
        ("shih-tzu", Class(155)),
        ("crane (bird)", Class(134)),
        ("Crane machine", Class(517)),
        ("kite", Class(21)),
    ],
)
def test_each_form_is_read_however_it_is_typed(of: str, what: What) -> None:
    assert meant(of) == what


@pytest.mark.parametrize(
    ("of", "weights"),
    [
        ("0.7 peacock + 0.3 castle - volcano", [0.7, 0.3, -1]),
        ("70% peacock + .3*castle − 100 volcano", [0.7, 0.3, -100]),
        ("0,7 peacock+0,3 × castle –volcano", [0.7, 0.3, -1]),
        ("-peacock - 2 castle", [-1, -2]),
        ("+ 70 % of peacock + -0.5 castle", [0.7, -0.5]),
        ("peacock + peacock - 0.5 castle", [2, -0.5]),
        ("0.1 castle + 0.2 castle - 0.3 castle + 2 peacock", [2]),
    ],
)
def test_sums_have_weights_that_may_be_negative(of: str, weights: list[float]) -> None:
    assert [term.weight for term in read(of, ["lite2"])] == pytest.approx(weights)


def test_networks_that_dream_together_share_a_weight() -> None:
    four = Layer("blocks.4")
    assert read("0.5 layer 4", BOTH) == (Term("lite2", 0.25, four), Term("lite0", 0.25, four))
    assert read("guide", BOTH) == (Term("lite2", 0.5, Guide("blocks.3")), Term("lite0", 0.5, Guide("blocks.3")))
    assert read("layer 4 + lite0/layer 4", BOTH) == (Term("lite2", 0.5, four), Term("lite0", 1.5, four))
    assert read("layer 4", ["lite2", "lite2"]) == (Term("lite2", 1.0, four),)


@pytest.mark.parametrize(
    ("of", "term"),
    [
        ("channel 4:27", Term("lite2", 1, Channels("blocks.4", (27,)))),
        ("neuron 4:27", Term("lite2", 1, Neuron("blocks.4", 27))),
        ("direction 4:27=2", Term("lite2", 1, Direction("blocks.4", ((27, 2.0),)))),
        ("channel lite0/4:27", Term("lite0", 1, Channels("blocks.4", (27,)))),
        ("channel: LITE0 / 4:27", Term("lite0", 1, Channels("blocks.4", (27,)))),
        ("0.5 layer lite2/blocks.3", Term("lite2", 0.5, Layer("blocks.3"))),
        ("strongest 5 of lite0/4", Term("lite0", 1, Extremes("blocks.4", 5, strongest=True))),
        ("class: lite0/golden retriever", Term("lite0", 1, Class(207))),
        ("lite0/peacock", Term("lite0", 1, Class(84))),
        ("lite0/guide 4", Term("lite0", 1, Guide("blocks.4"))),
    ],
)
def test_numbers_and_prefixes_belong_to_one_network(of: str, term: Term) -> None:
    assert read(of, BOTH) == (term,)


def test_the_number_of_a_channel_is_judged_in_its_own_network() -> None:
    assert meant("channel 4:119") == Channels("blocks.4", (119,))
    with pytest.raises(RecipeError, match=r"no channel “119”\. Its channels are 0–111\."):
        read("channel lite0/4:119", BOTH)


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        ("", "Nothing is named to dream of. Write for example: dogs."),
        ("pecok", "There is nothing called “pecok”. Did you mean peacock?"),
        ("labrodor", "There is nothing called “labrodor”. Did you mean Labrador retriever?"),
        ("egyt", "There is nothing called “egyt”. Did you mean "),
        ("wlzpfth", "There is nothing called “wlzpfth”. Write a mood (dogs), a layer (layer 4) or a class (peacock)."),
        ("class: peecock", "There is no class called “peecock”. Did you mean peacock?"),
        ("class: 1000", "There is no class 1000. ImageNet's classes are 0–999."),
        ("class", "No class is named."),
        ("crane", "“crane” could be crane (bird) or crane (machine)."),
        ("class: cardigan", "“cardigan” could be Cardigan (dog) or cardigan (garment)."),
        ("maillots", "“maillots” could be maillot (tights) or maillot (tank suit)."),
        ("layer 44", "The network lite2 has no layer “44”."),
        ("layer", "No layer is named. Name one of lite2, such as blocks.3."),
        ("channel 4:500", "Layer blocks.4 has no channel “500”. Its channels are 0–119."),
        ("channel 4:-1", "no channel “-1”"),
        ("channel 5", "“5” cannot be read as a layer and numbers. Write it like this: channel 4:27"),
        ("strongest", "A layer and numbers are missing. Write it like this: strongest 5 of 4."),
        ("weakest 121 of 4", "Layer blocks.4 of lite2 has 120 channels, so not 121 of them."),
        ("neuron 4:27@0.3", "“0.3” is no place in a picture. Write two numbers from 0 to 1"),
        ("neuron 4:27@2,0", "“2,0” is no place in a picture."),
        ("direction 4: 0.5*27 - 0.3*81", "Write it like this: direction 4:27=0.5,81=-0.3."),
        ("direction 4:27=1,27=2", "names channel 27 twice"),
        ("direction 4:27=0", "“27=0” is no amount of a channel."),
        ("direction 4:27=x", "“27=x” is no amount of a channel."),
        ("0 dogs", "“0 dogs” has a weight out of range. Weights go up to 100, without 0."),
        ("1000% dogs + 101 eyes", "“101 eyes” has a weight out of range."),
        ("4", "“4” is only a number. Write what it is of: 4 dogs, or layer 4."),
        ("eyes +", "Nothing stands after the last sign in “eyes +”."),
        ("eyes -- dogs", "Two signs stand together"),
        ("eyes, dogs", "“eyes, dogs” is not one thing. Join several with a plus: eyes + dogs."),
        ("dogs - dogs", "“dogs - dogs” takes away all that it adds, so nothing is left to dream of."),
        (" + ".join(["dogs"] * 9), "That adds up 9 things. At most 8 can be dreamed of at once."),
        ("o" * 201, "That is 201 characters long. At most 200 can be read"),
        ("vgg16/dogs", "The network “vgg16” does not dream here. Before the slash goes lite2."),
        ("lite0/dogs", "The network “lite0” does not dream here."),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_can(of: str, sentence: str) -> None:
    with pytest.raises(RecipeError) as refused:
        read(of, ["lite2"])
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dgos", "dogs"),
        ("dosg", "dogs"),
        ("egyt", "Egyptian cat"),  # begun, and a letter lost
        ("peacok", "peacock"),
        ("flamigo", "flamingo"),
        ("catsle", "castle"),
        ("brocoli", "broccoli"),
        ("sprots car", "sports car"),
        ("grand paino", "grand piano"),
        ("eys", "eyes"),
        ("swril", "swirls"),
        ("tempels", "temples"),
        ("mozaic", "mosaic"),
        ("leopad", "leopard"),
        ("monky", "monkeys"),
        ("flwoers", "flowers"),
        ("brids", "birds"),
        ("layr 4", "layer blocks.4"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_one_that_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(RecipeError, match=rf"Did you mean {re.escape(meant)}\?"):
        read(typed, ["lite2"])


def test_networks_are_checked_too() -> None:
    with pytest.raises(RecipeError, match="no network “lite3”"):
        read("dogs", ["lite3"])
    with pytest.raises(RecipeError, match="No network is chosen"):
        read("dogs", [])


@pytest.mark.parametrize(
    ("layer", "short"),
    [("blocks.4.1", "4.1"), ("inception4c", "4c"), ("layer4", "4"), ("Mixed_6b", "6b"), ("features.28", "28")],
)
def test_layers_have_short_names(layer: str, short: str) -> None:
    assert layers.short(layer) == short


def test_a_short_name_that_fits_two_layers_is_asked_back() -> None:
    facts = catalogue.network("lite2")
    network = replace(facts, layers={name: facts.layer("stem") for name in ("conv5_3", "relu5_3")})
    with pytest.raises(RecipeError, match=r"In lite2 the layer “5_3” could be conv5_3 or relu5_3\."):
        layers.find(network, "5_3")


def test_a_network_that_was_taught_something_else_has_no_classes() -> None:
    facts = catalogue.network("lite2")
    assert classes.known_to(facts)
    assert not classes.known_to(replace(facts, layers={"stem": facts.layer("stem")}))


def test_a_mood_comes_before_a_class_and_a_class_as_it_stands_before_a_plural() -> None:
    assert meant("class: castle") == meant("castle") == Class(483)
    assert meant("class: maze") == Class(646)
    assert meant("maze") != Class(646)
    for mood in moods().values():
        assert str(about(mood.name.upper(), ["lite2"])) == mood.about
        assert sum(abs(term.weight) for term in read(f"0.5 {mood.name}", ["lite2"])) == pytest.approx(0.5)


@pytest.mark.parametrize("mood", moods().values(), ids=lambda mood: mood.name)
def test_every_mood_can_be_dreamed_in_every_network_that_has_it(mood: Mood) -> None:
    assert re.fullmatch(r"[a-z]+( [a-z]+)*", mood.name)
    assert re.fullmatch(r"[^.]+[^.\s]", mood.about)
    assert mood.of.keys() <= {*catalogue.networks(), EVERY_OTHER}
    assert {"lite2", "lite0"} <= {*mood.networks}
    assert ("vgg16" in mood.networks) == (EVERY_OTHER in mood.of)
    for network in mood.networks:
        assert {term.network for term in read(mood.name, [network])} == {network}


def test_moods_are_told_apart_however_they_are_spelled() -> None:
    assert {"dogs", "eyes"} <= moods().keys()
    for name, mood in moods().items():
        assert mood_named(name) == mood_named(name.replace(" ", "-").title()) == mood
    assert mood_named("dog", forgiving=True) == moods()["dogs"]


def test_a_mood_says_which_networks_have_it() -> None:
    with pytest.raises(RecipeError, match=r"The mood “eyes” is not known in vgg16: choose lite2 or lite0\."):
        Mood("eyes", "eyes", {"lite2": "layer 3", "lite0": "layer 3"}).made_of("vgg16")


def test_what_was_chosen_is_said_in_plain_words() -> None:
    assert (
        str(about("layer 3 + 2 peacock - volcano", ["lite2"]))
        == "round eyes, beads and spirals with peacock, away from volcano"
    )
    away = about("-peacock - channel 4:2", ["lite2"])
    assert str(away) == "away from peacock and from feature channel 2 of blocks.4"


def test_the_classes_are_those_of_torchvision_and_each_has_a_name_of_its_own() -> None:
    kept = (ROOT / "engine/data/classes.json").read_text(encoding="utf-8")
    assert kept == generate.classes(), "run: python -m engine.vocabulary.generate"
    assert len(set(classes.names())) == 1000
    for index, name in enumerate(classes.names()):
        assert meant(f"class: {name}") == meant(f"class: {index}") == Class(index)
    kinds = {name: classes.kind(classes.names().index(name)) for name in ("tench", "pug", "red fox", "pizza", "agaric")}
    assert [*kinds.values()] == ["a fish", "a dog", "a fox", "food or drink", "a mushroom"]


def test_every_example_on_the_page_reads() -> None:
    page = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    examples = [example for cell in cells for example in re.findall(r"`([^`]+)`", cell)]
    examples += re.findall(r"`(layer [^`]+|class: [^`]+|crane [^`]+|guide[^`]*)`", page)
    assert len(examples) > 30
    for example in examples:
        assert read(example, BOTH)


def test_reading_and_searching_load_no_torch() -> None:
    code = (
        "import sys; from engine.vocabulary import read, search, about, generate; read('dogs - peacock', ['lite2']); "
        "search('ca', ['lite2']); print(sorted({'torch', 'timm', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"
