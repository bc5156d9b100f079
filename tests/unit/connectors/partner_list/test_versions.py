"""However often the reader crashes, what is published adds up to the last list."""

import re
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import NeedsConfirmation
from mappings.loader import load

from .conftest import Caller, Lists

VERSIONS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["Acme", "Bolt", "Acme, Inc.", 'A "quoted"\nname'])),
        st.integers(0, 500),
        st.lists(st.tuples(st.integers(0, 14), st.integers(1, 5)), max_size=3),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda version: version[1],
)


def _confirming(caller, lists, table, **how):
    """A pass by a person who says yes to whatever is asked."""
    limits = {"max_removed_rows": 1, "max_removed_share": 0.3}
    try:
        caller.run(lists.source(**limits), table, **how)
    except NeedsConfirmation as question:
        number = int(re.search(r"--confirm-removals (\d+)", question.remedy)[1])
        caller.run(lists.source(**limits, confirm_removals=number), table, **how)


@given(VERSIONS)
@settings(max_examples=100, deadline=None)
def test_the_published_changes_add_up_to_the_last_list_whatever_crashes(versions):
    table, caller = load("partner_list")["account"], Caller()
    with tempfile.TemporaryDirectory() as folder:
        lists = Lists(Path(folder) / "acme.csv")
        for names, minute, crashes in versions:
            lists.rows([(row_id, name, "") for row_id, name in names.items()], minute=minute)
            for crash_after, batch in crashes:
                _confirming(caller, lists, table, crash_after=crash_after, batch=batch)
        _confirming(caller, lists, table)
        assert {row_id: row["name"] for row_id, row in caller.holds.items()} == versions[-1][0]
        assert caller.run(lists.source(), table) == []
    by_record = defaultdict(list)
    for change in caller.published:
        by_record[change.record_id].append(change.version)
    assert all(versions == sorted(set(versions)) for versions in by_record.values())
