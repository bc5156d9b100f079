"""Rules, terms and overlaps for the tests of sharing."""

import tomllib
from datetime import UTC, datetime
from functools import cache

from mappings import sharing
from schemas.entities import Overlap, OverlapStatus, Population, Relation
from schemas.messages import AccountCard, identity
from streams.sharing.gate import Gate
from streams.sharing.policy import NO_RULINGS, Consent, Terms, terms

START = datetime(2026, 1, 1, tzinfo=UTC)
BOTH = 'ours = { by = "Dana", on = 2026-01-01 }\ntheirs = { by = "Mei", on = 2026-01-02 }\n'


@cache
def rules(text: str = "") -> sharing.SharingRules:
    """The shipped rules with a few lines of a deployment's own."""
    own = sharing.SharingRules.model_validate(_merged(sharing.shipped().model_dump(), tomllib.loads(text)))
    assert own.names()
    return own


def _merged(base: dict, own: dict) -> dict:
    both = {key: _merged(base[key], own[key]) for key in base.keys() & own.keys() if isinstance(own[key], dict)}
    return base | own | both


@cache
def agreed(text: str = "", partner: str = "acme", asked: bool = True) -> Terms:
    """What holds for a partner; the lines stand in its own entry where they name no table."""
    return terms(rules(text), partner, asked=asked)


def gate(text: str = "", consent: Consent = NO_RULINGS) -> Gate:
    return Gate(agreed(text), "Borealis", consent)


def card(population: str = "customer", shared_as: str = "", **fields: object) -> AccountCard:
    base = {"record_id": "001", "name": "Acme Robotics GmbH", "website": "acme.com", "owner_name": "Dana Reyes"}
    return AccountCard.model_validate({**base, "population": population, "shared_as": shared_as, **fields})


def overlap(population: str = "customer", **fields: object) -> Overlap:
    base = Overlap(
        key=identity("our-crm/account/001", "partner:acme"),
        account="001",
        partner="acme",
        partner_name="Acme Cloud",
        partner_account="b1",
        partner_account_name="Acme Robotics",
        our_population=Population(population),
        partner_population=Population.PROSPECT,
        relation=Relation.SAME,
        confidence=0.97,
        reasons=("same web domain acme.com", "same city: Berlin", "also matches 'Acme (old)'"),
        main_reason="same web domain acme.com",
        status=OverlapStatus.ACTIVE,
        first_seen=START,
        last_changed=START,
        fit=80,
        fit_band="A",
        evidence_codes=("PARTNER_CUSTOMER",),
    )
    return base.model_copy(update=fields)
