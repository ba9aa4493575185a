"""Presets that outlive a network."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.errors import UserError
from bot.preset import Owner, Preset
from bot.presets import networks
from engine.recipe import Recipe


def a_preset(**changes: Any) -> Preset:
    fields = {**Recipe(of="dogs", steps=9).model_dump(mode="json"), **changes}
    return Preset(7, "Cup", "cup", Owner.PERSON, json.dumps(fields))


def test_one_whose_network_is_here_is_used_as_it_is() -> None:
    assert networks.usable(a_preset()) == Recipe(of="dogs", steps=9)


@pytest.mark.parametrize(
    ("network", "instead"), [("lite3", "lite2"), ("lite2+lite9", "lite2+lite0"), ("lite2 + liet2", "lite2")]
)
def test_one_whose_network_is_gone_says_so_and_offers_the_nearest(network: str, instead: str) -> None:
    preset = a_preset(network=network)
    gone = networks.gone_from(preset)
    assert gone in network
    offered = networks.nearest(preset)
    assert offered is not None
    assert (offered.steps, offered.of) == (9, "dogs")
    assert set(instead.split("+")) >= set(offered.networks) - {"lite0"}
    with pytest.raises(UserError, match=f"“Cup” dreams with the network {gone}, .* nearest is"):
        networks.usable(preset)


def test_the_nearest_is_one_that_can_dream_it() -> None:
    offered = networks.nearest(a_preset(network="vgg99", of="channel blocks.5.1:3"))
    assert offered is not None
    assert offered.network in {"lite2", "lite0"}


def test_where_no_other_network_can_dream_it_that_is_said() -> None:
    preset = a_preset(network="lite3", of="layer block.of.that.one")
    assert networks.nearest(preset) is None
    with pytest.raises(UserError, match="no other one can dream this"):
        networks.usable(preset)
