"""PartnerStack's records as the mapping reads them, and values as PartnerStack takes them; pure, it calls nobody.

A row is the record's own members, with these changes (the head of `mappings/partnerstack.toml` says the same):

    form:<api name>   the answer to a field of the form, out of `fields[]`, else `field_data`, else `meta` or `m_data`
    amount            a decimal text; PartnerStack counts in cents, whatever the currency (docs.partnerstack.com)
    currency          as it is, else the connection's
    times.<name>      `created_at`, `updated_at` and `joined_at` as ISO 8601; PartnerStack counts in milliseconds
    manager_email     of a partnership: our partner manager's, wherever it stands
    tier_key          of a partnership: the key of its tier, which is what an update takes
    display_name      of a partnership: its team's name, else its person's, else its mail address
    lead_ref          of a lead: our lead that its external key names, `connection/lead/id`
    state             of a lead: `status`, refined by what Tandem wrote into the form's field `tandem_state`
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

Item = Mapping[str, Any]
Row = dict[str, Any]
FORM, STATE_FIELD = "form:", "tandem_state"
TIMES = ("created_at", "updated_at", "joined_at")
# What PartnerStack's five statuses of a lead cannot say is written beside the one that comes nearest.
NEAREST: Mapping[str, str] = {"working": "closed", "converted": "closed", "withdrawn": "dead"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Unfit(ValueError):
    """A value that PartnerStack cannot take; `field` is the vendor's."""

    def __init__(self, field: str, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.field, self.reason, self.remedy = field, reason, remedy


def moment(ms: int) -> datetime:
    """A stamp of PartnerStack as a time."""
    return _EPOCH + timedelta(milliseconds=ms)


def stamp(item: Item, name: str = "updated_at") -> int:
    """Epoch ms of a record's last change; of its creation where it was never changed, 0 where it has neither."""
    for value in (item.get(name), item.get("created_at")):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return 0


def archived(item: Item) -> bool:
    """Whether it is archived: `archived` on most records, `is_archived` on partnerships (unverified: either)."""
    return any(str(item.get(name)).casefold() == "true" for name in ("archived", "is_archived"))


def form(item: Item) -> dict[str, Any]:
    """The answers to a form by the fields' API names: `fields[]` is the source of truth, the others are older."""
    found: dict[str, Any] = {}
    for older in ("m_data", "meta", "field_data"):
        value = item.get(older)
        found |= dict(value) if isinstance(value, Mapping) else {}
    for each in item.get("fields") or ():
        name = each.get("api_name") or each.get("internal_name") if isinstance(each, Mapping) else None
        if name:
            found[str(name)] = each.get("value")
    return found


def shaped(item: Item, currency: str, partner: str | None = None) -> Row:
    """The row of a record; `partner` where the record itself does not name its partner's key."""
    row: Row = {name: value for name, value in item.items() if name not in TIMES}
    row |= {f"{FORM}{name}": value for name, value in form(item).items()}
    row["times"] = {name: _iso(item[name]) for name in TIMES if item.get(name) is not None}
    row["partner_key"] = item.get("partner_key") or partner
    row["currency"] = item.get("currency") or currency
    row["display_name"] = display_name(item)
    tier = item.get("tier")
    row["tier_key"] = tier.get("key") if isinstance(tier, Mapping) else None
    row["manager_email"] = manager_email(item)
    row["lead_ref"] = lead_ref(item.get("external_key"))
    row["state"] = state(item)
    if "amount" in item:
        row["amount"] = decimal(item["amount"])
    return row


def picked(row: Item, fields: Iterable[str]) -> Row:
    """The mapped fields alone; of a nested record (`team_member.email`) those members that a path leads to."""
    found: Row = {}
    for field in fields:
        head, _, member = field.partition(".")
        if field in row or not member:
            found[field] = row.get(field)
        else:
            inner = row.get(head)
            found.setdefault(head, {})[member] = inner.get(member) if isinstance(inner, Mapping) else None
    return found


def decimal(cents: object) -> object:
    """An amount in cents as a decimal text, exactly; what is no whole number stays for the converter to refuse."""
    if isinstance(cents, int) and not isinstance(cents, bool):
        return format(Decimal(cents).scaleb(-2), "f")
    return cents


def cents(amount: object) -> int | None:
    """An amount in cents. Raises `Unfit` for a part of a cent."""
    if amount is None:
        return None
    try:
        counted = Decimal(str(amount)).scaleb(2)
    except InvalidOperation:
        raise Unfit("amount", f"{amount!r} is no amount.", "correct the amount") from None
    if counted != counted.to_integral_value():
        raise Unfit("amount", f"{amount} has parts of a cent, which PartnerStack cannot hold.", "round the amount")
    return int(counted)


def display_name(item: Item) -> str | None:
    """What a partnership is called."""
    team = item.get("team")
    person = " ".join(str(item[name]) for name in ("first_name", "last_name") if item.get(name))
    of_team = team.get("name") if isinstance(team, Mapping) else None
    found = of_team or item.get("company_name") or item.get("name") or person or item.get("email")
    return None if found is None else str(found)


def manager_email(item: Item) -> object:
    """Our partner manager's mail address: a list has `manager`, the record itself `manager_email`."""
    manager = item.get("manager")
    inside = manager if isinstance(manager, Mapping) else {}
    return item.get("manager_email") or inside.get("email") or inside.get("manager_email")


def external_key(ref: str) -> str:
    """The external key of our lead: without slashes, since it stands in paths."""
    return ref.replace("/", ":", 2)


def lead_ref(key: object) -> str | None:
    """Our lead that an external key names; None for a key of somebody else, as a mail address."""
    parts = str(key or "").split(":", 2)
    return "/".join(parts) if len(parts) == 3 and parts[1] == "lead" else None


def state(item: Item) -> object:
    """The status of a lead, refined by Tandem's own word as long as that still fits it."""
    status, word = item.get("status"), form(item).get(STATE_FIELD)
    return word if word in NEAREST and NEAREST[str(word)] == status else status


def written(values: Mapping[str, Any], currency: str, key: str) -> tuple[Row, Row]:
    """Vendor fields as PartnerStack takes them: members of the record, and answers to its form. Raises `Unfit`.

    `key` is the write's own, which the external key of a lead is made of.
    """
    members: Row = {}
    answers: Row = {}
    for field, value in values.items():
        if field.startswith(FORM):
            answers[field.removeprefix(FORM)] = value
        elif field == "state":
            members["status"] = NEAREST.get(str(value), value)
            answers[STATE_FIELD] = value if value in NEAREST else None
        elif field == "amount":
            members["amount"] = cents(value)
        elif field == "currency":
            if value not in {None, currency}:
                remedy = f"convert the amount, or set the connection's currency to {value}"
                raise Unfit("currency", f"amounts of this connection are in {currency}, not {value}.", remedy)
        elif field == "lead_ref":
            if value not in {None, key}:
                raise Unfit("lead_ref", f"{value!r} is not the lead of the write {key!r}.", "correct the write")
        else:
            members[field] = value
    return members, answers


def merged(item: Item | None, answers: Row) -> Row:
    """All answers of the form, ours over those that stand: it may be that what is sent replaces the whole form."""
    return {**(form(item) if item is not None else {}), **answers}


def _iso(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return moment(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
