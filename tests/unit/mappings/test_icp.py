"""The ideal customer profile is data, and a profile that could not be meant is refused with the place and the remedy."""

from pathlib import Path

import pytest

from mappings import icp
from mappings.errors import MappingError

NAME = 'name = "ours"\n'


def changed(folder: Path, text: str) -> icp.Icp:
    path = folder / "new.toml"
    path.write_text(text, encoding="utf-8")
    return icp.read(path)


def test_the_shipped_profile_can_be_used_as_it_is():
    shipped = icp.load()
    assert (shipped.name, shipped.version, shipped.weight) == ("general", 1, 100)
    assert [shipped.bands.of(each) for each in (100, 75, 74, 60, 59, 40, 39, 0)] == list("AABBCCDD")


def test_a_deployment_changes_what_it_names_and_keeps_the_rest(tmp_path: Path):
    (tmp_path / "icp.toml").write_text('name = "ours"\n[bands]\nA = 80\n', encoding="utf-8")
    own, shipped = icp.load(tmp_path), icp.load()
    assert (own.bands.A, own.bands.B) == (80, shipped.bands.B)
    assert own.industry == shipped.industry


def test_two_profiles_of_one_name_and_number_are_told_apart(tmp_path: Path):
    one, other = changed(tmp_path, NAME + "unknown = 40\n"), changed(tmp_path, NAME + "unknown = 45\n")
    assert one.label != other.label
    assert one.label.startswith("ours 1 (")


def test_the_former_file_is_the_way_back(tmp_path: Path):
    before = changed(tmp_path, NAME)
    assert changed(tmp_path, NAME + "version = 2\n[bands]\nA = 90\n") != before
    after = changed(tmp_path, NAME)
    assert (after, after.label) == (before, before.label)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unknown = 40\n", ["name: it differs from the shipped profile", "give it a `name` of its own"]),
        (NAME + "[bands]\nB = 75\n", ["new.toml, line 3, [bands] B", "begins at 75", "fewer than 75"]),
        (NAME + "[industry]\nwieght = 5\n", ["line 3, [industry] wieght", "did you mean 'weight'?"]),
        (NAME + "[industy]\nweight = 5\n", ["line 2", "did you mean 'industry'?"]),
        (NAME + "[country]\nweight = 5\n", ["line 3, [country] weight", "nothing that fits", "add [[country.fits]]"]),
        (NAME + '[[country.fits]]\ncountries = ["UK"]\npoints = 9\n', ["line 3", "'UK' is no country code"]),
        (NAME + "[[employees.fits]]\nfrom = 9\nto = 5\npoints = 9\n", ["line 3", "nothing is from 9 to 5"]),
        (NAME + "[[employees.fits]]\npoints = 9\n", ["line 2", "it has no end"]),
        (
            NAME + "[[employees.fits]]\nto = 9\npoints = 100\n[[employees.fits]]\nfrom = 9\npoints = 8\n",
            ["line 5", "9 or more and up to 9 have numbers in common"],
        ),
        (NAME + "[[employees.fits]]\nto = 9\npoints = 101\n", ["line 4", "less than or equal to 100"]),
        (
            NAME + '[[industry.fits]]\nwords = ["IT", "it"]\npoints = 100\n',
            ["line 3", "'it' stands there twice", "name it once"],
        ),
        (NAME + '[[technologies.fits]]\nany = ["!"]\npoints = 5\n', ["line 3", "no letter and no digit"]),
        (
            NAME + '[exclude]\ncountries = ["DE"]\n[[country.fits]]\ncountries = ["DE"]\npoints = 9\n',
            ["line 3, [exclude] countries", "'DE' is excluded"],
        ),
        (
            NAME + "[[employees.fits]]\nto = 9\npoints = 5\n",
            ["[bands] A", "no account can have 75 points", "the best one has 67"],
        ),
        (
            NAME + "[evidence]\ncustomer = 0\nopen_deal = 0\nprospect = 0\n",
            ["line 3, [evidence] customer", "nothing a partner has"],
        ),
        (NAME + '[qualified]\nbands = ["A", "A"]\n', ["line 3, [qualified] bands", "twice"]),
        (NAME + '[qualified]\nbands = ["E"]\n', ["line 3, [qualified] bands", "'A'"]),
        (NAME + "[bands\n", ["line 2", "this is no TOML"]),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused_with_the_place_and_the_remedy(
    tmp_path: Path, text: str, words: list[str]
):
    with pytest.raises(MappingError) as told:
        changed(tmp_path, text)
    assert [word for word in words if word not in str(told.value)] == [], str(told.value)


def test_all_weights_at_nothing_are_refused(tmp_path: Path):
    none = "".join(f"[{name}]\nweight = 0\n" for name in icp.CRITERIA)
    with pytest.raises(MappingError, match="all weights are 0"):
        changed(tmp_path, NAME + none)


@pytest.mark.parametrize(
    ("text", "bare"),
    [("COMPUTER_SOFTWARE", "computer software"), ("Food & Beverage", "food beverage"), ("Ärzte", "arzte")],
)
def test_words_are_what_counts_of_a_text(text: str, bare: str):
    assert icp.words(text) == bare
