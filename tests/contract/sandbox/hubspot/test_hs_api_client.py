"""The vendor's own Python client against the emulator, so that its models agree with the shapes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.hubspot.testing import Emulator

from .conftest import Api, unique_key

hubspot_package = pytest.importorskip("hubspot")


@pytest.fixture
def client(hubspot: Emulator) -> Any:
    # The generated APIs go by `host`, the free-form request by `base_url`.
    return hubspot_package.HubSpot(access_token=hubspot.token, host=hubspot.base_url, base_url=hubspot.base_url)


def test_it_creates_reads_and_searches(client: Any) -> None:
    from hubspot.crm.objects import PublicObjectSearchRequest, SimplePublicObjectInputForCreate

    given = SimplePublicObjectInputForCreate(properties={"name": "Acme"}, associations=[])
    made = client.crm.objects.basic_api.create("companies", given)
    assert client.crm.objects.basic_api.get_by_id("companies", made.id).properties["name"] == "Acme"
    asked = PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "name", "operator": "EQ", "value": "Acme"}]}],
        sorts=["hs_object_id"], properties=["city"], limit=5, after="0",
    )  # fmt: skip
    found = client.crm.objects.search_api.do_search("companies", asked)
    assert (found.total, found.results[0].id) == (1, made.id)


def test_its_batch_models_tell_partial_success(client: Any, api: Api) -> None:
    from hubspot.crm.objects import BatchInputSimplePublicObjectBatchInputUpsert

    key = unique_key(api)
    inputs = [
        {
            "id": str(n),
            "idProperty": key,
            "properties": {"name": "A", "industry": industry},
            "objectWriteTraceId": str(n),
        }
        for n, industry in enumerate(("BANKING", "nope"))
    ]
    done = client.crm.objects.batch_api.upsert("companies", BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
    assert (done.num_errors, done.errors[0].context["objectWriteTraceId"]) == (1, ["1"])
    assert (len(done.results), done.results[0].new) == (1, True)


def test_it_raises_with_the_body_of_the_refusal(client: Any) -> None:
    from hubspot.crm.objects import ApiException

    with pytest.raises(ApiException) as refused:
        client.crm.objects.basic_api.get_by_id("companies", "77")
    assert refused.value.status == 404


def test_it_reads_associations_schemas_pipelines_and_owners(client: Any, api: Api) -> None:
    company, contact = api.create("companies", name="A"), api.create("contacts", email="a@acme.example")
    client.crm.associations.v4.basic_api.create_default("companies", company, "contacts", contact)
    page = client.crm.associations.v4.basic_api.get_page("companies", company, "contacts")
    assert [kind.type_id for one in page.results for kind in one.association_types] == [280]
    assert client.crm.schemas.core_api.get_all().results == []
    assert client.crm.pipelines.pipelines_api.get_all("deals").results[0].id == "default"
    assert len(client.crm.owners.owners_api.get_page().results) == 12
    assert client.crm.properties.core_api.get_by_name("companies", "name").type == "string"


def test_its_free_form_request_reaches_the_dated_paths(client: Any) -> None:
    body = {"properties": {"name": "Acme"}}
    made = client.api_request({"method": "POST", "path": "/crm/objects/2026-09/companies", "body": body})
    assert (made.status_code, made.json()["properties"]["name"]) == (201, "Acme")
