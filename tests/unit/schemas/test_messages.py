from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from schemas.entities import Account
from schemas.messages import AccountChanged, ChangeKind, MatchBy, Write, identity, record_ref

part = st.text(st.characters(exclude_characters="\x1f", codec="utf-8"))


def test_ids_are_the_same_in_every_process_and_version():
    # Ids are stored by our users and by vendors, so these values may never change; they are those of `b2sum -l 128`.
    assert identity("our-crm", "account", "001xx000003DGb2AAG", "1767225600000") == "f77bb043cd4a751e93ed14d3d6e274cb"
    assert identity("Müller", "") == "f9f38cc33720d70f01d4b81fc1cd7ae8"


@given(st.lists(part, min_size=1, max_size=4), st.lists(part, min_size=1, max_size=4))
def test_other_parts_make_another_id(one: list[str], two: list[str]) -> None:
    assert (identity(*one) == identity(*two)) == (one == two)


def test_it_matters_where_one_part_ends_and_the_next_begins():
    assert identity("ab", "c") != identity("a", "bc")


def test_a_change_names_its_record_across_all_systems():
    change = AccountChanged(
        id="1",
        connection="our-crm",
        party="us",
        record_id="001xx000003DGb2AAG",
        kind=ChangeKind.UPSERTED,
        version=1,
        record=Account(name="Acme Robotics GmbH"),
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert change.ref == "our-crm/account/001xx000003DGb2AAG" == record_ref("our-crm", "account", "001xx000003DGb2AAG")


def test_writes_to_one_record_share_what_they_are_ordered_by():
    def write(number: str) -> Write:
        return Write(
            id=number,
            connection="our-crm",
            entity="overlap",
            match_by=MatchBy.EXTERNAL_ID,
            key="o1",
            fields={"status": number},
            decided_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    assert write("1").record == write("2").record == "overlap/o1"
