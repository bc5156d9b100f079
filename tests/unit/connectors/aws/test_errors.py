"""Each code of AWS has one recovery, and a person gets a remedy; no signature is shown."""

import tomllib
from importlib.resources import files

import botocore.session
import pytest

from connectors.aws.errors import Disposition, Failure, Recovery, Refused, Wrong, disposition, raised
from connectors.base import Rejected, Retry
from connectors.errors import BadCredentials, BadInput, PauseConnection, RetryLater, StopMapping
from tests.unit.connectors.aws.wire import Failed, Lost, wire

OPERATIONS = {
    "marketplace-catalog": "StartChangeSet DescribeChangeSet ListChangeSets CancelChangeSet DescribeEntity "
    "BatchDescribeEntities ListEntities",
    "marketplace-agreement": "SearchAgreements DescribeAgreement GetAgreementTerms GetAgreementEntitlements",
    "partnercentral-selling": "CreateOpportunity UpdateOpportunity GetOpportunity ListOpportunities AssociateOpportunity "
    "DisassociateOpportunity AssignOpportunity SubmitOpportunity StartEngagementFromOpportunityTask "
    "ListEngagementFromOpportunityTasks StartEngagementByAcceptingInvitationTask ListEngagementInvitations "
    "GetEngagementInvitation RejectEngagementInvitation GetAwsOpportunitySummary ListSolutions",
    "sqs": "ReceiveMessage DeleteMessageBatch GetQueueAttributes",
    "sts": "GetCallerIdentity AssumeRole",
}
EXPECTED = {
    Recovery.RETRY: "ThrottlingException InternalServiceException InternalServerException RequestThrottled KmsThrottled "
    "ServiceUnavailable RequestTimeout HTTP_429 HTTP_408 UNANSWERED UNREACHABLE",
    Recovery.BUSY: "ResourceInUseException",
    Recovery.CONFLICT: "ConflictException",
    Recovery.REAUTHENTICATE: "UnrecognizedClientException InvalidClientTokenId SignatureDoesNotMatch ExpiredToken "
    "ExpiredTokenException RequestExpired NO_CREDENTIALS InvalidSignatureException",
    Recovery.PERMIT: "AccessDeniedException AccessDenied NotAuthorized HTTP_403 KmsAccessDenied OptInRequired",
    Recovery.PAUSE: "ServiceQuotaExceededException OverLimit HTTP_402",
    Recovery.PARK: "ValidationException INVALID_REQUEST ResourceNotSupportedException HTTP_413",
    Recovery.RESOLVE: "ResourceNotFoundException HTTP_404",
    Recovery.STOP: "QueueDoesNotExist NonExistentQueue InvalidAddress UnknownOperationException",
}
CHANGES = [{"ChangeType": "CreateOffer", "Entity": {"Type": "Offer@1.0"}, "DetailsDocument": {"ProductId": "p"}}]
CASES = [(code, recovery) for recovery, codes in EXPECTED.items() for code in codes.split()]


def failure(code: str, service: str = "marketplace-catalog", operation: str = "StartChangeSet", **more) -> Failure:
    return Failure(service, operation, code, "as AWS says", **more)


@pytest.mark.parametrize(("code", "recovery"), CASES)
def test_a_known_code_has_its_recovery_and_a_remedy(code, recovery):
    found = disposition(failure(code))
    assert (found.recovery, found.known) == (recovery, True)
    assert len(found.remedy) > 10


def test_every_error_that_the_models_declare_for_what_is_called_is_in_the_table():
    session = botocore.session.get_session()
    unknown = []
    for service, operations in OPERATIONS.items():
        model = session.get_service_model(service)
        for name in operations.split():
            for shape in model.operation_model(name).error_shapes:
                code = shape.error_code
                if not disposition(failure(code, service, name)).known:
                    unknown.append((service, name, code))
    assert unknown == []


def test_every_remedy_of_the_table_is_a_sentence_and_every_table_has_its_meaning_beside_it():
    text = files("connectors.aws").joinpath("dispositions.toml").read_text("utf-8")
    table = tomllib.loads(text)
    special = table.pop("unless")
    assert {row["recovery"] for row in special} <= set(table) == {each.value for each in Recovery}
    assert all(f"[{name}] # " in text for name in table)
    assert all(len(remedy) > 10 for codes in table.values() for remedy in codes.values())


def test_a_code_that_nobody_has_classified_parks_the_record_and_is_tried_again_from_500_on():
    assert disposition(failure("NextSummer", status=400)) == Disposition(
        Recovery.PARK, disposition(failure("NextSummer", status=400)).remedy, known=False
    )
    assert disposition(failure("NextSummer", status=503)).recovery is Recovery.RETRY


def test_the_remedy_of_a_missing_permission_names_the_iam_action():
    actions = [
        ("marketplace-catalog", "BatchDescribeEntities", "aws-marketplace:DescribeEntity"),
        ("marketplace-agreement", "SearchAgreements", "aws-marketplace:SearchAgreements"),
        ("partnercentral-selling", "GetOpportunity", "partnercentral:GetOpportunity"),
        ("sqs", "ReceiveMessage", "sqs:ReceiveMessage"),
    ]
    for service, operation, action in actions:
        error = raised(failure("AccessDeniedException", service, operation), repeatable=True)
        assert isinstance(error, StopMapping)
        assert action in error.remedy


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ThrottlingException", RetryLater),
        ("ExpiredToken", BadCredentials),
        ("AccessDenied", StopMapping),
        ("QueueDoesNotExist", StopMapping),
        ("ServiceQuotaExceededException", PauseConnection),
        ("MISCONFIGURED", BadInput),
        ("ValidationException", Refused),
        ("ResourceInUseException", Refused),
        ("ResourceNotFoundException", Refused),
        ("ConflictException", Refused),
    ],
)
def test_what_concerns_all_is_raised_for_the_connection_and_what_concerns_one_record_is_not(code, kind):
    assert type(raised(failure(code), repeatable=True)) is kind


def test_an_unsafe_call_whose_answer_is_lost_is_left_to_whoever_made_it():
    lost = failure("UNANSWERED", "partnercentral-selling", "AssociateOpportunity", unsure=True)
    assert isinstance(raised(lost, repeatable=False), Refused)
    assert isinstance(raised(lost, repeatable=True), RetryLater)
    assert isinstance(raised(failure("UNREACHABLE"), repeatable=False), RetryLater)


def test_outcomes_of_a_record_say_when_it_goes_again_or_why_not():
    def outcome(code: str, **more):
        error = raised(failure(code, **more), repeatable=True)
        assert isinstance(error, Refused)
        return error.outcome(busy_s=60)

    assert outcome("ResourceInUseException") == Retry("StartChangeSet: ResourceInUseException: as AWS says", 60)
    assert outcome("ConflictException") == Retry("StartChangeSet: ConflictException: as AWS says")
    refused = outcome("ValidationException", wrong=(Wrong("Terms.Price", "is no amount", "", "UpdatePricingTerms"),))
    assert isinstance(refused, Rejected)
    assert refused.field == "Terms.Price"
    assert "UpdatePricingTerms Terms.Price: is no amount" in refused.reason


@pytest.mark.parametrize(
    ("service", "operation", "request_", "members", "wrong"),
    [
        (
            "marketplace-catalog",
            "StartChangeSet",
            {"Catalog": "AWSMarketplace", "ChangeSet": CHANGES},
            {"ValidationExceptionFieldList": [{"Reason": "CannotParse", "ChangeType": "CreateOffer", "Field": "ProductId",
                                               "Message": "no such product"}]},
            Wrong("ProductId", "no such product", "CannotParse", "CreateOffer"),
        ),
        (
            "marketplace-agreement",
            "DescribeAgreement",
            {"agreementId": "agmt-1"},
            {"reason": "INVALID_AGREEMENT_ID", "fields": [{"name": "agreementId", "message": "is none"}]},
            Wrong("agreementId", "is none"),
        ),
        (
            "partnercentral-selling",
            "GetOpportunity",
            {"Catalog": "AWS", "Identifier": "O1"},
            {"Reason": "BUSINESS_VALIDATION_FAILED", "ErrorList": [{"FieldName": "LifeCycle.Stage", "Message": "no",
                                                                    "Code": "INVALID_VALUE"}]},
            Wrong("LifeCycle.Stage", "no", "INVALID_VALUE"),
        ),
    ],
)  # fmt: skip
def test_the_fields_that_a_service_refuses_are_read_in_its_own_words(service, operation, request_, members, wrong):
    def refuse(_):
        raise Failed("ValidationException", status=422, **members)

    with wire(**{operation: refuse}) as aws, pytest.raises(Refused) as refused:
        aws.calls()(service, operation, **request_)
    assert refused.value.failure.wrong == (wrong,)


def lose(_):
    raise Lost


def test_a_lost_answer_is_tried_again_where_a_token_or_a_read_makes_it_harmless():
    with wire(StartChangeSet=lose, GetOpportunity=lose, AssociateOpportunity=lose) as aws:
        calls = aws.calls()
        with pytest.raises(RetryLater):
            calls("marketplace-catalog", "StartChangeSet", Catalog="AWSMarketplace", ChangeSet=CHANGES)
        with pytest.raises(RetryLater):
            calls("partnercentral-selling", "GetOpportunity", Catalog="AWS", Identifier="O1")
        pair = {"OpportunityIdentifier": "O1", "RelatedEntityType": "Solutions", "RelatedEntityIdentifier": "S-1"}
        with pytest.raises(Refused):
            calls("partnercentral-selling", "AssociateOpportunity", Catalog="AWS", **pair)
        assert [name for name, _ in aws.asked] == ["StartChangeSet", "GetOpportunity", "AssociateOpportunity"]


def test_an_answer_without_a_body_is_known_by_its_status():
    def broken(_):
        raise Failed("", "", 502)

    with wire(ListEntities=broken) as aws, pytest.raises(RetryLater):
        aws.calls()("marketplace-catalog", "ListEntities", Catalog="AWSMarketplace", EntityType="Offer")


def test_without_credentials_the_remedy_says_how_to_give_them(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    from connectors.aws.calls import Calls
    from connectors.aws.settings import Access, Profile
    from tests.unit.connectors.aws.wire import unhurried

    for access in (Access(), Access(auth=Profile(method="profile", name="none-such"))):
        with pytest.raises(BadCredentials, match="auth settings"):
            Calls(access, unhurried())(
                "marketplace-catalog", "ListEntities", Catalog="AWSMarketplace", EntityType="Offer"
            )
