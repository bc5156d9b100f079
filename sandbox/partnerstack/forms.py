"""What a body may say and how a record shows its form: `fields[]`, and the older `field_data` and `meta`; pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from .errors import bad
from .model import LEAD_STATUSES, MAX_TEXT, Kind

if TYPE_CHECKING:
    from .account import Account

_TEXTS = ("group_key", "partner_key", "stage", "external_key", "email", "name")
_FORM = "_form"  # where a record keeps the answers to its form


def checked(account: Account, kind: Kind, body: Mapping[str, Any], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The members that a body sets, each as it is stored; raises 400 with the vendor's kind of words (unverified)."""
    values = dict(body)
    form = {**answers(before or {}), **_answered(kind, values)}
    for name in _TEXTS:
        if isinstance(values.get(name), str) and len(values[name]) > MAX_TEXT:
            raise bad(f"{name}: Length must be at most {MAX_TEXT}")
    amount = values.get("amount")
    if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int)):
        raise bad("amount: Not a valid integer")
    _RULES.get(kind.name, _no_rule)(account, values, form, before)
    return {**values, _FORM: form}


def answers(record: Mapping[str, Any]) -> dict[str, Any]:
    return dict(record.get(_FORM) or {})


def shown(kind: Kind, record: Mapping[str, Any]) -> dict[str, Any]:
    """A record with its form in all three spellings."""
    made = {name: value for name, value in record.items() if name != _FORM}
    if not kind.form:
        return made
    form = answers(record)
    made["fields"] = [
        {"api_name": name, "internal_name": name, "name": name.replace("_", " ").capitalize(), "value": value}
        for name, value in form.items()
    ]
    return {**made, "field_data": dict(form), "m_data" if kind.name == "partnerships" else "meta": dict(form)}


def template(kind: Kind) -> dict[str, Any]:
    """The form that partners fill in."""
    fields = [
        {
            "api_name": name, "internal_name": name, "name": name, "type": "input", "position": at,
            "required": name in {"first_name", "last_name"}, "hidden": name.startswith("tandem_"),
        }
        for at, name in enumerate(kind.form)
    ]  # fmt: skip
    return {"key": f"mold_{kind.prefix}", "name": f"{kind.singular} form", "type": kind.singular, "fields": fields}


def _answered(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """Takes the form out of a body, in whichever spelling; a field that is not on the form is refused (unverified)."""
    found: dict[str, Any] = {}
    for name in ("meta", "field_data"):
        found |= dict(values.pop(name, None) or {}) if kind.form else {}
    for each in values.pop("fields", None) or ():
        name = each.get("api_name") or each.get("internal_name")
        if name is None:
            raise bad("fields: each one needs its api_name")
        found[str(name)] = each.get("value")
    odd = sorted(set(found) - set(kind.form))
    if odd:
        raise bad(f"{odd[0]} is not a field of the form")
    return found


def _no_rule(*_: object) -> None:
    """Nothing more is asked."""


def _of_deal(
    account: Account, values: dict[str, Any], form: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    new = before is None
    if new:
        values.setdefault("source", "partner")
    source = values.get("source", (before or {}).get("source"))
    if source not in {"partner", "vendor"}:
        raise bad("source: Must be one of: partner, vendor")
    if new and not values.get("partner_key" if source == "partner" else "group_key"):
        raise bad(f"{'partner_key' if source == 'partner' else 'group_key'} is required")
    if values.get("partner_key"):
        partner = account.of_partner(values["partner_key"])
        values.setdefault("group_key", partner["group"]["key"])
        values.setdefault("team", partner["team"])
    if values.get("stage") is not None and values["stage"] not in account.settings.stages:
        raise bad(f"stage: {values['stage']} is not a stage of the group")
    if values.get("close_date"):
        try:
            date.fromisoformat(values["close_date"])
        except (TypeError, ValueError):
            raise bad("close_date: Not a valid date") from None
    if new:
        values.setdefault("stage", account.settings.stages[0])
        values.setdefault("mold_key", "mold_deal")
    _unique(account, "deals", values, before)


def _of_lead(
    account: Account, values: dict[str, Any], form: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    if before is None:
        for name in ("external_key", "partner_key", "status"):
            if not values.get(name):
                raise bad(f"{name} is required")
        for name in ("first_name", "last_name"):
            if not form.get(name):
                raise bad(f"meta: {name} is required")
    if "status" in values and values["status"] not in LEAD_STATUSES:
        raise bad(f"status: Must be one of: {', '.join(LEAD_STATUSES)}")
    if "partner_key" in values:
        values.setdefault("group_key", account.of_partner(values["partner_key"])["group"]["key"])
    _unique(account, "leads", values, before)


def _of_partnership(
    account: Account, values: dict[str, Any], form: Mapping[str, Any], before: Mapping[str, Any] | None
) -> None:
    tier = values.pop("tier_key", None)
    if tier is not None:
        if tier not in account.settings.tiers:
            raise bad(f"tier_key: {tier} is not a tier")
        values["tier"] = {"key": tier, "name": account.settings.tiers[tier]}
    if "manager_email" in values:
        values["manager"] = {"email": values["manager_email"]}


def _unique(account: Account, resource: str, values: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
    key = values.get("external_key")
    for stored in account.rows[resource].values() if key else ():
        if stored.record.get("external_key") == key and stored.record is not before and not stored.archived:
            raise bad(f"external_key {key} is already in use")


_RULES: dict[str, Any] = {"deals": _of_deal, "leads": _of_lead, "partnerships": _of_partnership}
