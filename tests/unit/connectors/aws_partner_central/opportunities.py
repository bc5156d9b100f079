"""Opportunities as Partner Central holds them, and the mapping that ships; random ones, and Acme's."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from connectors.aws_partner_central.model import SEPARATOR, member
from mappings.loader import load

TABLES = load("aws_partner_central")
COSELL = TABLES["cosell"]
PATHS = sorted(name for name in COSELL.vendor_fields if "." not in name)
SPEND = "Project/ExpectedCustomerSpend"
AT = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
ARN = "arn:aws:aws-marketplace:us-east-1:691709974417:AWSMarketplace/"


def acme(**changes: Any) -> dict[str, Any]:
    """An opportunity that is waiting to be submitted."""
    return {
        "Catalog": "Sandbox",
        "Id": "O1234567",
        "Arn": "arn:aws:partnercentral:us-east-1::catalog/Sandbox/opportunity/O1234567",
        "PartnerOpportunityIdentifier": "006xx01",
        "LastModifiedDate": AT,
        "CreatedDate": AT,
        "NationalSecurity": "No",
        "PrimaryNeedsFromAws": ["Co-Sell - Deal Support"],
        "Customer": {
            "Account": {"CompanyName": "Acme Robotics GmbH", "Industry": "Manufacturing", "Duns": "150483782"},
            "Contacts": [{"Email": "ada@acme.com", "Phone": "+49301234567"}],
        },
        "Project": {
            "Title": "Acme Robotics: 40 seats",
            "ExpectedCustomerSpend": [
                {"Amount": "90000", "CurrencyCode": "EUR", "Frequency": "Monthly", "TargetCompany": "Self"},
                {"Amount": "1200.50", "CurrencyCode": "USD", "Frequency": "Monthly", "TargetCompany": "AWS"},
            ],
        },
        "LifeCycle": {"Stage": "Qualified", "ReviewStatus": "Pending Submission", "NextSteps": "Call Ada"},
        "OpportunityTeam": [{"Email": "dana@borealis.example"}],
        "RelatedEntityIdentifiers": {"Solutions": ["S-0000001"]},
        **changes,
    }


words = st.text(st.characters(codec="ascii", exclude_characters="\x00"), min_size=1, max_size=12)
amounts = st.decimals(min_value=0, max_value=10**9, places=2).map(str)
currencies = st.sampled_from(["USD", "EUR", "JPY"])
SIDES = ("Amount", "CurrencyCode")


def _leaf(path: str) -> st.SearchStrategy[Any]:
    known = member(path)
    assert known is not None
    if path.endswith("Amount"):
        return amounts
    one = st.sampled_from(sorted(known.words)) if known.words else words
    return st.lists(one, min_size=1, max_size=3) if known.many else one


@st.composite
def opportunities(draw: st.DrawFn) -> dict[str, Any]:
    """Any opportunity: each member there or not, with members that the mapping does not know, and spends not ours."""
    found = acme(Marketing={"CampaignName": draw(words)})
    found["LifeCycle"] = {"ReviewStatus": "Approved", "NextStepsHistory": [{"Value": draw(words), "Time": AT}]}
    found["Project"] = {"ApnPrograms": draw(st.lists(words, max_size=2)), "AdditionalComments": draw(words)}
    found["Customer"] = {"Account": {"Duns": "150483782"}, "Contacts": [{"Email": draw(words)}]}
    for path in ("PartnerOpportunityIdentifier", "PrimaryNeedsFromAws"):
        del found[path]
    for path in PATHS:
        if not path.startswith(SPEND) and draw(st.booleans()):
            node = found
            *heads, last = path.split(SEPARATOR)
            for step in heads:
                node = node.setdefault(step, {})
            node[last] = draw(_leaf(path))
    spends = [dict(_spend(draw), TargetCompany=each) for each in draw(st.permutations(["AWS", "Self", "Acme"]))]
    found["Project"]["ExpectedCustomerSpend"] = spends[: draw(st.integers(0, 3))]
    return found


def _spend(draw: st.DrawFn) -> dict[str, str]:
    return {"Amount": draw(amounts), "CurrencyCode": draw(currencies), "Frequency": "Monthly"}


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Values of some paths, as a write brings them; amount and currency both or neither."""
    chosen = draw(st.sets(st.sampled_from(PATHS), max_size=8))
    found = {path: draw(st.one_of(st.none(), _leaf(path))) for path in sorted(chosen)}
    for base in (SPEND, "SoftwareRevenue/Value"):
        pair = [f"{base}/{side}" for side in SIDES]
        if any(path in found for path in pair):
            full = draw(st.booleans())
            found |= {path: draw(_leaf(path)) if full else None for path in pair}
    return found
