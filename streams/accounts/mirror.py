"""An overlap as the partner sees it, on its own account in its own system; only where the deployment shares it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.entities import Overlap, OverlapStatus
from schemas.messages import AccountCard, MatchBy, Write, identity

ENTITY = "overlap"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Which connections of partners take the overlaps of which connection of ours; `company` is what they call us."""

    company: str = "us"
    targets: Mapping[str, str] = field(default_factory=dict)  # a partner's connection to ours

    def takes(self, theirs: str, ours: str) -> bool:
        """Whether the overlaps of our connection go into that one."""
        return self.targets.get(theirs) == ours


def key(ref: str, connection: str) -> str:
    """The external id of our account's overlap in a partner's system."""
    return identity(ref, connection, "theirs")


def shown(sharing: Sharing, overlap: Overlap, ours: AccountCard) -> dict[str, object]:
    """The fields of the overlap with the sides exchanged."""
    seen = overlap.model_copy(
        update={
            "account": overlap.partner_account,
            "partner": sharing.company,
            "partner_name": sharing.company,
            "partner_account": ours.record_id,
            "partner_account_name": ours.name,
            "partner_account_website": ours.website,
            "partner_owner_name": ours.owner_name,
            "our_population": overlap.partner_population,
            "partner_population": overlap.our_population,
        }
    )
    return seen.model_dump(mode="json", exclude={"key"})


def ended(at: datetime) -> dict[str, object]:
    """What closes a record in the partner's system."""
    stamp = at.isoformat().replace("+00:00", "Z")
    return {"status": OverlapStatus.ENDED.value, "ended_on": stamp, "last_changed": stamp}


def write(
    connection: str, ref: str, fields: Mapping[str, object], reasons: tuple[str, ...], cause: str, at: datetime
) -> Write:
    """The write that brings the partner's record to these fields."""
    external_id = key(ref, connection)
    return Write.model_validate(
        {
            "id": identity(connection, ENTITY, external_id, cause, repr(sorted(fields.items()))),
            "connection": connection,
            "entity": ENTITY,
            "match_by": MatchBy.EXTERNAL_ID,
            "key": external_id,
            "fields": dict(fields),
            "reasons": reasons,
            "causes": (cause,),
            "decided_at": at,
        }
    )
