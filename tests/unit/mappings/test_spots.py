"""Where a key stands: the line that a person has to change, however the file is written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.spots import find

TEXT = """\
top = 1
[a]
# b = 0
b = { c = 1, d = { e = 2 } }
[[rules]]
name = "one"
when = { size = "few" }
needs = [
  ["name"],
  { people = 3 },
]
[rules.rank]
by = "tier"
[[rules]]
name = "two"
"by hand" = true
[[rules.levels]]
hours = 1
[[rules.levels]]
hours = 2
"""


@pytest.mark.parametrize(
    ("spot", "line"),
    [
        (("top",), 1),
        (("a",), 2),
        (("a", "b"), 4),
        (("a", "b", "d", "e"), 4),
        (("a", "missing"), 2),
        (("rules", 0), 5),
        (("rules", 0, "when", "size"), 7),
        (("rules", 0, "needs", 1, "people"), 10),
        (("rules", 0, "rank", "by"), 13),
        (("rules", 1, "name"), 15),
        (("rules", 1, "by hand"), 16),
        (("rules", 1, "levels", 1, "hours"), 20),
        (("rules", 1, "rank", "by"), 14),
        (("nothing",), None),
    ],
)
def test_a_key_is_found_in_tables_lists_and_values_and_else_the_table_around_it(spot, line):
    assert find((("own.toml", TEXT),), spot) == ("own.toml", line)


def test_the_first_file_that_has_a_key_counts_and_the_other_where_it_has_none():
    files = (("own.toml", "[a]\nx = 1\n"), ("shipped.toml", "[a]\ny = 2\nx = 2\n"))
    assert find(files, ("a", "x")) == ("own.toml", 2)
    assert find(files, ("a", "y")) == ("shipped.toml", 2)


def test_an_entry_of_a_list_is_looked_for_only_in_the_file_that_the_list_is_of():
    files = (("own.toml", '\n[[rules]]\nname = "x"\n'), ("shipped.toml", "[[rules]]\nrank = 1\n"))
    assert find(files, ("rules", 0, "rank")) == ("own.toml", 2)
    assert find((("own.toml", "[a]\n"), files[1]), ("rules", 0, "rank")) == ("shipped.toml", 2)


def test_a_list_in_one_line_is_the_line_of_its_entries():
    assert find((("own.toml", "[a]\nrules = [{ x = 1 }, { y = 2 }]\n"),), ("a", "rules", 1, "y")) == ("own.toml", 2)


NAMES = st.sampled_from(["a", "b", "c"])


@given(st.lists(st.tuples(NAMES, st.lists(NAMES, unique=True)), min_size=1))
def test_of_any_list_of_tables_each_key_is_found_on_its_own_line(entries):
    lines, spots = [], {}
    counts: dict[str, int] = {}
    for table, keys in entries:
        lines.append(f"[[{table}]]")
        counts[table] = counts.get(table, -1) + 1
        for key in keys:
            lines.append(f"{key} = 1")
            spots[table, counts[table], key] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text)
    assert {spot: find((("own.toml", text),), spot)[1] for spot in spots} == spots
