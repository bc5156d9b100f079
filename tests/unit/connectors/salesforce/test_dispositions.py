"""Each code has one recovery, and a person gets a remedy."""

import pytest

from connectors.salesforce.errors import Failure, Recovery, disposition, of_answer, of_bulk, of_row

EXPECTED = {
    Recovery.RETRY: """UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG
        TOO_MANY_APEX_REQUESTS TXN_SECURITY_METERING_ERROR UNKNOWN_EXCEPTION UNPROCESSED""",
    Recovery.ALONE: "ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED",
    Recovery.REAUTHENTICATE: "INVALID_SESSION_ID INVALID_AUTH_HEADER Bad_OAuth_Token",
    Recovery.PAUSE: """REQUEST_LIMIT_EXCEEDED LIMIT_EXCEEDED STORAGE_LIMIT_EXCEEDED API_DISABLED_FOR_ORG
        API_CURRENTLY_DISABLED""",
    Recovery.PARK: """FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION
        REQUIRED_FIELD_MISSING STRING_TOO_LONG INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INVALID_EMAIL_ADDRESS
        NUMBER_OUTSIDE_VALID_RANGE DUPLICATES_DETECTED DUPLICATE_VALUE DUPLICATE_EXTERNAL_ID INSUFFICIENT_ACCESS
        INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INVALID_CROSS_REFERENCE_KEY
        ENTITY_IS_LOCKED CANNOT_UPDATE_CONVERTED_LEAD INACTIVE_OWNER_OR_USER CANNOT_EXECUTE_FLOW_TRIGGER
        CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY""",
    Recovery.STOP: "INVALID_FIELD INVALID_TYPE INVALID_FIELD_FOR_INSERT_UPDATE InvalidBatch",
    Recovery.RESOLVE: "ENTITY_IS_DELETED NOT_FOUND",
    Recovery.CONFLICT: "PRECONDITION_FAILED HTTP_412",
}  # fmt: skip
CASES = [(code, recovery) for recovery, codes in EXPECTED.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "recovery"), CASES)
def test_a_known_code_has_its_recovery_and_a_remedy(code, recovery):
    found = disposition(Failure(code, "as the vendor says"))
    assert (found.recovery, found.known) == (recovery, True)
    assert len(found.remedy) > 10


@pytest.mark.parametrize(
    ("code", "message", "recovery"),
    [
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "AcmeTrigger: UNABLE_TO_LOCK_ROW, unable to obtain", Recovery.RETRY),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "System.LimitException: Too many SOQL queries: 101", Recovery.RETRY),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "AcmeTrigger: null pointer", Recovery.PARK),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", Recovery.RETRY),
        ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Recovery.PAUSE),
        ("NOT_FOUND", "Provided external ID field does not exist or is not accessible: X__c", Recovery.STOP),
        ("NOT_FOUND", "The requested resource does not exist", Recovery.STOP),
    ],
)
def test_some_codes_mean_what_their_message_says(code, message, recovery):
    assert disposition(Failure(code, message)).recovery is recovery


def test_a_code_that_nobody_has_classified_parks_the_record_with_a_general_remedy():
    found = disposition(Failure("A_CODE_OF_NEXT_SUMMER", "?"))
    assert (found.recovery, found.known) == (Recovery.PARK, False)
    assert "list of status codes" in found.remedy


def test_a_row_error_keeps_code_words_and_fields():
    error = {"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields:\n [Name]", "fields": ["Name"]}
    failure = of_row([error])
    assert failure == Failure("REQUIRED_FIELD_MISSING", "Required fields:\n [Name]", ("Name",))
    assert failure.reason == "REQUIRED_FIELD_MISSING: Required fields: [Name] (Name)"


def test_a_row_with_several_errors_goes_by_the_first_and_tells_them_all():
    errors = [
        {"statusCode": "REQUIRED_FIELD_MISSING", "message": "missing", "fields": ["Name"]},
        {"statusCode": "STRING_TOO_LONG", "message": "too long", "fields": ["Title"]},
    ]
    failure = of_row(errors)
    assert (failure.code, failure.fields) == ("REQUIRED_FIELD_MISSING", ("Name", "Title"))
    assert failure.message == "missing; STRING_TOO_LONG: too long (Title)"


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        (
            "INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'x' is not valid:CloseDate --",
            Failure("INVALID_FIELD", "Failed to deserialize field at col 3. Due to, 'x' is not valid", ("CloseDate",)),
        ),
        (
            "DUPLICATE_VALUE:duplicate value found: Key__c duplicates value on record with id: 001:Key__c, Name --",
            Failure(
                "DUPLICATE_VALUE",
                "duplicate value found: Key__c duplicates value on record with id: 001",
                ("Key__c", "Name"),
            ),
        ),
        ("UNABLE_TO_LOCK_ROW:no exclusive access:--", Failure("UNABLE_TO_LOCK_ROW", "no exclusive access")),
        ("InvalidBatch : Field name not found : X__c", Failure("InvalidBatch", "Field name not found : X__c")),
        ("", Failure("UNKNOWN_EXCEPTION", "")),
    ],
)  # fmt: skip
def test_the_text_of_a_bulk_error_is_the_same_failure_as_a_rows(text, failure):
    assert of_bulk(text) == failure


def test_a_list_of_records_for_one_external_id_is_a_duplicate_that_names_them():
    failure = of_answer(
        ["/services/data/v59.0/sobjects/Account/001A", "/services/data/v59.0/sobjects/Account/001B"], 300
    )
    assert failure == Failure("DUPLICATE_EXTERNAL_ID", "several records have the external id: 001A, 001B")


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_the_matched_duplicates_are_named_in_either_spelling_of_the_key(key):
    matched = {"matchResults": [{"matchRecords": [{"record": {"Id": "001A"}}, {"record": {"Id": "001B"}}]}]}
    result = {"duplicateRule": "Std", **matched}
    error = {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these?", key: result}
    assert of_row([error]).reason == "DUPLICATES_DETECTED: Use one of these? The rule Std matched 001A, 001B."


def test_a_refused_row_without_an_error_is_tried_again():
    assert disposition(of_row([])).recovery is Recovery.RETRY


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "m"}], "REQUEST_LIMIT_EXCEEDED"),
        ({"error": "invalid_grant", "error_description": "expired"}, "invalid_grant"),
        ("Bad_OAuth_Token", "Bad_OAuth_Token"),
        ("<html>Down for maintenance</html>", "HTTP_503"),
        ([], "HTTP_503"),
        ("", "HTTP_503"),
    ],
)
def test_every_shape_of_a_refused_answer_gives_a_code(body, code):
    assert of_answer(body, 503).code == code
