"""What a person is shown of a list before it is read."""

from pathlib import Path

import pytest

from connectors.partner_list import Settings, checker, source
from mappings.loader import load

REAL = Path(__file__).parents[4] / "data" / "companies" / "partner.csv"


def findings(lists, table, **settings):
    return {finding.subject: finding for finding in lists.source(**settings).check([table])}


def test_a_good_list_is_shown_with_its_columns_and_a_sample_of_rows(lists, table):
    lists.rows([("b1", "Acme", "555")], header=("ID", "Company", "Fax"))
    found = findings(lists, table)
    assert [(each.subject, each.ok) for each in found.values()] == [
        ("list", True),
        ("format", True),
        ("columns", True),
        ("rows", True),
    ]
    assert found["columns"].detail.startswith("id <- 'ID', name <- 'Company'; not in the list: website, ")
    assert found["columns"].detail.endswith("; not used: 'Fax'")
    assert found["rows"].detail == "1 rows looked at"


@pytest.mark.parametrize("row", ["b1,\n", ",Acme\n"])
def test_rows_that_cannot_be_used_are_counted_and_the_first_is_shown(lists, table, row):
    lists.write("id,name\nb0,Acme\n" + row)
    rows = findings(lists, table)["rows"]
    assert not rows.ok
    assert "2 rows looked at, 1 cannot be used; the first is acme.csv row 3: " in rows.detail


def test_a_value_that_the_table_refuses_is_shown(lists, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "partner_list.toml").write_text("[account.fields.population]\ndefault = false\n")
    lists.rows([("b0", "Acme", "Sister")], header=("id", "name", "status"))
    rows = findings(lists, load("partner_list", tmp_path / "own")["account"])["rows"]
    assert not rows.ok
    assert "id b0: population (population): 'Sister' is none of" in rows.detail


def test_a_list_that_is_not_there_or_lacks_a_column_is_shown_with_the_remedy(lists, table):
    assert findings(lists, table)["list"].remedy.startswith("correct `path`")
    lists.rows([("b1", "Acme")], header=("id", "Bezeichnung"))
    assert 'columns = { name = "..." }' in findings(lists, table)["list"].remedy


def test_a_sample_is_bounded(lists, table):
    lists.rows([(f"b{number}", "Acme", "") for number in range(1500)])
    assert findings(lists, table)["rows"].detail == "1,000 rows looked at"


def test_the_real_list_is_read_whole_without_configuration(caller, table):
    settings = Settings(path=str(REAL))
    assert all(finding.ok for finding in checker(settings, None, "acme-list").check([table]))
    caller.run(source(settings, None, "acme-list"), table)
    assert (len(caller.holds), caller.reports) == (7804, [])
    assert table.to_canonical(caller.holds["b000000"]).postal_code == "518001"
