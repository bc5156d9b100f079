"""A random walk of sellers, resellers, buyers and time, by seed: what may happen in a marketplace in any order.

It draws among what is possible in the state that is reached, so that nearly every step does something; what AWS refuses
all the same is part of the walk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, cast

from ..core import ServiceError, World
from .agreements import Agreements
from .catalog import Catalog
from .changes.sets import members
from .contracts import Agreement
from .entities import Entity
from .seeds import AUTHORIZATION, BUYERS

Deed = tuple[str, Callable[..., Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of the walk: the act, its arguments, and its answer or the words of the refusal."""

    act: str
    arguments: dict[str, Any]
    answer: Any = None
    refusal: str | None = None


def walk(world: World, random: Random, steps: int) -> list[Taken]:
    """Takes the steps; every second one lets seconds or days pass before it."""
    return [_step(world, random, at) for at in range(steps)]


def _step(world: World, random: Random, at: int) -> Taken:
    if random.random() < 0.5:
        world.clock.advance(random.choice((1, 60, 3600, 86_400, 86_400 * 5, 86_400 * 40)))
    world.tick()
    state = _State(world)
    kind, act, arguments = random.choice(list(_Possible(state, random, at)))
    try:
        return Taken(kind, arguments, act(**arguments))
    except ServiceError as error:
        return Taken(kind, arguments, refusal=str(error))


class _State:
    """What there is to act on."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.catalog = cast(Catalog, world.services["marketplace-catalog"])
        self.agreements = cast(Agreements, world.services["marketplace-agreement"])
        self.now = world.clock()

    def offers(self, fits: Callable[[Entity], bool]) -> list[Entity]:
        return [one for one in self.catalog.entities.values() if one.kind == "Offer" and fits(one)]

    def ours(self, one: Entity) -> bool:
        return one.account == self.world.account and one.made_by == "Seller"

    def open(self, one: Entity) -> bool:
        """Released, alone, in time and accepted by nobody."""
        taken = any(held.offer == one.id for held in self.agreements.book.values())
        in_time = one.available_until is not None and one.available_until >= self.now
        return one.is_released and in_time and not taken and one.made_by == "Seller"

    def active(self, fits: Callable[[Agreement], bool] = lambda _: True) -> list[Agreement]:
        return [one for one in self.agreements.book.values() if one.active and fits(one)]


class _Possible:
    """Iterates over what can be done now; each kind of act once, with one thing that it fits."""

    def __init__(self, state: _State, random: Random, at: int) -> None:
        self.state, self.random, self.at = state, random, at

    def __iter__(self) -> Iterator[Deed]:
        yield from self._making()
        yield from self._selling()
        for _ in range(3):  # buyers are busier than sellers, or little would ever be agreed on
            yield from self._buying()
        yield from self._ending()

    def _one(self, found: list[Any]) -> list[Any]:
        return [self.random.choice(found)] if found else []

    def _making(self) -> Iterator[Deed]:
        acts, random = self.state.catalog.acts, self.random
        buyer, title = random.choice(BUYERS), f"Walk {self.at}"
        amount = f"{random.randrange(1, 100)}000.{random.randrange(100):02d}"
        shape = {"title": title, "buyer": buyer}
        fixed = shape | {"amount": amount, "renewal": random.random() < 0.4, "duration": random.choice(("P1M", "P12M"))}
        yield "make_offer", acts["make_offer"], fixed
        yield "make_offer", acts["make_offer"], fixed | {"released": False}
        yield "make_usage_offer", acts["make_usage_offer"], shape
        yield "make_offer_set", acts["make_offer_set"], shape
        yield (
            "authorize_reseller",
            acts["authorize_reseller"],
            {"title": title, "price": amount, "once": random.random() < 0.5},
        )
        held = [
            one.id
            for one in self.state.catalog.entities.values()
            if one.kind == "ResaleAuthorization" and one.id != AUTHORIZATION and one.details["Status"] == "Active"
        ]
        for one in self._one(held):
            yield "make_partner_offer", acts["make_partner_offer"], {"authorization": one} | shape
            yield "restrict_reseller", acts["restrict_reseller"], {"authorization": one}

    def _selling(self) -> Iterator[Deed]:
        state, acts = self.state, self.state.catalog.acts
        for one in self._one(state.offers(lambda one: state.ours(one) and not one.is_released)):
            yield "edit_offer", acts["edit_offer"], {"offer": one.id, "description": f"Edited at {self.at}"}
            yield "release_offer", acts["release_offer"], {"offer": one.id}
        for one in self._one(state.offers(lambda one: state.ours(one) and one.is_released)):
            yield "edit_offer", acts["edit_offer"], {"offer": one.id, "title": f"Renamed at {self.at}"}
        for one in self._one(state.offers(lambda one: state.ours(one) and state.open(one))):
            until = state.now.date() + timedelta(days=self.random.choice((0, 3, 20)))
            yield "extend_offer", acts["extend_offer"], {"offer": one.id, "until": str(until)}
            yield "cancel_offer", acts["cancel_offer"], {"offer": one.id}
        contract = state.active(lambda one: one.proposer == state.world.account and one.ends is not None)
        for held in self._one(contract):
            ends = state.now.date() + timedelta(days=400)
            named = {"title": f"Walk {self.at} again", "agreement": held.id, "ends_on": str(ends)}
            yield "make_replacement_offer", acts["make_replacement_offer"], named

    def _buying(self) -> Iterator[Deed]:
        state, acts = self.state, self.state.agreements.acts
        plain = state.offers(lambda one: state.open(one) and one.intent is None and "OfferSetId" not in one.details)
        for one in self._one(plain):
            yield "accept", acts["accept"], {"offer": one.id, "auto_renew": self.random.random() < 0.8}
        for one in self._one(state.offers(lambda one: state.open(one) and one.intent == "Replace")):
            yield "replace", acts["replace"], {"offer": one.id}
        sets = [one for one in state.catalog.entities.values() if one.kind == "OfferSet" and one.is_released]
        whole = [one for one in sets if all(state.open(state.catalog.entities[held]) for held in members(one))]
        for one in self._one(whole):
            yield "accept_set", acts["accept_set"], {"offer_set": one.id}
        for held in self._one(state.active()):
            yield "amend", acts["amend"], {"agreement": held.id, "amount": f"{self.random.randrange(1, 900)}.50"}
            yield (
                "opt_out",
                acts["opt_out"],
                {"agreement": held.id, "party": self.random.choice(("ACCEPTOR", "PROPOSER"))},
            )
        for held in self._one(state.active(lambda one: one.end_behaviour == ("RENEW", None))):
            yield "renew", acts["renew"], {"agreement": held.id}

    def _ending(self) -> Iterator[Deed]:
        state, acts = self.state, self.state.agreements.acts
        for held in self._one(state.active()):
            name = self.random.choice(("cancel", "terminate", "roll_back"))
            yield name, acts[name], {"agreement": held.id}
        for held in self._one(state.active(lambda one: one.ends is not None)):
            yield "let_expire", acts["let_expire"], {"what": held.id}
        for one in self._one(state.offers(state.open)):
            yield "let_expire", acts["let_expire"], {"what": one.id}
