"""The walk finds every record once, whatever a search makes of ids, pages and stamps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RetryLater
from connectors.hubspot.walk import Ask, Found, Page, Position, walk

WINDOW = 12  # results that this search shows of one question; HubSpot shows 10,000


class Index:
    """A search as HubSpot's: ids as text or numbers, short pages, no more than WINDOW results."""

    def __init__(self, records, limit=4, as_text=True, short=()):
        self.records, self.limit, self.as_text, self.short = dict(records), limit, as_text, list(short)
        self.asked = []

    def key(self, id_):
        return id_ if self.as_text else int(id_)

    def __call__(self, ask: Ask) -> Page:
        self.asked.append(ask)
        found = [
            (ms, id_)
            for id_, ms in self.records.items()
            if (ask.since is None or ms >= ask.since)
            and (ask.at is None or ms == ask.at)
            and (ask.above is None or self.key(id_) > self.key(ask.above))
        ]
        # Within one stamp the search has an order of its own.
        found.sort(key=lambda each: self.key(each[1]) if ask.at is not None else (each[0], hash(each[1])))
        start, size = int(ask.after or 0), self.limit
        assert start < WINDOW, "HubSpot answers 400 beyond its window"
        if self.short:
            size = min(size, self.short.pop())
        page = found[start : min(start + size, WINDOW)]
        end = start + len(page)
        return Page([Found(ms, id_, {}) for ms, id_ in page], str(end) if end < len(found) else None)


def ids(pieces):
    return [each.id for piece in pieces for each in piece]


RECORDS = st.dictionaries(st.integers(1, 12_000).map(str), st.integers(0, 6), max_size=40)


@given(RECORDS, st.integers(1, 7), st.booleans(), st.lists(st.integers(0, 3), max_size=12))
def test_every_record_comes_once_in_the_order_of_stamp_and_number(records, limit, as_text, short):
    found = ids(walk(Index(records, limit, as_text, short), None))
    assert found == sorted(records, key=lambda id_: (records[id_], int(id_)))


@given(RECORDS, st.integers(1, 7), st.booleans(), st.data())
def test_a_walk_goes_on_behind_any_record(records, limit, as_text, data):
    order = sorted(records, key=lambda id_: (records[id_], int(id_)))
    number = data.draw(st.integers(0, len(order)))
    since = Position(records[order[number - 1]], order[number - 1]) if number else None
    assert ids(walk(Index(records, limit, as_text), since)) == order[number:]


@given(RECORDS, st.integers(0, 6))
def test_a_position_without_an_id_leaves_out_only_what_is_older(records, ms):
    found = ids(walk(Index(records), Position(ms)))
    assert set(found) == {id_ for id_, at in records.items() if at >= ms}


@given(RECORDS, st.integers(1, 3), st.data())
def test_what_changes_during_a_walk_is_found_by_it_or_by_one_from_the_stamp_before_it(records, limit, data):
    index, last = Index(records, limit), {}
    before = max(records.values(), default=0)
    for piece in walk(index, None):
        last |= {each.id: each.ms for each in piece}
        if records and len(index.asked) < 60 and data.draw(st.booleans()):
            index.records[data.draw(st.sampled_from(sorted(records)))] = 7 + len(index.asked)
    for piece in walk(index, Position(before)):
        last |= {each.id: each.ms for each in piece}
    assert last == index.records


def test_more_records_of_one_stamp_than_a_search_shows_are_all_found():
    records = {str(9_990 + number): 5 for number in range(3 * WINDOW)}
    for as_text in (True, False):
        assert set(ids(walk(Index(records, as_text=as_text), None))) == set(records)


def test_an_id_is_handed_back_as_it_came():
    index = Index({"9": 1, "10": 1, "0": 1}, limit=1)
    list(walk(index, None))
    assert [ask.above for ask in index.asked if ask.at is not None] == [None, "0", "10"]


def test_nothing_is_asked_twice_where_one_page_holds_all():
    index = Index({"1": 1, "2": 2})
    assert ids(walk(index, None)) == ["1", "2"]
    assert len(index.asked) == 1


def test_a_search_that_does_not_sort_is_not_believed():
    def unsorted(ask):
        return Page([Found(5, "1", {}), Found(4, "2", {})], None)

    with pytest.raises(RetryLater, match="out of order"):
        list(walk(unsorted, None))


def test_a_search_that_goes_round_in_circles_is_left():
    def circling(ask):
        return Page([Found(5, "1", {}), Found(5, "2", {})], "2")

    with pytest.raises(RetryLater, match="in circles"):
        list(walk(circling, None))
