"""Overlaps as properties of the company, where a portal has no custom objects."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import hubspot
from connectors.base import Applied, Overtaken, Rejected, Retry
from schemas.messages import Parent, WriteAction
from tests.unit.connectors.hubspot.conftest import TABLES, clock, write

WRITABLE = {entity: table for entity, table in TABLES.items() if table.writes}
FIELDS = dict(TABLES["overlap"].examples[0].canonical)


@pytest.fixture
def plain(opened):
    portal = opened(enterprise=False)
    assert all(finding.ok for finding in portal.prepare(overlaps="property"))
    return portal


@pytest.fixture
def sink(plain):
    return plain.sink(overlaps="property")


def overlap(key, company, **fields):
    return write("overlap", key, **{**FIELDS, "account": company, **fields})


def ended(key):
    return write("overlap", key, status="ended", ended_on="2026-12-01T08:30:00Z")


def shown(portal, company):
    return portal.record("companies", company).properties.get("tandem_partner_overlaps", "").splitlines()


def test_the_overlaps_of_all_partners_are_shown_a_line_for_each(plain, sink):
    acme = plain.create("companies", name="Acme")
    batch = [overlap("o-1", acme), overlap("o-2", acme, partner="beta", partner_name="Beta", relation="related")]
    assert sink.write(WRITABLE, batch) == [Applied(acme), Applied(acme)]
    assert shown(plain, acme) == [
        "Acme Cloud: customer there (Both have the web domain acme.com)",
        "Beta: customer there, a related company (Both have the web domain acme.com)",
    ]


def test_a_second_time_nothing_is_written_and_another_partner_is_left_alone(plain, sink):
    acme = plain.create("companies", name="Acme")
    sink.write(WRITABLE, [overlap("o-1", acme)])
    (again,) = plain.sink(overlaps="property").write(WRITABLE, [overlap("o-1", acme)])
    assert again == Applied(acme, changed=False)
    sink.write(WRITABLE, [overlap("o-2", acme, partner_name="Beta")])
    sink.write(WRITABLE, [overlap("o-2", acme, partner_name="Beta Inc", partner_owner_name=None)])
    assert [line.partition(":")[0] for line in shown(plain, acme)] == ["Acme Cloud", "Beta Inc"]


def test_an_overlap_that_ends_is_taken_out_though_its_write_names_no_account(plain, sink):
    acme = plain.create("companies", name="Acme")
    sink.write(WRITABLE, [overlap("o-1", acme), overlap("o-2", acme, partner_name="Beta")])
    assert plain.sink(overlaps="property").write(WRITABLE, [ended("o-1")]) == [Applied(acme)]
    assert [line.partition(":")[0] for line in shown(plain, acme)] == ["Beta"]
    sink.write(WRITABLE, [ended("o-2").model_copy(update={"action": WriteAction.ARCHIVE})])
    assert "tandem_overlap_data" not in plain.record("companies", acme).properties


def test_an_end_whose_company_the_search_does_not_show_yet_waits_for_the_search(plain):
    now = [clock()]
    sink = hubspot.sink(plain.settings(overlaps="property", overlap_s=60), lambda: now[0], "acme-crm")
    assert sink.write(WRITABLE, [ended("o-1")]) == [Retry("the company of the overlap is not there", 60.0)]
    now[0] += timedelta(seconds=60)
    assert sink.write(WRITABLE, [ended("o-1")]) == [Applied("o-1", changed=False)]


def test_an_overlap_of_a_company_that_is_gone_is_rejected_and_its_neighbours_are_written(plain, sink):
    acme, gone = (plain.create("companies", name=name) for name in ("Acme", "Gone"))
    plain.delete("companies", gone)
    outcomes = sink.write(WRITABLE, [overlap("o-1", gone), overlap("o-2", acme), overlap("o-3", "no-id")])
    assert [type(outcome) for outcome in outcomes] == [Rejected, Applied, Rejected]


def test_what_somebody_made_of_the_data_is_written_over(plain, sink):
    acme = plain.create("companies", name="Acme", tandem_overlap_data="by hand")
    assert sink.write(WRITABLE, [overlap("o-1", acme)]) == [Applied(acme)]
    assert len(shown(plain, acme)) == 1


def test_an_overlap_that_has_changed_is_overtaken_and_a_look_tells_how_it_stands(plain, sink):
    acme = plain.create("companies", name="Acme")
    sink.write(WRITABLE, [overlap("o-1", acme, partner_owner_name="Bo")])
    late = overlap("o-1", acme, partner_owner_name="Cy").model_copy(update={"expected": {"partner_owner_name": "Al"}})
    (outcome,) = sink.write(WRITABLE, [late])
    assert isinstance(outcome, Overtaken)
    asked = [write("overlap", key, partner_owner_name="?", confidence=1) for key in ("o-1", "o-9")]
    assert sink.look(TABLES["overlap"], asked) == [{"partner_owner_name": "Bo", "confidence": 0.975}, None]


def test_one_that_is_too_long_does_not_hold_back_the_others_of_its_company(plain, sink):
    acme = plain.create("companies", name="Acme")
    batch = [
        overlap(f"o-{number}", acme, partner_name=f"P{number}", partner_account="x" * (70_000 if number == 1 else 1))
        for number in range(3)
    ]
    assert [type(outcome) for outcome in sink.write(WRITABLE, batch)] == [Applied, Rejected, Applied]
    assert [line.partition(":")[0] for line in shown(plain, acme)] == ["P0", "P2"]


def test_a_parent_cannot_come_along(sink):
    parent = Parent(field="account", entity="account", key="crm/a-1", fields={"name": "Acme"})
    (outcome,) = sink.write(WRITABLE, [overlap("o-1", None).model_copy(update={"parent": parent})])
    assert (type(outcome), outcome.code) == (Rejected, "PARENT_NOT_POSSIBLE")


WRITES = st.lists(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.sampled_from(["active", "ended"]), st.integers(0, 2)),
        min_size=1,
        max_size=5,
        unique_by=lambda each: each[0],
    ),
    max_size=6,
)


def test_whatever_batches_come_the_property_shows_what_is_active(plain):
    companies = [plain.create("companies", name=name) for name in ("One", "Two")]

    @settings(max_examples=25)
    @given(WRITES)
    def holds(batches):
        sink, active = plain.sink(overlaps="property"), {}
        sink.write(WRITABLE, [ended(f"o-{key}") for key in "abc"])
        for batch in batches:
            # An overlap stays with its account: the key says which.
            at = {key: companies["abc".index(key) % 2] for key, *_ in batch}
            sink.write(
                WRITABLE,
                [
                    overlap(f"o-{key}", at[key], partner_name=f"{key}{name}")
                    if status == "active"
                    else ended(f"o-{key}")
                    for key, _, status, name in batch
                ],
            )
            for key, _, status, name in batch:
                active[key] = f"{key}{name}" if status == "active" else None
        for number, company in enumerate(companies):
            expected = sorted(name for key, name in active.items() if name and "abc".index(key) % 2 == number)
            assert [line.partition(":")[0] for line in shown(plain, company)] == expected

    holds()
