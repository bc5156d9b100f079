"""What goes over Moodle's wire is what PHP reads, and what comes back is read in every spelling."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.moodle.forms import epoch, flattened, id_of, moment
from sandbox.moodle.forms import nested

WORDS = st.text(alphabet="abcxyz", min_size=1, max_size=4)
TREES = st.recursive(
    st.text(max_size=5),
    lambda inner: st.one_of(st.lists(inner, min_size=1, max_size=3), st.dictionaries(WORDS, inner, min_size=1, max_size=3)),
    max_leaves=8,
)  # fmt: skip


def test_lists_and_objects_are_flattened_as_php_reads_them():
    found = flattened({"users": [{"email": "a@b.cd", "suspended": False}, {"email": None}], "field": "id"})
    assert found == [
        ("users[0][email]", "a@b.cd"),
        ("users[0][suspended]", "0"),
        ("users[1][email]", ""),
        ("field", "id"),
    ]


@given(st.dictionaries(WORDS, TREES, max_size=3))
def test_what_is_flattened_is_what_the_other_side_reads(tree):
    assert nested(flattened(tree)) == tree


def test_true_is_one_and_numbers_are_digits():
    assert flattened({"on": True, "n": 5}) == [("on", "1"), ("n", "5")]


def test_ids_are_the_same_as_numbers_and_as_texts():
    assert id_of(12) == id_of("12") == id_of(" 12 ")


def test_a_moment_is_null_where_moodle_has_none():
    assert [moment(value) for value in (None, 0, "0", "")] == [None, None, None, None]


@given(st.integers(1, 4_000_000_000))
def test_a_moment_is_the_second_that_moodle_said(seconds):
    assert epoch(str(moment(seconds))) == seconds == epoch(str(moment(str(seconds))))
