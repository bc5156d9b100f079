"""Ids and numbers that people put into names and fields, and what goes wrong with them; it matches nothing."""

import string
from dataclasses import dataclass, field
from random import Random

from streams.offers.parts import DealCard, OfferCard


@dataclass
class World:
    """`truth` names the deal of each offer that has one; `marks` says what is hard about an offer."""

    seed: int
    deals: dict[str, DealCard] = field(default_factory=dict)
    offers: dict[str, OfferCard] = field(default_factory=dict)
    truth: dict[str, str] = field(default_factory=dict)
    marks: dict[str, set[str]] = field(default_factory=dict)
    anew: dict[str, str] = field(default_factory=dict)  # an offer that was made anew, and the one that had run out


def put_ids(rng: Random, world: World) -> None:
    """A quarter of the offers carry an id, or the deal carries theirs; a few of them were pasted from elsewhere."""
    deals = list(world.deals)
    for ref, own in list(world.truth.items()):
        if rng.random() >= 0.25:
            continue
        world.marks[ref].add("id")
        wrong = rng.random() < 0.04
        if wrong:
            world.marks[ref].add("wrong id")
        _put_id(rng, world, ref, rng.choice(deals) if wrong else own)
    for ref in [ref for ref in world.offers if ref not in world.truth and rng.random() < 0.01]:
        world.marks[ref].add("wrong id")
        _put_id(rng, world, ref, rng.choice(deals))


def put_numbers(rng: Random, world: World) -> None:
    """A twelfth of the pairs carry the same quote or order number; now and then somebody uses one for something else."""
    for ref, own in world.truth.items():
        if rng.random() >= 0.08:
            continue
        world.marks[ref].add("number")
        number = rng.choice([f"Q-{digits(rng, 5)}", f"PO {digits(rng, 10)}", f"OPP-{digits(rng, 6)}"])
        _rename(world, ref, f"{world.offers[ref].offer.name[:120]} {number}")
        card = world.deals[rng.choice(list(world.deals)) if rng.random() < 0.06 else own]
        told = card.deal.model_copy(update={"name": f"{card.deal.name} {number}"})
        world.deals[card.ref] = card.model_copy(update={"deal": told})


def digits(rng: Random, count: int) -> str:
    """A number that does not begin with 0."""
    return str(rng.randrange(1, 10)) + "".join(rng.choices(string.digits, k=count - 1))


def salesforce_id(rng: Random, prefix: str) -> str:
    """15 characters whose case matters, and the three that make up for lost case."""
    short = prefix + "".join(rng.choices(string.ascii_letters + string.digits, k=15 - len(prefix)))
    groups = [short[at : at + 5] for at in (0, 5, 10)]
    sums = [sum(1 << nth for nth, letter in enumerate(group) if letter.isupper()) for group in groups]
    return short + "".join((string.ascii_uppercase + "012345")[each] for each in sums)


def _put_id(rng: Random, world: World, ref: str, deal_ref: str) -> None:
    card, held = world.offers[ref], world.deals[deal_ref]
    offer_id, record_id = card.record_id, held.record_id
    kind = rng.random()
    if kind < 0.5:
        short = record_id[:15] if record_id.startswith("006") and rng.random() < 0.3 else record_id
        told = rng.choice([f"({short})", f"- {short}", f"deal {short}", f"https://crm.example/{short}/view"])
        for each in (ref, world.anew.get(ref)):
            if each == ref or (each is not None and rng.random() < 0.5):
                _rename(world, each, f"{card.offer.name[:90]} {told}")
        return
    arn = f"arn:aws:aws-marketplace:us-east-1:111122223333:AWSMarketplace/Offer/{offer_id}"
    update = {"offer_ref": rng.choice([offer_id, offer_id, arn, f"AWS {offer_id} (sent)", offer_id.upper()])}
    if kind > 0.9:
        update = {"name": f"{held.deal.name} {offer_id}"}
    world.deals[deal_ref] = held.model_copy(update={"deal": held.deal.model_copy(update=update)})


def _rename(world: World, ref: str, name: str) -> None:
    card = world.offers[ref]
    world.offers[ref] = card.model_copy(update={"offer": card.offer.model_copy(update={"name": name})})
