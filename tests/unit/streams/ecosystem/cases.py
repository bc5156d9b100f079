"""Accounts, overlaps and profiles to judge."""

from datetime import UTC, datetime, timedelta
from typing import Any

from mappings import icp
from schemas.entities import Account, Overlap

START = datetime(2026, 1, 1, tzinfo=UTC)
ICP = icp.load()


def at(day: float) -> datetime:
    """So many days after the start."""
    return START + timedelta(days=day)


def company(**fields: Any) -> Account:
    """An account of ours."""
    return Account.model_validate({"name": "Acme Robotics"} | fields)


def ideal(**fields: Any) -> Account:
    """One with all that the shipped profile wants."""
    wanted = {"industry": "Software", "employees": 400, "annual_revenue": "60000000", "technologies": ("AWS",)}
    return company(**(wanted | fields))


def overlap(partner: str = "acme", **fields: Any) -> Overlap:
    """An active overlap, found on the first day."""
    plain = {
        "key": f"k-{partner}",
        "account": "001",
        "partner": partner,
        "partner_name": partner.title(),
        "partner_account": "b1",
        "partner_account_name": "Acme Robotics",
        "our_population": "prospect",
        "partner_population": "customer",
        "relation": "same",
        "confidence": 0.98,
        "reasons": ("same domain",),
        "main_reason": "same domain",
        "status": "active",
        "first_seen": START,
        "last_changed": START,
        "band": "linked",
        "partner_owner_name": "Dana Reyes",
    }
    return Overlap.model_validate(plain | fields)
