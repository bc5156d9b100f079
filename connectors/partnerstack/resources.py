"""The resources of PartnerStack's vendor API that Tandem reads, and what each of them can be asked; pure facts.

Sources: docs.partnerstack.com, the types of fern-partnerstack/partnerstack-node and pyscriptbug/partnerstack, and
Airbyte's source-partnerstack. Where they say nothing it is marked as unverified.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FIELDS, META = "fields", "meta"


@dataclass(frozen=True, slots=True)
class Resource:
    """`filter`: by which stamp a list can be narrowed (`min_updated`, `min_created`). `answers`: where a form is written.

    `template`: where its form's fields can be read. `archives`: whether Tandem may archive its records. `detailed`: a list
    shows less of a record than the record's own address, and that again not all that a list shows. `currency`: of its
    amounts, where that is not the connection's. `returns`: a value can go away by what Tandem writes and come back by what
    people do, between two readings; so whatever has a newer stamp is told.
    """

    name: str
    filter: str = "updated"
    answers: str = FIELDS
    template: str | None = None
    archives: bool = False
    detailed: bool = False
    currency: str | None = None
    returns: bool = False

    @property
    def stamp(self) -> str:
        """The member that its lists are narrowed by."""
        return f"{self.filter}_at"


RESOURCES: Mapping[str, Resource] = {
    each.name: each
    for each in (
        # A list has joined_at and manager, the record itself has tier and fields (types of pyscriptbug/partnerstack).
        Resource("partnerships", detailed=True),
        Resource("customers"),
        Resource("deals", template="form-templates"),
        # `meta` of a lead is asked for at its creation; the reference names its form "/leads/form-template".
        Resource("leads", answers=META, template="form-template", archives=True, returns=True),
        Resource("transactions", filter="created"),
        Resource("rewards", filter="created", currency="USD"),
    )
}
# What others point to is told before them.
ORDER = ("partner", "partner_user", "partner_customer", "registration", "partner_lead", "transaction", "reward")
