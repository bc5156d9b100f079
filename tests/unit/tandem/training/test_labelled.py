from pathlib import Path

import pytest

from tandem.settings import ConfigError
from tandem.training.labelled import read
from tests.unit.tandem.training.sets import lists, rulings, write


def test_a_folder_of_two_lists_says_which_pairs_are_one_company_and_which_count_neither_way(tmp_path: Path):
    folder = lists(tmp_path / "acme", 10)
    write(folder / "contested_pairs.csv", [{"a_id": "a3", "b_id": "b3"}])
    found = read(folder, {})
    assert (found.name, len(found.ours), len(found.theirs), found.one_list) == ("acme", 10, 15, False)
    assert ("a1", "b1") in found.same
    assert ("a3", "b3") not in found.same
    assert found.left_out == {("a3", "b3")}


def test_rows_of_one_list_with_the_same_true_id_are_one_company(tmp_path: Path):
    rows = [
        ("1", "x", "Acme"),
        ("2", "x", "ACME Inc"),
        ("3", "y", "Other"),
        ("4", "", "Nobody knows"),
        ("5", "", "Nor here"),
    ]
    path = write(tmp_path / "sites.csv", [{"Id": i, "True Id": t, "Label": n} for i, t, n in rows])
    found = read(path, {"name": "Label"})
    assert found.one_list
    assert found.same == {("1", "2")}
    assert found.ours["2"].name == "ACME Inc"


def test_labelled_toml_names_columns_and_what_holds_for_every_row(tmp_path: Path):
    folder = tmp_path / "sites"
    folder.mkdir()
    write(
        folder / "list.csv",
        [
            {"Id": "1", "True Id": "x", "Label": "Acme", "Town": ""},
            {"Id": "2", "True Id": "x", "Label": "A", "Town": "Oak Park"},
        ],
    )
    (folder / "labelled.toml").write_text(
        'invented = true\n[column]\nname = "Label"\n[always]\ncity = "Chicago"\n', encoding="utf-8"
    )
    found = read(folder, {})
    assert [found.ours[key].city for key in ("1", "2")] == ["Chicago", "Oak Park"]
    assert (found.name, found.invented) == ("sites", True)


@pytest.mark.parametrize("name", ["rulings.csv", "rulings.jsonl"])
def test_peoples_rulings_are_all_that_is_known(tmp_path: Path, name: str):
    found = read(rulings(tmp_path / name, 4), {})
    assert found.judged is not None
    assert len(found.judged) == 8
    assert found.same == {(f"a{n}", f"b{n}") for n in range(4)}
    assert found.ours["a1"].website == "https://firm1.com"


RULING = {"our_id": "a", "our_name": "A", "partner_id": "b", "partner_name": "B", "verdict": "same"}
BAD = {
    "a verdict that nobody knows": ([{**RULING, "verdict": "maybe"}], "row 2: verdict 'maybe'"),
    "two verdicts of one pair": ([RULING, {**RULING, "verdict": "different"}], "an earlier row says 'same'"),
    "no verdict at all": ([{"id": "1", "name": "A"}], "neither a column 'True Id' nor a column 'verdict'"),
    "no id of ours": ([{"partner_id": "b", "partner_name": "B", "verdict": "same"}], "no column 'our_id'"),
    "an id twice": ([{"id": "1", "name": "A", "True Id": "x"}] * 2, "row 3: the id '1'"),
    "no name column": ([{"id": "1", "True Id": "x"}], "no column for 'name'"),
    "an empty name": ([{"id": "1", "name": "", "True Id": "x"}], "row 2: name"),
}


@pytest.mark.parametrize("what", BAD)
def test_labels_that_cannot_be_used_are_refused_with_the_row_and_a_remedy(tmp_path: Path, what: str):
    rows, said = BAD[what]
    with pytest.raises(ConfigError) as refused:
        read(write(tmp_path / "labels.csv", rows), {})
    assert said in str(refused.value)
    assert "Remedy: " in str(refused.value)


def test_a_pair_of_an_account_that_is_in_no_list_is_refused(tmp_path: Path):
    folder = lists(tmp_path / "acme", 3)
    write(folder / "gold_pairs.csv", [{"a_id": "a1", "b_id": "b99"}])
    with pytest.raises(ConfigError, match="row 2: 'b99' is not in partner"):
        read(folder, {})


@pytest.mark.parametrize("missing", ["ours", "partner"])
def test_a_folder_that_lacks_a_list_says_which(tmp_path: Path, missing: str):
    folder = lists(tmp_path / "acme", 3)
    (folder / f"{missing}.csv").unlink()
    with pytest.raises(ConfigError, match=f"no {missing}.csv"):
        read(folder, {})


def test_values_for_every_row_are_for_places_only(tmp_path: Path):
    folder = lists(tmp_path / "acme", 3)
    (folder / "labelled.toml").write_text('[always]\nname = "Acme"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"\[always\] name"):
        read(folder, {})
