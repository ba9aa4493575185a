"""Features from noise: they show what they are to, the same for the same seed, whoever else is in the batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.errors import DreamStopped, EngineError, RecipeError
from engine.networks import Network
from engine.visualize import Progress, Settings, Visualizer
from engine.visualize.canvas import Fourier, Maco
from engine.visualize.measures import subject_of
from engine.visualize.row import row
from engine.visualize.views import Views, brought_back, seen
from engine.visualize.visualizer import Making
from engine.vocabulary import Channels, Class, Layer, Neuron

QUICK = Settings(size=64, steps=6)


@pytest.fixture(scope="module")
def visualizer() -> Visualizer:
    return Visualizer("lite0")


@pytest.mark.parametrize("subject", [Channels("blocks.2", (3,)), Neuron("blocks.2", 3), Class(84), Layer("blocks.2")])
@pytest.mark.parametrize("maco", [False, True])
def test_a_picture_shows_more_of_its_subject_than_noise_does(
    visualizer: Visualizer, subject: Channels, maco: bool
) -> None:
    (first,) = visualizer.visualize([subject], Settings(size=96, steps=1, maco=maco))
    (last,) = visualizer.visualize([subject], Settings(size=96, steps=24, maco=maco))
    assert last.response > first.response


def test_a_channel_that_noise_does_not_wake_is_woken(visualizer: Visualizer) -> None:
    subjects = [Channels("head", (channel,)) for channel in range(8)]
    for one in visualizer.visualize(subjects, Settings(size=64, steps=12)):
        assert one.picture.rgb.std() > 10


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(visualizer: Visualizer) -> None:
    subjects = [Channels("blocks.1", (2,))]
    one, again = (visualizer.visualize(subjects, QUICK)[0].picture.rgb for _ in range(2))
    other = visualizer.visualize(subjects, Settings(size=64, steps=6, seed=1))[0].picture.rgb
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_picture_does_not_depend_on_its_batch(visualizer: Visualizer) -> None:
    subjects = [Channels("blocks.3", (channel,)) for channel in range(5)]
    together = visualizer.visualize(subjects, QUICK)
    (alone,) = visualizer.visualize(subjects[3:4], QUICK)
    difference = np.abs(together[3].picture.rgb.astype(int) - alone.picture.rgb.astype(int))
    assert difference.mean() < 0.5  # of 255: sums are added in another order
    assert together[3].response == pytest.approx(alone.response, rel=1e-2)


def test_progress_comes_after_every_step_with_a_preview(visualizer: Visualizer) -> None:
    steps: list[int] = []

    def see(at: Progress) -> None:
        steps.append(at.step)
        assert [one.width for one in at.preview()] == [64]

    visualizer.visualize([Channels("blocks.0", (0,))], QUICK, on_step=see)
    assert steps == [1, 2, 3, 4, 5, 6]


def test_it_stops_before_the_next_step(visualizer: Visualizer) -> None:
    steps: list[Progress] = []
    with pytest.raises(DreamStopped):
        visualizer.visualize(
            [Channels("blocks.0", (0,))], QUICK, on_step=steps.append, should_stop=lambda: len(steps) == 2
        )
    assert len(steps) == 2


def test_several_things_stand_side_by_side_in_their_order(visualizer: Visualizer) -> None:
    subjects = [Class(3), Channels("blocks.1", (2,)), Class(4)]
    made = row(visualizer, subjects, QUICK)
    assert (made.picture.width, made.picture.height) == (3 * 64, 64)
    (middle,) = visualizer.visualize(subjects[1:2], QUICK)
    assert np.array_equal(made.picture.rgb[:, 64:128], middle.picture.rgb)


def test_photos_magnitudes_stay_what_they_are() -> None:
    canvas = Maco(48, torch.device("cpu"))
    numbers = canvas.begin(torch.Generator().manual_seed(0))
    turned = canvas.spectrum(numbers + torch.randn(numbers.shape, generator=torch.Generator().manual_seed(1)))
    torch.testing.assert_close(turned.abs(), canvas.magnitude.expand_as(turned))
    low, high = canvas.magnitude[0, :3, :3].mean(), canvas.magnitude[0, 20:28, 20:].mean()
    assert low > 10 * high  # as in photos


def test_a_way_is_as_long_as_the_picture_changes_by_it() -> None:
    canvas = Fourier(64, torch.device("cpu"))
    way = torch.randn((1, 3, 64, 33, 2), generator=torch.Generator().manual_seed(0))
    way[:, :, :, [0, -1]] = 0  # the columns that have no mirror image
    before, after = (canvas.picture(amount * way / canvas.length(way)).logit() for amount in (0, 1))
    assert float((after - before).square().mean().sqrt()) == pytest.approx(1, rel=0.02)


def test_a_view_is_brought_back_to_where_it_was_taken() -> None:
    forth, back = Views(jitter=0.1, rotation=10, nearest=0.9, farthest=1.1).draw(1, torch.Generator().manual_seed(3))
    picture = torch.full((1, 3, 65, 65), 0.5)
    picture[..., 30:35, 24:29] = 1.0
    there = seen(picture, forth[0])
    again = brought_back(there - 0.5, back[0])
    place = again[0, 0].flatten().argmax().item()
    assert abs(place // 65 - 32) <= 2
    assert abs(place % 65 - 26) <= 2


@pytest.mark.parametrize("maco", [False, True])
def test_a_step_waits_for_nothing_on_the_host(maco: bool) -> None:
    # Nothing can be read from ``meta``: a number asked of it, or a tensor left on the processor, is an error.
    meta = torch.device("meta")
    for subjects in ([Class(1), Class(2)], [Channels("blocks.2", (1,))], [Neuron("blocks.2", 1)]):
        making = Making(Network("lite0", meta), subjects, Settings(64, 4, maco=maco), meta)
        making.ready(1)
        making.step()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("layer blocks.9", "has no layer “blocks.9”"),
        ("channel blocks.4:112", "Its channels are 0–111"),
        ("guide", "from noise there is none"),
        ("strongest 5 of 4", "from noise there is none"),
        ("class: peacock + class: castle", "one thing is made visible at a time"),
        ("class 1000", "classes are 0–999"),
    ],
)
def test_what_cannot_be_made_visible_gets_a_sentence(words: str, sentence: str) -> None:
    with pytest.raises(RecipeError, match=sentence):
        subject_of(words, "lite0")


@pytest.mark.parametrize(("size", "steps"), [(16, 8), (4096, 8), (64, 0), (64, 99999)])
def test_sizes_and_steps_have_bounds(size: int, steps: int) -> None:
    with pytest.raises(EngineError, match=" to "):
        Settings(size, steps)
