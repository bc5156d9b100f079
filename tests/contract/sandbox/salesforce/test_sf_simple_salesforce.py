"""The client library that the product uses works against the emulator unchanged."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_soql

from sandbox.salesforce.auth import ConnectedApp
from sandbox.salesforce.testing import Emulator, emulator

from .conftest import settings

APP = ConnectedApp()


@pytest.fixture
def client(salesforce: Emulator) -> Any:
    return connect(salesforce)


def connect(running: Emulator, secret: str = APP.client_secret) -> Any:
    return Salesforce(consumer_key=APP.client_id, consumer_secret=secret, domain="tandem.my", session=running.session())


def test_it_logs_in_by_client_credentials_and_reads_what_it_wrote(client: Any) -> None:
    made = client.Account.create({"Name": "O'Neil", "Source_Id__c": "a-1"})
    assert made["success"] is True
    found = client.query(format_soql("SELECT Id, Owner.Name FROM Account WHERE Name = {}", "O'Neil"))
    assert found["records"][0]["Id"] == made["id"]
    assert client.Account.update(made["id"], {"Phone": "1"}) == 204
    assert client.Account.upsert("Source_Id__c/a-1", {"Phone": "2"}) == 200
    assert client.Account.get_by_custom_id("Source_Id__c", "a-1")["Phone"] == "2"
    assert client.Account.delete(made["id"]) == 204


def test_it_logs_in_by_jwt_whose_expiry_it_sends_as_text() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with emulator(settings(app=ConnectedApp(jwt_key=public.decode()), clock=lambda: datetime.now(UTC))) as running:
        client = Salesforce(
            username=APP.run_as, consumer_key=APP.client_id, privatekey=private, session=running.session()
        )
        assert client.query("SELECT COUNT() FROM User")["totalSize"] == 14


def test_it_pages_through_a_query(client: Any, salesforce: Emulator) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": f"A{number}"} for number in range(200)]
    for _ in range(11):
        client.restful("composite/sobjects", method="POST", json={"records": records})
    assert len(list(client.query_all_iter("SELECT Id FROM Account"))) == 2200


def test_it_sees_deleted_rows_in_query_all(client: Any) -> None:
    made = client.Account.create({"Name": "A"})["id"]
    client.Account.delete(made)
    assert client.query("SELECT Id FROM Account")["totalSize"] == 0
    assert client.query("SELECT Id FROM Account WHERE IsDeleted = true", include_deleted=True)["totalSize"] == 1


def test_it_describes(client: Any) -> None:
    told = client.describe()
    assert told is not None
    assert "Partner_Overlap__c" in [one["name"] for one in told["sobjects"]]
    assert {one["name"] for one in client.Partner_Overlap__c.describe()["fields"]} >= {"Id", "Overlap_Key__c"}


def test_it_lists_updated_and_deleted_records(client: Any, salesforce: Emulator) -> None:
    made, gone = (client.Account.create({"Name": name})["id"] for name in "AB")
    client.Account.delete(gone)
    salesforce.org.clock.advance(120)
    span = datetime(2026, 11, 22, 10, tzinfo=UTC), datetime(2026, 11, 22, 10, 1, tzinfo=UTC)
    assert client.Account.updated(*span)["ids"] == [made]
    assert [one["id"] for one in client.Account.deleted(*span)["deletedRecords"]] == [gone]


def test_it_reads_the_usage_and_the_limits(client: Any) -> None:
    assert client.limits()["DailyApiRequests"]["Max"] == 15000
    assert client.api_usage["api-usage"].used == 1


def test_it_raises_its_own_errors_for_refusals(client: Any, salesforce: Emulator) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.query("SELECT Nope__c FROM Account")
    assert "No such column 'Nope__c' on entity 'Account'" in str(malformed.value)
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get("001Hs00000000zzIAA")
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"):
        connect(salesforce, secret="wrong")


def test_it_logs_in_again_when_its_session_has_ended(client: Any, salesforce: Emulator) -> None:
    salesforce.call(salesforce.org.auth.expire_all)
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 0
    client.session.headers.clear()
    bare = Salesforce(instance_url="https://tandem.my.salesforce.com", session_id="old", session=salesforce.session())
    with pytest.raises(SalesforceExpiredSession):
        bare.query("SELECT COUNT() FROM Account")


def test_its_bulk_client_writes_and_reads(client: Any, salesforce: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda seconds: None)
    client.bulk2_url = f"{salesforce.base_url}/services/data/v59.0/jobs/"
    records = [{"Source_Id__c": f"s{number}", "Name": f"Company, {number}"} for number in range(3)]
    (done,) = client.bulk2.Account.upsert(records=records, external_id_field="Source_Id__c")
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (3, 0)
    assert client.bulk2.Account.get_failed_records(done["job_id"]).strip().startswith('"sf__Id","sf__Error"')
    pages = list(client.bulk2.Account.query("SELECT Name FROM Account ORDER BY Name", max_records=2))
    assert pages == ['"Name"\n"Company, 0"\n"Company, 1"\n', '"Name"\n"Company, 2"\n']
