"""The map finds what the matcher of the streams finds."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.loader import load
from streams.matching.batch import match
from streams.matching.features import features
from streams.matching.model import model
from streams.matching.score import Match
from tandem.mapping.crew import Crew, crew
from tandem.mapping.engine import held
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read
from tandem.mapping.pairs import Found, Quality, find, ranked
from tests.unit.tandem.mapping.acme import write

HEADER = ("id", "name", "website", "country", "city", "phone", "duns", "aliases")
NAMES = [
    "Acme Robotics GmbH",
    "ACME ROBOTIC",
    "Acme",
    "Zyxtron",
    "Zyxtrom Ltd",
    "Global Energy",
    "Intl. Business Machines",
]
cells = st.tuples(
    st.sampled_from(NAMES) | st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=20),
    st.sampled_from(["", "acme.com", "https://www.zyxtron.io/", "acme.co.uk"]),
    st.sampled_from(["", "DE", "Germany", "US"]),
    st.sampled_from(["", "Köln", "Berlin"]),
    st.sampled_from(["", "+1 312 555 0142", "(312) 555-0142"]),
    st.sampled_from(["", "150483782"]),
    st.sampled_from(["", "Acme; IBM"]),
)
rows = st.lists(cells.filter(lambda row: bool(row[0].strip())), min_size=1, max_size=7)


def account_list(folder: Path, side: str, drawn: list[tuple[str, ...]]) -> AccountList:
    numbered = [(f"{side}{n}", *row) for n, row in enumerate(drawn)]
    return read(Source(write(folder / f"{side}.csv", [HEADER, *numbered]), side), load("partner_list")["account"])


@pytest.fixture
def here() -> Iterator[Crew]:
    with crew(rows=1) as workers:
        yield workers


def found(ours: AccountList, theirs: AccountList, least: float, workers: int = 1) -> Found:
    with crew(0, workers) as some:
        return find(ours, theirs, least, some)


@given(rows, rows)
@settings(max_examples=40, deadline=None)
def test_the_pairs_are_those_of_a_full_match(ours: list[tuple[str, ...]], theirs: list[tuple[str, ...]]) -> None:
    with TemporaryDirectory() as folder:
        lists = account_list(Path(folder), "ours", ours), account_list(Path(folder), "partner", theirs)
        mine, other = (
            {each.accounts.id(n): features(a) for n, a in enumerate(held(each.accounts, 0, 99))} for each in lists
        )
        pairs = [(pair.ours, pair.theirs, pair.match) for pair in found(*lists, model().shown).pairs if pair.rank]
    assert sorted(pairs) == sorted((pair.ours, pair.theirs, pair.match) for pair in match(mine, other))


@given(rows, rows, st.floats(0, 1))
@settings(max_examples=25, deadline=None)
def test_each_account_has_one_pair_of_rank_one_and_none_of_a_lower_rank_is_surer(
    ours: list[tuple[str, ...]], theirs: list[tuple[str, ...]], least: float
) -> None:
    by_account: dict[str, list[tuple[int, float]]] = {}
    with TemporaryDirectory() as folder:
        lists = account_list(Path(folder), "ours", ours), account_list(Path(folder), "partner", theirs)
        for pair in found(*lists, least).pairs:
            if pair.rank:
                by_account.setdefault(pair.ours, []).append((pair.rank, -pair.match.confidence))
                assert pair.match.confidence >= least
    for ranks in by_account.values():
        assert ranks == sorted(ranks)
        assert [rank for rank, _ in ranks] == list(range(1, len(ranks) + 1))


def test_two_processes_find_what_one_finds(tmp_path: Path) -> None:
    drawn = [(f"{name} {n}", "", "DE", "", "", "", "") for n in range(30) for name in NAMES]
    lists = account_list(tmp_path, "ours", drawn), account_list(tmp_path, "partner", drawn[::2])
    alone, together = found(*lists, 0.5), found(*lists, 0.5, workers=2)
    assert alone.pairs
    assert (alone.pairs, alone.scored) == (together.pairs, together.scored)


def test_of_equally_sure_records_the_first_id_leads() -> None:
    records = {name: Match(0.9, "same", (), ()) for name in ("b", "a")} | {"c": Match(0.91, "same", (), ())}
    assert [pair.theirs for pair in ranked("o", records, 0.5)] == ["c", "a", "b"]


def test_one_of_the_same_family_comes_last_and_has_no_rank() -> None:
    records = {"kin": Match(0.3, "related", (), (), kin="one group: acme.com"), "same": Match(0.9, "same", (), ())}
    assert [(pair.theirs, pair.rank) for pair in ranked("o", records, 0.5)] == [("same", 1), ("kin", 0)]


def test_names_that_too_many_share_pair_nobody(tmp_path: Path) -> None:
    crowd = [("Acme Robotics", *[""] * 6)] * 51
    lists = account_list(tmp_path, "ours", crowd[:1]), account_list(tmp_path, "partner", crowd)
    none = found(*lists, model().shown)
    assert (none.pairs, none.candidates) == ([], 0)
    assert none.hot > 1


def test_what_cannot_matter_is_not_compared(tmp_path: Path) -> None:
    near = [
        ("Acme Robotics", "acme.com", "DE", "", "", "", ""),
        ("Acme Insurance Brokers", "other.com", "DE", "", "", "", ""),
    ]
    lists = account_list(tmp_path, "ours", near[:1]), account_list(tmp_path, "partner", near)
    some = found(*lists, 0.9)
    assert (some.candidates, some.scored, len(some.pairs)) == (2, 1, 1)


def test_quality_of_nothing_found_is_nought() -> None:
    nothing = Quality(found=0, known=0, correct=0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
