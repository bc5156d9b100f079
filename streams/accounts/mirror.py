"""Offers overlaps to sharing, which decides what of them a partner sees in its own system; it writes nothing there itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from pydantic import AwareDatetime

from mappings.sharing import Level, SharingRules, shipped
from schemas import topics
from schemas.entities import Account, Overlap
from schemas.messages import AccountCard, AccountChanged, AccountListed, OverlapOffered, identity
from streams import sharing as partners
from streams.decision import Emission, Step
from streams.sharing.policy import Terms, asked_of, terms

PARTY = "partner:"


class Happened(Protocol):
    """What has a cause and a time."""

    @property
    def cause(self) -> str:
        """Id of the change."""

    @property
    def at(self) -> AwareDatetime:
        """When it happened."""


@dataclass(frozen=True)
class Sharing:
    """Which connections of partners take the overlaps of which connection of ours, and by which rules.

    `company` is what partners call us; `rules`: none for the shipped ones.
    """

    company: str = "us"
    targets: Mapping[str, str] = field(default_factory=dict)  # a partner's connection to ours
    rules: SharingRules | None = None

    @cached_property
    def book(self) -> SharingRules:
        """The rules of the deployment, or the shipped ones."""
        return self.rules or shipped()

    def takes(self, theirs: str, ours: str) -> bool:
        """Whether the overlaps of our connection may go into that one, as far as the deployment connects them."""
        return self.targets.get(theirs) == ours

    def asked_of(self, account: Account) -> Mapping[str, object]:
        """What a card of ours says for sharing; nothing where no partner takes anything."""
        return asked_of(self.book, account) if self.targets else {}

    def received(self, party: str, population: str) -> bool:
        """Whether the partner shows us its accounts of that population where we hold them, too."""
        if self.rules is None:
            return True
        if party not in self._shows:
            self._shows[party] = self.terms_of(party.removeprefix(PARTY)).shows
        return self._shows[party].get(population) in {Level.ALL, Level.OVERLAPS}

    @cached_property
    def _shows(self) -> dict[str, Mapping[str, Level]]:
        return {}

    def terms_of(self, partner: str) -> Terms:
        """What is agreed with a partner whose system takes overlaps."""
        return terms(self.book, partner, asked=True)


def steps(sharing: Sharing, partner_keys: Iterable[str]) -> tuple[Step, ...]:
    """The step that decides what these partners see; none where no system of a partner takes anything."""
    return partners.steps(sharing.company, map(sharing.terms_of, partner_keys)) if sharing.targets else ()


def listed(sharing: Sharing, event: AccountChanged, before: str, now: str) -> list[Emission]:
    """That an account of a partner which takes overlaps came, went, or is matched by something else now.

    `before`, `now`: the features that it is matched by; empty where there is none.
    """
    if event.connection not in sharing.targets or before == now:
        return []
    message = AccountListed(
        party=event.party,
        ref=event.ref,
        present=bool(now),
        cause=event.id,
        at=event.occurred_at,
        seen_at=event.seen_at or event.occurred_at,
    )
    said = identity("listed", event.ref, event.id)
    return [Emission(topics.SHARING_CHANGES, event.party, message, said)]


def offered(
    party: str, connection: str, ref: str, theirs: str, overlap: Overlap, card: AccountCard, event: Happened
) -> Emission:
    """An overlap that a partner's connection takes, as it is now. `theirs`: the partner's record."""
    offer = OverlapOffered(
        party=party,
        connection=connection,
        ref=ref,
        theirs=theirs,
        overlap=overlap,
        card=card,
        cause=event.cause,
        at=event.at,
    )
    return Emission(topics.SHARING_CHANGES, party, offer)


def withdrawn(party: str, connection: str, ref: str, event: Happened) -> Emission:
    """The overlap is not one that the connection takes any more."""
    offer = OverlapOffered(party=party, connection=connection, ref=ref, cause=event.cause, at=event.at)
    return Emission(topics.SHARING_CHANGES, party, offer)
