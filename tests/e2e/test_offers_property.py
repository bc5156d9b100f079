"""Whatever is lost, repeated, late or killed: after one reconciliation the deals say what the marketplace holds."""

import os
from random import Random

import pytest

from tests.e2e.cosell import hub
from tests.e2e.offer_chaos import Storm, faults
from tests.e2e.test_deal_to_private_offer import agreed

STEPS = 30
SEEDS: list[int | None] = [int(seed) for seed in os.environ.get("OFFER_SEEDS", "").split()] or [None]


@pytest.mark.parametrize("repeated", ["accepted", "refused"])
@pytest.mark.parametrize("seed", SEEDS)
def test_any_interleaving_ends_in_what_the_marketplace_holds_and_nothing_is_made_twice(seed: int | None, repeated: str):
    seed = Random().randrange(10**9) if seed is None else seed
    print(f"OFFER_SEEDS={seed}")  # shown where it fails
    with hub(seed=seed, repeated_association=repeated) as it:
        it.runs()
        storm = Storm(it, Random(seed), agreed)
        for _ in range(STEPS):
            storm.step()
        storm.clears()
        assert faults(it, storm.deals) == [], f"OFFER_SEEDS={seed}: {storm.done}"
