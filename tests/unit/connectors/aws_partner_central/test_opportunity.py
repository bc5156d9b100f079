"""An update sends back the whole opportunity: exactly what the write names is new in it."""

from copy import deepcopy

from hypothesis import given, settings

from connectors.aws_partner_central.model import SEPARATOR, accepted
from connectors.aws_partner_central.opportunity import created, row, standing, updated
from tests.unit.connectors.aws_partner_central.opportunities import (
    COSELL,
    PATHS,
    SPEND,
    acme,
    changes,
    opportunities,
)

READ_ONLY = {"Id", "Arn", "CreatedDate", "OpportunityTeam", "RelatedEntityIdentifiers"}


def leaves(node, path=()):
    """Every member with a value, by its path; a list is one value, but for spends, which are told apart by company."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, (*path, name))
    elif path[-1:] == ("ExpectedCustomerSpend",):
        for each in node:
            yield from leaves(dict(each), (*path, each["TargetCompany"]))
    elif node is not None and node != []:
        yield path, node


def owned(path: tuple[str, ...], values) -> bool:
    """Whether a write of these values may change the member."""
    if path[:2] == tuple(SPEND.split(SEPARATOR)):
        return path[2] == "AWS" and any(each.startswith(SPEND) for each in values)
    return SEPARATOR.join(path) in values


def expected(path: str, value):
    return [] if value is None and isinstance(standing({}, path), list) else value


@settings(max_examples=50, deadline=None)
@given(opportunities(), changes())
def test_an_update_changes_exactly_what_the_write_names_and_keeps_everything_else(latest, values):
    before = deepcopy(latest)
    body = updated(latest, values)
    assert latest == before
    kept = {path: value for path, value in leaves(before) if path[0] not in READ_ONLY and not owned(path, values)}
    there = {path: value for path, value in leaves(body) if path != ("Identifier",) and not owned(path, values)}
    assert there == kept
    assert body["Identifier"] == before["Id"]


@settings(max_examples=50, deadline=None)
@given(opportunities(), changes())
def test_what_was_written_is_what_is_read_afterwards_and_the_rest_reads_as_before(latest, values):
    after = updated(latest, values)  # what is left out is emptied
    for path in PATHS:
        wanted = expected(path, values[path]) if path in values else standing(latest, path)
        assert standing(after, path) == wanted, path


@settings(max_examples=50, deadline=None)
@given(changes())
def test_what_is_created_reads_as_it_was_asked_for(values):
    body = created(values)
    assert {path: standing(body, path) for path in values} == {path: expected(path, it) for path, it in values.items()}
    assert body["Origin"] == "Partner Referral"


def test_an_update_takes_only_members_that_the_operation_has():
    body = updated(acme(), {"LifeCycle/NextSteps": "Send the offer"})
    assert set(body) <= accepted("UpdateOpportunity")
    assert set(body).isdisjoint(READ_ONLY)
    assert (body["LastModifiedDate"], body["NationalSecurity"]) == (acme()["LastModifiedDate"], "No")


def test_the_partners_own_value_of_the_deal_is_no_spend_at_aws():
    assert standing(acme(), f"{SPEND}/Amount") == "1200.50"
    body = updated(acme(), {f"{SPEND}/Amount": 99})
    assert [each["Amount"] for each in body["Project"]["ExpectedCustomerSpend"]] == ["90000", "99"]


def test_an_amount_goes_out_as_a_text_with_its_digits():
    body = updated(acme(), {"SoftwareRevenue/Value/Amount": 12500.5, "SoftwareRevenue/Value/CurrencyCode": "EUR"})
    assert body["SoftwareRevenue"]["Value"] == {"Amount": "12500.5", "CurrencyCode": "EUR"}


def test_a_row_has_what_the_mapping_names_and_becomes_the_canonical_record():
    aws = {"LifeCycle": {"Stage": "Qualified"}, "InvolvementType": "Co-Sell", "Insights": {"EngagementScore": "High"}}
    found = row(acme(), aws, COSELL.vendor_fields)
    assert set(found) <= {path.partition(".")[0] for path in COSELL.vendor_fields}
    record = COSELL.to_canonical(found)
    assert (record.title, record.stage, record.review) == ("Acme Robotics: 40 seats", "qualified", "pending_submission")
    assert (record.monthly_spend, record.spend_currency, record.solutions) == (1200.5, "USD", ("S-0000001",))
    assert (record.cloud_stage, record.involvement, record.offers) == ("Qualified", "Co-Sell", ())
    assert record.modified == "2026-11-22T10:00:00.123456Z"
    assert "Insights" not in str(found)
