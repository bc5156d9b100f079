"""The page that one sends to the partner: what is on it, what never is, and that nothing of a list can act on it."""

import re
from collections.abc import Sequence
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mappings import sharing
from mappings.loader import load
from streams.matching.score import Match
from streams.sharing.gate import Gate
from streams.sharing.policy import terms
from tandem.mapping import report
from tandem.mapping.files import Source
from tandem.mapping.lists import AccountList, read
from tandem.mapping.pairs import Pair
from tandem.settings import ConfigError
from tests.unit.tandem.mapping.acme import write

HEADER = ("id", "name", "website", "status", "owner", "phone")
OURS = [
    ("o1", "Acme Robotics", "acme.com", "Prospect", "Dana Reyes", "+49 30 111"),
    ("o2", "Globex", "globex.com", "Customer", "", "+49 30 222"),
    ("o3", "Secret Prospect Ltd", "secret.com", "Prospect", "Dana Reyes", "+49 30 333"),
    ("o4", "Acme Robotics France", "acme.fr", "Prospect", "", ""),
]
THEIRS = [
    ("p1", "ACME Robotics Inc.", "www.acme.com", "Customer", "Pat Lee", ""),
    ("p2", "Globex Corp.", "globex.com", "Prospect", "Mei Lin", ""),
    ("p3", "Globex Corporation", "globex.com", "Prospect", "", ""),
]
NAMES = report.Names("Northwind", "Acme Cloud")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


def match(confidence: float, *reasons: str, band: str = "linked", kin: str = "") -> Match:
    relation = "related" if kin else "same"
    return Match(confidence, relation, reasons, (), 0.0, band, kin)  # type: ignore[arg-type]


SAME = [
    Pair("o1", "p1", 1, match(0.99, "same web domain acme.com", "same phone +49 30 111")),
    Pair("o2", "p2", 1, match(0.8, "same web domain globex.com", band="to_confirm")),
    Pair("o2", "p3", 2, match(0.8, "same web domain globex.com", band="to_confirm")),
]
FAMILY = [Pair("o4", "p1", 0, match(0.3, kin="one group: acme.com, other country", band="not_shown"))]


def lists(
    folder: Path, ours: Sequence[tuple[str, ...]], theirs: Sequence[tuple[str, ...]]
) -> tuple[AccountList, AccountList]:
    table = load("partner_list")["account"]
    mine, other = (
        read(Source(write(folder / f"{name}.csv", [HEADER, *rows]), name), table)
        for name, rows in (("ours", ours), ("partner", theirs))
    )
    return mine, other


def gate(folder: Path, own: str = "") -> Gate:
    (folder / "sharing.toml").write_text(own, encoding="utf-8")
    return Gate(terms(sharing.load(folder), "acme", asked=True))


def page(
    folder: Path,
    pairs: Sequence[Pair] = SAME,
    *,
    own: str = "",
    rows: bool = True,
    ours: Sequence[tuple[str, ...]] = OURS,
    theirs: Sequence[tuple[str, ...]] = THEIRS,
    names: report.Names = NAMES,
) -> str:
    path = folder / "report.html"
    report.write(path, names, pairs, lists(folder, ours, theirs), gate(folder, own), rows, date(2026, 11, 23))
    return path.read_text(encoding="utf-8")


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def words(text: str) -> str:
    return " ".join(Tags(text).text.split())


def test_the_page_names_both_sides_the_figures_and_whom_to_ask(tmp_path: Path) -> None:
    said = words(page(tmp_path))
    assert "Northwind × Acme Cloud" in said
    assert "as of 23 November 2026" in said
    assert "2 shared companies 1 pairs linked 1 pairs to be confirmed" in said
    assert "Ask Pat Lee at Acme Cloud: could you introduce us? For Northwind: Dana Reyes." in said
    assert "Ask Northwind who owns it: could you open the door? For Acme Cloud: Mei Lin." in said
    assert "2 of Northwind's accounts are 3 of Acme Cloud's, 2 companies in all: 1 of Acme Cloud's is a further" in said


def test_an_account_that_only_we_hold_is_nowhere_on_the_page(tmp_path: Path) -> None:
    text = page(tmp_path, [*SAME, *FAMILY])
    assert "Secret" not in text
    assert "secret.com" not in text
    assert "France" not in text


def test_a_family_is_listed_apart_where_all_accounts_are_shared(tmp_path: Path) -> None:
    said = words(page(tmp_path, [*SAME, *FAMILY], own='[populations.prospect]\nlevel = "all"\n'))
    assert "Families Not the same company" in said
    assert "one group: acme.com, other country" in said


def test_a_pair_too_unsure_for_a_deployment_is_not_shown_to_the_partner(tmp_path: Path) -> None:
    pairs = [*SAME, Pair("o3", "p3", 1, match(0.2, "same country: DE", band="not_shown"))]
    assert "Secret" not in page(tmp_path, pairs)


def test_fields_that_are_not_shared_and_sentences_about_them_are_left_out(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert "+49 30 111" not in text
    minimal = page(tmp_path, own='[default]\nfields = "minimal"\n')
    assert "Dana Reyes" not in minimal
    assert "same web domain acme.com" not in minimal
    assert "99.0%" in words(text)
    assert "99.0%" not in words(minimal)


def test_a_hidden_population_is_in_no_row_and_no_count(tmp_path: Path) -> None:
    said = words(page(tmp_path, own='[populations.prospect]\nlevel = "hidden"\n'))
    assert "Acme Robotics" not in said
    assert "1 shared company" in said


def test_counts_only_shows_no_row_and_no_small_count(tmp_path: Path) -> None:
    said = words(page(tmp_path, own='[default]\nlevel = "counts"\n'))
    assert "Globex" not in said
    assert "few shared companies" in said
    assert "few cross-sell" in said


def test_without_rows_only_figures_are_on_the_page(tmp_path: Path) -> None:
    said = words(page(tmp_path, rows=False))
    assert "2 shared companies" in said
    assert "Globex" not in said
    assert "Pat Lee" not in said


def test_nothing_is_written_for_a_partner_that_nothing_is_agreed_with(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing is shared with Acme Cloud"):
        page(tmp_path, own="[partners.acme]\n")
    assert not (tmp_path / "report.html").exists()


def test_no_cell_of_a_list_becomes_markup_whatever_it_holds(tmp_path: Path) -> None:
    ours = [("o1", HOSTILE, "javascript:alert(1)", "Prospect", HOSTILE, "")]
    theirs = [("p1", HOSTILE, HOSTILE, "Customer", HOSTILE, "")]
    pairs = [Pair("o1", "p1", 1, match(0.99, f"same name '{HOSTILE}'"))]
    text = page(tmp_path, pairs, ours=ours, theirs=theirs, names=report.Names(HOSTILE, HOSTILE))
    found = Tags(text)
    assert not {"script", "img", "a", "iframe", "form", "link", "object"} & {tag for tag, _ in found.tags}
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert not [name for _, attributes in found.tags for name in attributes if name in {"href", "src", "action"}]
    assert "alert(1)" in found.text
    assert "{{7*7}}" in found.text


def test_signs_that_turn_text_round_are_taken_out(tmp_path: Path) -> None:
    theirs = [("p1", "Acme\u202emoc.live", "", "Customer", "", "")]
    assert "\u202e" not in page(tmp_path, SAME[:1], theirs=theirs)


def test_the_page_is_one_file_that_asks_the_network_for_nothing(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert "default-src 'none'" in text
    assert not re.findall(r"(?:url\(|@import|https?://)", text)


def test_a_page_of_no_overlap_says_so_and_draws_no_chart(tmp_path: Path) -> None:
    text = page(tmp_path, [])
    assert "No account of Northwind that may be shown is among those of Acme Cloud" in words(text)
    assert "<svg" not in text


def test_charts_and_tables_can_be_read_without_seeing_them(tmp_path: Path) -> None:
    text = page(tmp_path)
    found = Tags(text)
    assert "95% to 100% sure: 1 linked, 0 to be confirmed" in found.text
    assert all(a.get("scope") for tag, a in found.tags if tag == "th")
    assert [a["lang"] for tag, a in found.tags if tag == "html"] == ["en"]
    labels = [a.get("aria-label") for _, a in found.tags if a.get("role") == "img"]
    assert "2 companies and 1 further records" in labels


def test_a_page_shows_the_surest_rows_and_says_how_many_more_there_are(tmp_path: Path) -> None:
    ours = [(f"o{n}", f"Firm {n}", "", "Customer", "", "") for n in range(510)]
    pairs = [Pair(f"o{n}", "p1", 1, match(0.99, "same web domain firm.com")) for n in range(510)]
    said = words(page(tmp_path, pairs, ours=ours))
    assert "The 500 surest; 10 more are not on this page." in said
