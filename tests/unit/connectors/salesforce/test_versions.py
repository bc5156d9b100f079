"""Versions of a record only rise, whatever its stamps say and wherever the process died."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.versions import Versions


def test_the_natural_version_is_taken_where_it_rises():
    versions = Versions(0)
    assert [versions.next("a", natural, f"{natural}") for natural in (1000, 2000)] == [1000, 2000]


def test_a_row_of_the_same_second_beats_the_event_that_it_includes_and_hides_no_later_one():
    versions = Versions(0)
    event = versions.next("a", 1_200, "after the event of 1.2 s")
    row = versions.next("a", 1_000, "read at 1.8 s, stamped 1 s")
    later = versions.next("a", 1_900, "after the event of 1.9 s")
    assert event < row < later


def test_what_was_told_last_is_not_told_again():
    versions = Versions(0)
    assert versions.next("a", 1000, "same") == 1000
    assert versions.next("a", 2000, "same") is None


def test_after_a_restart_a_record_surpasses_all_that_was_told_before():
    before = Versions(0)
    before.next("a", 5000, "x")
    after = Versions(before.highest)
    assert after.next("a", 1000, "y") == 5001
    assert after.next("b", 9000, "z") == 9000


TELLINGS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 5), st.integers(0, 9), st.booleans()))


@given(TELLINGS, st.integers(1, 3))
def test_whatever_the_stamps_the_last_telling_of_a_record_has_its_highest_version(tellings, remembered):
    versions, told = Versions(0, remembered), {}
    for record, natural, content, restart in tellings:
        if restart:
            versions = Versions(versions.highest, remembered)
        version = versions.next(record, natural, str(content))
        if version is None:
            assert told[record][-1][1] == content
        else:
            told.setdefault(record, []).append((version, content))
    for each in told.values():
        numbers = [version for version, _ in each]
        assert numbers == sorted(set(numbers))
