"""What the account is made of: resources, forms, limits of values; it holds no state.

Members and limits: docs.partnerstack.com (reference of deals, leads, partnerships, webhooks), the types of
fern-partnerstack/partnerstack-node and pyscriptbug/partnerstack. What none of them says is marked as unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LIMIT_PER_MINUTE = 4000  # Airbyte's page on its PartnerStack source
MAX_TEXT, MAX_PAGE, DEFAULT_PAGE = 255, 250, 10
LEAD_STATUSES = ("open", "closed", "dead", "closed won", "closed lost")
STAGES = (
    "Submitted", "In Review", "Returned", "Approved", "Rejected", "Expired", "Reclaimed", "Withdrawn", "Converted",
    "Closed Lost",
)  # fmt: skip
ANSWERS = {"accept": "closed", "decline": "dead", "win": "closed won", "lose": "closed lost", "reopen": "open"}
_OURS = (
    "tandem_reasons", "tandem_missing", "tandem_conflict_with", "tandem_approved_at", "tandem_approved_by",
    "tandem_protected_until", "tandem_margin", "tandem_next_step",
)  # fmt: skip
DEAL_FORM = (
    "website", "country", "city", "postal_code", "email", "phone", "products", "deal_type", "description", *_OURS,
)  # fmt: skip
LEAD_FORM = (
    "first_name", "last_name", "company", "email", "phone", "website", "country", "product", "tandem_respond_by",
    "tandem_reason", "tandem_state",
)  # fmt: skip
PARTNER_FORM = (
    "website", "country", "territories", "segments", "products", "languages", "lead_capacity", "no_leads", "role",
    "language", "tandem_key", "tandem_tier", "tandem_tier_since", "tandem_tier_lapses_on", "tandem_tier_reasons",
    "tandem_certified_people", "tandem_certifications", "tandem_next_lapse_on", "tandem_onboarding", "tandem_open_leads",
    "tandem_next_step",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource. `members` can be written through the API, `filters` are the stamps a list is narrowed by.

    `external`: the member that can be used in place of the key. `form`: what its form asks.
    """

    name: str
    prefix: str
    members: tuple[str, ...] = ()
    filters: tuple[str, ...] = ("created", "updated")
    external: str | None = None
    form: tuple[str, ...] = ()
    equal: tuple[str, ...] = ("partner_key",)

    @property
    def singular(self) -> str:
        return self.name.removesuffix("s")


KINDS: Mapping[str, Kind] = {
    each.name: each
    for each in (
        Kind(
            "partnerships", "part", ("fields", "group_key", "manager_email", "tier_key"), external="partner_key",
            form=PARTNER_FORM, equal=("email",),
        ),
        Kind(
            "deals", "deal",
            (
                "account_name", "amount", "close_date", "contact_first_name", "contact_last_name", "customer_key",
                "external_key", "field_data", "fields", "group_key", "lost_reason", "meta", "mold_key", "partner_key",
                "source", "stage", "team", "team_member",
            ),
            external="external_key", form=DEAL_FORM,
        ),
        Kind(
            "leads", "lead",
            (
                "amount", "approved", "customer_external_key", "external_key", "field_data", "fields", "group_key",
                "meta", "mold_key", "partner_key", "stage_data", "status",
            ),
            external="external_key", form=LEAD_FORM,
        ),
        Kind("customers", "cus", ("customer_key", "email", "meta", "name", "partner_key", "provider_key"),
             external="customer_key"),
        Kind("transactions", "tran", filters=("created",), equal=()),
        Kind("rewards", "rew", filters=("created",), equal=()),
    )
}  # fmt: skip
# Of a partnership a list shows other members than the record itself.
LISTED = (
    "key", "created_at", "updated_at", "email", "first_name", "last_name", "group", "joined_at", "manager", "m_data",
    "partner_key", "stats", "tags", "team", "approved_status",
)  # fmt: skip
DETAILED = (
    "key", "created_at", "updated_at", "email", "first_name", "last_name", "group", "tier", "fields", "manager_email",
    "manager_name", "partner_key", "tags", "team", "approved_status",
)  # fmt: skip
