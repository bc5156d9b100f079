"""What a hub without the key finds in two lists of tokens, what it cannot see, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import BadInput
from schemas.entities import Account
from streams.matching.keys import CAP
from tandem.blind.agreement import SENTENCES, Pattern, judge, weights
from tandem.blind.join import candidates, join, refuse_strangers
from tandem.blind.keys import Key
from tandem.blind.results import of_side
from tandem.blind.tokenfile import Tokened, read_tokens, write_tokens
from tests.unit.tandem.blind.sides import KEY, OURS, THEIRS, pairs, side

NAMES = ("Acme Robotics", "Globex", "Initech Systems", "Umbrella Holdings", "Zyx Motor", "Vandelay Industries")
accounts = st.dictionaries(
    st.sampled_from([f"id{n}" for n in range(8)]),
    st.builds(
        Account,
        name=st.sampled_from(NAMES),
        website=st.sampled_from([None, "acme.com", "globex.com", "zyx.io"]),
        country=st.sampled_from([None, "DE", "US"]),
        registration_ids=st.sampled_from([{}, {"duns": "150483782"}, {"duns": "804735132"}]),
    ),
    min_size=1,
)


def test_the_same_companies_are_found_with_reasons_that_name_types_only() -> None:
    found = pairs(OURS, THEIRS)
    assert set(found) == {("o1", "p1"), ("o2", "p2")}
    acme = found["o1", "p1"].verdict
    assert (acme.band, acme.doubts) == ("linked", ())
    assert acme.reasons == ("same web domain (hidden)", "same name and country (hidden)")
    assert acme.confidence > found["o2", "p2"].verdict.confidence


def test_nothing_of_a_list_but_its_size_and_types_is_in_its_tokens() -> None:
    tokens = side(OURS, b"o").tokens
    everything = repr((tokens.header, tokens.refs, tokens.populations, sorted(tokens.types))).lower()
    for secret in ("acme robotics", "acme.com", "globex", "o1", "germany", "customer"):
        assert secret not in everything.replace("id='acme'", "")


def test_rows_are_named_anew_each_time_and_stand_in_the_order_of_those_names() -> None:
    first, second = side(OURS, b"1"), side(OURS, b"2")
    assert not set(first.tokens.refs) & set(second.tokens.refs)
    assert list(first.tokens.refs) == sorted(first.tokens.refs)
    assert set(first.ids.values()) == set(OURS)


def test_each_side_gets_its_own_matched_rows_and_no_other_row() -> None:
    mine, other = side(OURS, b"o", populations=True), side(THEIRS, b"p")
    found = list(join(mine.tokens, other.tokens, weights(), 0.5))
    ours = list(of_side(found, mine.tokens, other.tokens, ours=True))
    theirs = list(of_side(found, other.tokens, mine.tokens, ours=False))
    assert {mine.ids[str(row["row"])] for row in ours} == {"o1", "o2"}
    assert {other.ids[str(row["row"])] for row in theirs} == {"p1", "p2"}
    assert [row["pair"] for row in ours] == [row["pair"] for row in theirs] == [1, 2]
    by_pair = {other.ids[str(row["row"])]: row["population"] for row in theirs}
    assert by_pair == {"p1": "customer", "p2": "prospect"}, "what we share of our population"
    assert {row["population"] for row in ours} == {None}, "the partner does not share its own"


def test_an_equal_registration_number_decides_and_a_different_one_decides_against() -> None:
    mine = {"o": Account(name="Acme", registration_ids={"duns": "150483782"})}
    same = {"p": Account(name="Other words", registration_ids={"duns": "15-048-3782"})}
    assert pairs(mine, same)["o", "p"].verdict.reasons == ("same DUNS number (hidden)",)
    assert pairs(mine, same)["o", "p"].verdict.band == "linked"
    assert pairs(mine, {"p": Account(name="Acme", registration_ids={"duns": "804735132"})}) == {}
    verdict = judge(Pattern(frozenset({"name"}), frozenset({"id.duns"}), 1), weights())
    assert (verdict.confidence, verdict.doubts[0]) == (0.0, "different DUNS numbers (hidden)")
    branch = judge(Pattern(frozenset({"name"}), frozenset({"id.site-duns"}), 1), weights())
    assert branch == judge(Pattern(frozenset({"name"}), frozenset(), 1), weights())


def test_a_different_domain_speaks_against_a_pair_and_is_said() -> None:
    agree = frozenset({"name", "name+country", "spelling"})
    without = judge(Pattern(agree, frozenset(), 1), weights())
    against = judge(Pattern(agree, frozenset({"domain", "any domain"}), 1), weights())
    assert against.confidence < without.confidence
    assert against.doubts == ("different web domains (hidden)",)


def test_a_domain_of_contacts_explains_that_the_domains_differ() -> None:
    agree = frozenset({"name", "spelling"})
    moved = judge(Pattern(agree | {"any domain"}, frozenset({"domain"}), 1), weights())
    assert moved.confidence > judge(Pattern(agree, frozenset({"domain", "any domain"}), 1), weights()).confidence
    twice = judge(Pattern(agree | {"any domain", "domain"}, frozenset(), 1), weights())
    assert twice.confidence == judge(Pattern(agree | {"domain"}, frozenset(), 1), weights()).confidence


def test_what_many_rows_hold_proves_less() -> None:
    agree = frozenset({"name", "name+country", "spelling", "start+country"})
    sure = [judge(Pattern(agree, frozenset(), holders), weights()).confidence for holders in (1, 4, 16, 50)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[-1]


def test_a_reason_that_another_one_holds_is_not_said() -> None:
    pattern = Pattern(frozenset(SENTENCES) - {"domain", "any domain", "phone", "street+postal"}, frozenset(), 1)
    assert judge(pattern, weights()).reasons == ("same name and postal code (hidden)",)
    other_country = Pattern(frozenset({"name"}), frozenset({"name+country"}), 1)
    assert "same name, but different countries (hidden)" in judge(other_country, weights()).doubts


def test_a_token_that_too_many_rows_of_a_list_hold_is_left_out_at_the_edge_and_counted() -> None:
    crowd = {f"o{n}": Account(name=f"Firm{n}", website="same.com") for n in range(CAP + 1)}
    made = side(crowd, b"o").tokens
    assert made.header.crowded == {"any domain": 1, "domain": 1, "spelling": 1}
    assert "domain" not in made.types
    fits = side(dict(list(crowd.items())[:CAP]), b"o").tokens
    assert len(fits.types["domain"][0]) == CAP


def test_the_hub_itself_pairs_nobody_by_a_token_that_too_many_rows_hold() -> None:
    mine, other = side(OURS, b"o").tokens, side(THEIRS, b"p").tokens
    rows, tokens = mine.types["domain"]
    many = {"domain": (rows.repeat(CAP + 1), tokens.repeat(CAP + 1, axis=0))}
    assert len(candidates(replace(mine, types={"domain": mine.types["domain"]}), other).ours) == 1
    assert len(candidates(replace(mine, types=many), other).ours) == 0


@settings(max_examples=30, deadline=None)
@given(accounts, accounts)
def test_the_join_finds_exactly_the_pairs_that_share_a_token_and_sees_how_they_agree(
    ours: dict[str, Account], theirs: dict[str, Account]
) -> None:
    mine, other = side(ours, b"o").tokens, side(theirs, b"p").tokens
    found = candidates(mine, other)
    patterns, which = found.patterns()
    seen = {(a, b): patterns[w] for a, b, w in zip(found.ours.tolist(), found.theirs.tolist(), which, strict=True)}
    first, second = held(mine), held(other)
    wanted = {}
    for a in range(len(mine.refs)):
        for b in range(len(other.refs)):
            both = first[a].keys() & second[b].keys()
            agree = frozenset(kind for kind in both if first[a][kind] & second[b][kind])
            if agree:
                wanted[a, b] = (agree, frozenset(both - agree))
    assert {pair: (pattern.agree, pattern.differ) for pair, pattern in seen.items()} == wanted


def held(listed: Tokened) -> list[dict[str, set[bytes]]]:
    found: list[dict[str, set[bytes]]] = [{} for _ in listed.refs]
    for kind, (rows, tokens) in listed.types.items():
        for row, token in zip(rows.tolist(), tokens, strict=True):
            found[row].setdefault(kind, set()).add(token.tobytes())
    return found


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_a_token_file_is_read_as_it_was_written(tmp_path: Path, ending: str) -> None:
    made = side(OURS, b"o", populations=True).tokens
    path = tmp_path / f"tokens{ending}"
    write_tokens(path, made)
    back = read_tokens(path, 3)
    assert (back.header, back.refs, back.populations) == (made.header, made.refs, made.populations)
    assert held(back) == held(made)
    with pytest.raises(BadInput, match=r"3 rows, and 2 are taken.*--most-rows"):
        read_tokens(path, 2)


def test_two_rotations_two_keys_and_two_versions_are_refused_with_the_remedy() -> None:
    mine = side(OURS, b"o").tokens
    newer = side(THEIRS, b"p", Key("acme", 2, bytes(32))).tokens
    namesake = side(THEIRS, b"p", Key("acme", 1, bytes(32))).tokens
    with pytest.raises(BadInput, match=r"different keys.*the side with the older key gets the new one"):
        refuse_strangers(mine, newer)
    with pytest.raises(BadInput, match=r"different keys.*one and the same key file"):
        refuse_strangers(mine, namesake)
    for change in ({"normaliser": 99}, {"tokens": 99}):
        other = replace(mine, header=replace(mine.header, **change))  # type: ignore[arg-type]
        with pytest.raises(BadInput, match=r"different versions.*updates it"):
            refuse_strangers(mine, other)
    assert KEY.name == side(OURS, b"x").tokens.header.key


def broken(lines: list[str]) -> dict[str, list[str]]:
    header, first = json.loads(lines[0]), json.loads(lines[1])
    short = {**first, "tokens": {"name": ["AAAA"]}}
    crowded = {**first, "tokens": {"name": ["A" * 22] * 9}}
    return {
        "no header": lines[1:],
        "a row too many": [*lines, lines[1]],
        "a row too few": lines[:-1],
        "one row twice": [*lines[:-1], lines[1]],
        "a short token": [lines[0], json.dumps(short), *lines[2:]],
        "too many tokens of a type": [lines[0], json.dumps(crowded), *lines[2:]],
        "population of some": [lines[0], json.dumps({**first, "population": "customer"}), *lines[2:]],
        "no tokens": [lines[0], json.dumps({"row": "x"}), *lines[2:]],
        "another format": [json.dumps({**header, "tandem_tokens": 9}), *lines[1:]],
    }


@pytest.mark.parametrize("how", sorted(broken(['{"tandem_tokens": 1}', "{}"])))
def test_a_file_that_is_no_token_file_is_refused(tmp_path: Path, how: str) -> None:
    path = tmp_path / "t.jsonl"
    write_tokens(path, side(OURS, b"o").tokens)
    path.write_text("\n".join(broken(path.read_text().splitlines())[how]) + "\n")
    with pytest.raises(BadInput, match=r"t\.jsonl"):
        read_tokens(path, 10)


def test_a_parquet_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and nothing")
    with pytest.raises(BadInput, match="no token file"):
        read_tokens(path, 10)
