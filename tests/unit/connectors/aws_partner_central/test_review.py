"""While AWS reviews an opportunity some of it is closed; what AWS refuses is told in the names of the deal's fields."""

import pytest

from connectors.aws.errors import Disposition, Failure, Recovery, Refused, Wrong
from connectors.aws_partner_central.locks import for_good, waits
from connectors.aws_partner_central.model import member
from connectors.aws_partner_central.refusals import WORDS, field_of, outcome
from connectors.base import Retry
from tests.unit.connectors.aws_partner_central.opportunities import COSELL

STAGE, TITLE, DATE = "LifeCycle/Stage", "Project/Title", "LifeCycle/TargetCloseDate"


@pytest.mark.parametrize("review", ["Submitted", "In review", "In-Review", "In Review", "Rejected"])
def test_nothing_can_be_changed_while_aws_reviews_or_has_rejected(review):
    assert waits(review, [STAGE]) == ()


@pytest.mark.parametrize("review", ["Pending Submission", "Approved", None])
def test_before_and_after_the_review_nothing_waits(review):
    assert waits(review, [STAGE, TITLE]) is None


def test_what_aws_has_sent_back_takes_some_fields_and_the_others_wait():
    assert waits("Action Required", [DATE, "Customer/Account/WebsiteUrl"]) is None
    assert waits("Action Required", [DATE, STAGE, TITLE]) == (STAGE, TITLE)


def test_some_fields_are_closed_for_good_once_it_is_approved():
    assert for_good("Approved", [STAGE, TITLE, "Customer/Account/Industry"]) == ("Customer/Account/Industry", TITLE)
    assert for_good("Pending Submission", [TITLE]) == ()


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ("Customer.Account.CompanyName", "company"),
        ("customer.account.companyName", "company"),
        ("Customer/Account/Address/CountryCode", "country"),
        ("Customer.Account.Address.Country", "country"),
        ("Project.ExpectedCustomerSpend[0].Amount", "monthly_spend"),
        ("Customer.Account.OtherIndustry", "industry"),
        ("TargetCloseDate", "close_date"),
        ("LifeCycle.ReviewStatus", "review"),
        ("Amount", None),
        ("Marketing.Source", None),
        ("", None),
    ],
)
def test_a_member_as_aws_names_it_is_the_deals_field(named, field):
    assert field_of(COSELL, named) == field


def refused(*wrong: Wrong, code: str = "ValidationException", recovery: Recovery = Recovery.PARK) -> Refused:
    failure = Failure("partnercentral-selling", "UpdateOpportunity", code, "The request is not valid.", 400, wrong)
    return Refused(failure, Disposition(recovery, "correct the field"))


def test_a_refusal_names_the_fields_in_words_with_what_aws_says_and_a_remedy():
    wrong = [
        Wrong("Marketing.Source", "Marketing is required", "REQUIRED_FIELD_MISSING"),
        Wrong("Project.CustomerUseCase", "Unknown use case", "INVALID_ENUM_VALUE"),
    ]
    found = outcome(COSELL, refused(*wrong), 5)
    assert (found.code, found.field) == ("INVALID_ENUM_VALUE", "use_case")
    assert found.remedy == "choose one of its values"
    assert found.reason == (
        "Marketing.Source: it is missing (Marketing is required); "
        "use_case: Partner Central does not know this value (Unknown use case)"
    )


def test_a_refusal_without_fields_keeps_the_words_of_aws():
    found = outcome(COSELL, refused(), 5)
    assert (found.code, found.field) == ("ValidationException", None)
    assert "The request is not valid." in found.reason


def test_a_conflict_is_tried_again():
    assert isinstance(outcome(COSELL, refused(code="ConflictException", recovery=Recovery.CONFLICT), 5), Retry)


def test_every_code_of_the_model_has_words():
    from connectors.aws_partner_central.model import service

    shape = service().shape_for("ValidationExceptionErrorCode")
    assert set(WORDS) == set(shape.enum)


def test_every_path_of_the_mapping_is_a_member_of_an_opportunity():
    beyond = ("Aws.", "Opportunity.")
    paths = [path for path in COSELL.vendor_fields if not path.startswith(beyond)]
    assert [path for path in paths if member(path.replace(".", "/")) is None] == []
