"""Sentences about the clock of a lane and what it looks at again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.messages import TimePassed
from streams import agenda
from tests.support.rows import START, Rows


def passed(rows: Rows, at: datetime, connection: str = "our-crm") -> list[str]:
    book = rows.book(at)
    agenda.tick(book, TimePassed(connection=connection, at=at))
    found = agenda.due(book)
    rows.keep(book)
    return found


def planned(rows: Rows, what: str, at: datetime | None) -> None:
    book = rows.book()
    agenda.plan(book, what, at)
    rows.keep(book)


def test_nothing_is_due_before_its_hour_and_it_is_due_once():
    rows = Rows()
    planned(rows, "lead/1", START + timedelta(hours=1))
    assert passed(rows, START + timedelta(minutes=59)) == []
    assert passed(rows, START + timedelta(hours=1)) == ["lead/1"]
    assert passed(rows, START + timedelta(hours=2)) == []


def test_what_is_planned_anew_is_due_at_the_new_hour_only():
    rows = Rows()
    planned(rows, "lead/1", START + timedelta(hours=1))
    planned(rows, "lead/1", START + timedelta(hours=3))
    assert passed(rows, START + timedelta(hours=2)) == []
    assert passed(rows, START + timedelta(hours=3)) == ["lead/1"]


def test_what_is_taken_off_is_never_due_and_leaves_nothing():
    rows = Rows()
    planned(rows, "lead/1", START)
    planned(rows, "lead/1", None)
    assert passed(rows, START + timedelta(days=1)) == []
    assert set(rows.rows) == {agenda.META}


def test_the_clock_never_goes_back():
    rows = Rows()
    passed(rows, START + timedelta(hours=1))
    passed(rows, START)
    assert agenda.now(rows.book()) == START + timedelta(hours=1)


def test_everything_was_looked_at_when_each_connection_said_so():
    rows = Rows()
    passed(rows, START, "our-crm")
    assert not agenda.ready(rows.book(), ["our-crm", "our-prm"])
    passed(rows, START, "our-prm")
    assert agenda.ready(rows.book(), ["our-crm", "our-prm"])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 300)), max_size=30), st.integers(0, 300))
def test_what_is_due_is_what_was_planned_last_for_an_hour_that_has_come(plans: list[tuple[int, int]], now: int):
    rows, last = Rows(), {}
    for what, minute in plans:
        planned(rows, str(what), START + timedelta(minutes=minute))
        last[str(what)] = minute
    expected = sorted((minute, what) for what, minute in last.items() if minute <= now)
    assert passed(rows, START + timedelta(minutes=now)) == [what for _, what in expected]
