"""Why a pair is no overlap."""

from pathlib import Path

from mappings.loader import load
from streams.matching.keys import CAP
from streams.matching.model import shipped
from tandem.mapping.explain import Explanation, explain
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read
from tests.unit.tandem.mapping.acme import write

Rows = list[tuple[str, str, str]]


def account_list(path: Path, rows: Rows) -> AccountList:
    return read(Source(write(path, [("id", "name", "website"), *rows]), "ours"), load("partner_list")["account"])


def explained(
    folder: Path, ours: Rows, theirs: Rows, pair: tuple[str, str], least: float = shipped().shown
) -> Explanation:
    return explain(account_list(folder / "ours.csv", ours), account_list(folder / "partner.csv", theirs), pair, least)


def test_hot_keys_are_named_where_they_keep_a_pair_apart(tmp_path: Path) -> None:
    theirs = [(f"p{n}", "Acme", "acme.com") for n in range(CAP + 1)]
    found = explained(tmp_path, [("o1", "Acme", "acme.com")], theirs, ("o1", "p7"))
    assert "too many accounts of a list have each shared key" in found.verdict
    assert found.shared
    assert all(key.hot and (key.ours, key.theirs) == (1, CAP + 1) for key in found.shared)
    assert found.match
    assert "same web domain acme.com" in found.match.reasons


def test_a_better_record_of_the_partner_is_named(tmp_path: Path) -> None:
    theirs = [("p1", "Acme Robotics", "acme.com"), ("p2", "Acme Robotics", "other.com")]
    found = explained(tmp_path, [("o1", "Acme Robotics", "acme.com")], theirs, ("o1", "p2"), 0.01)
    assert found.verdict == "no overlap: the record 'p1' matches better by more than 0.03"
    assert found.better == "p1"


def test_a_pair_below_the_least_confidence_says_so(tmp_path: Path) -> None:
    theirs = [("p1", "Acme Robotics", "other.com")]
    found = explained(tmp_path, [("o1", "Acme Robotics", "acme.com")], theirs, ("o1", "p1"), 1.0)
    assert found.verdict == "no overlap: its confidence is below 1.0"
    assert found.match
    assert found.match.doubts


def test_a_record_that_ties_is_an_overlap_of_a_further_rank(tmp_path: Path) -> None:
    theirs = [("p1", "Acme Robotics", "acme.com"), ("p2", "Acme Robotics", "acme.com")]
    found = explained(tmp_path, [("o1", "Acme Robotics", "acme.com")], theirs, ("o1", "p2"))
    assert (found.rank, found.better) == (2, "p1")
    assert found.verdict.startswith("an overlap of rank 2")
