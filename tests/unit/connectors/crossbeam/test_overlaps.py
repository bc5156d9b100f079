"""Overlaps as accounts of partners: read from a bookmark, partner by partner, within the exports of the plan."""

import pytest

from connectors.crossbeam.client import DISPOSITIONS
from connectors.errors import BadCredentials, ConnectorError, PauseConnection, RetryLater, StopMapping
from connectors.publishing import Publisher
from schemas.codec import decode
from schemas.log import Record
from schemas.messages import ChangeKind
from tests.unit.connectors.crossbeam.conftest import TABLES


def canonical(change):
    return TABLES[change.entity].to_canonical(change.row)


def kinds(reading):
    return [(change.record_id, change.kind) for change in reading.told]


def test_an_overlap_is_told_as_an_account_of_the_partner(beam):
    id_ = beam.share(
        partner_record_website="https://robotics.example",
        partner_record_country="DE",
        population="Open Opportunities",
    )
    (change,) = beam.reading().poll()
    told = canonical(change)
    assert (change.record_id, change.party, change.entity) == (id_, "partner:acme", "account")
    assert (told.name, told.website, told.country) == ("Acme Robotics", "https://robotics.example", "DE")
    assert (told.population, told.owner_name) == ("open_opportunity", "Clark Kent")


def test_the_party_of_a_change_takes_the_place_of_the_connections(beam):
    beam.share()
    beam.signal()
    publisher = Publisher("beam", "us", TABLES, beam.network.clock)
    sent = [output for change in beam.reading().poll() for output in publisher.records(change)]
    said = [decode(Record(each.topic, 0, 0, each.key, each.value, each.headers, 0)) for each in sent]
    assert [(each.ENTITY, each.party) for each in said] == [("account", "partner:acme"), ("signal", "us")]


def test_of_several_populations_the_furthest_counts(beam):
    id_ = beam.share()
    at = beam.reading()
    for populations, meant in (
        (["Prospects", "Open Opportunities"], "open_opportunity"),
        (["Prospects", "Customers", "Open Opportunities"], "customer"),
        (["Friends"], "prospect"),
    ):
        beam.act("populate", id_, *populations)
        assert canonical(at.poll()[-1]).population == meant


def test_a_bookmark_tells_only_what_has_changed_since(beam):
    ids = [beam.share(f"Company {number}") for number in range(5)]
    at = beam.reading(page_size=2)
    assert len(at.poll()) == 5
    exported = beam.network.exported
    beam.act("change", ids[3], partner_record_name="Renamed")
    (change,) = at.poll()
    assert (change.record_id, canonical(change).name) == (ids[3], "Renamed")
    assert beam.network.exported == exported + 1


def test_a_cursor_is_used_with_the_page_size_that_it_was_made_with(beam):
    beam.share()
    at = beam.reading(page_size=7)
    at.poll()
    (place,) = [place for place in at.cursors if place.startswith("account/list:")]
    assert at.cursors[place].startswith("7 ")
    after = beam.reading(at.cursors, page_size=500)
    beam.share("Another")
    after.poll()
    assert after.cursors[place].startswith("7 ")


def test_an_account_goes_with_the_last_overlap_that_shows_it(beam):
    theirs = beam.share()
    first, second = "aaaa0000-0000-5000-8000-000000000000", "bbbb0000-0000-5000-8000-000000000000"
    beam.act("unshare", theirs)
    for ours in (first, second):
        beam.share(theirs="cccc0000-0000-5000-8000-000000000000", ours=ours)
    at = beam.reading()
    (account,) = at.poll()  # two overlaps, one account
    beam.act("unshare", account.record_id, ours=first)
    assert at.poll() == []
    beam.act("unshare", account.record_id, ours=second)
    (gone,) = at.poll()
    assert (gone.kind, gone.row, gone.party) == (ChangeKind.DELETED, None, "partner:acme")
    beam.share(theirs=account.record_id, ours=first)
    (back,) = at.poll()
    assert back.kind is ChangeKind.RESTORED
    assert account.version < gone.version < back.version


def test_an_account_that_changes_hands_within_one_page_is_not_gone_in_between(beam):
    theirs, first, second = (f"{each}0000000-0000-5000-8000-000000000000" for each in "cab")
    beam.share(theirs=theirs, ours=first)
    at = beam.reading()
    at.poll()
    beam.act("unshare", theirs, ours=first)
    beam.share(theirs=theirs, ours=second)
    assert at.poll() == []
    assert '"' + second + '"' in at.cursors[f"account/account:{theirs}"]


def test_partners_that_are_not_mapped_are_left_out_and_said_once_and_cost_no_export(beam):
    beam.act("partner", "Borealis")
    beam.share("Secret Ltd", partner="Borealis")
    beam.signal(partner="Borealis")
    at = beam.reading()
    at.poll()
    at.poll()
    assert (at.told, at.notes) == ([], ["left out, since `partners` does not name them: Borealis"])
    assert beam.network.exported == 0


def test_a_partner_that_is_mapped_later_is_read_from_its_beginning(beam):
    uuid = beam.act("partner", "Borealis")["uuid"]
    theirs = beam.share("Cumulus", partner="Borealis")
    at = beam.reading()
    at.poll()
    after = beam.reading(at.cursors, partners={"acme cloud": "acme", uuid.upper(): "borealis"})
    (change,) = after.poll()
    assert (change.record_id, change.party) == (theirs, "partner:borealis")


def test_the_accounts_of_a_partner_that_is_no_longer_mapped_go(beam):
    theirs = beam.share()
    at = beam.reading()
    at.poll()
    after = beam.reading(at.cursors, partners={})
    (gone,) = after.poll()
    assert (gone.record_id, gone.kind, gone.party) == (theirs, ChangeKind.DELETED, "partner:acme")
    again = beam.reading(after.cursors)
    assert [change.kind for change in again.poll()] == [ChangeKind.RESTORED]


def test_a_partner_that_is_mapped_to_another_key_and_back_is_read_anew_each_time(beam):
    theirs = beam.share()
    cursors = {}
    for key in ("acme", "borealis", "acme"):
        at = beam.reading(cursors, partners={"Acme Cloud": key})
        at.poll()
        assert (at.told[-1].record_id, at.told[-1].party) == (theirs, f"partner:{key}")
        assert at.told[-1].row is not None
        cursors = at.cursors


def test_two_partners_that_swap_their_keys_take_their_accounts_with_them_and_back(beam):
    beam.act("partner", "Borealis")
    one, two = beam.share("One"), beam.share("Two", partner="Borealis")
    cursors = {}
    for first, second in (("acme", "borealis"), ("borealis", "acme"), ("acme", "borealis")):
        at = beam.reading(cursors, partners={"Acme Cloud": first, "Borealis": second})
        at.poll()
        last = {change.record_id: (change.party, change.row is not None) for change in at.told}
        assert last == {one: (f"partner:{first}", True), two: (f"partner:{second}", True)}
        cursors = at.cursors


def test_an_overlap_without_its_ids_is_a_dead_letter_and_the_rest_goes_on(beam):
    beam.share("Nobody", ours="", theirs="dddd0000-0000-5000-8000-000000000000")
    beam.act("change", "dddd0000-0000-5000-8000-000000000000", crossbeam_record_id=None)
    good = beam.share()
    at = beam.reading()
    at.poll()
    assert ([change.record_id for change in at.told], [letter.code for letter in at.parked]) == ([good], ["MALFORMED"])


def test_exports_are_counted_over_restarts_and_a_reserve_is_left_to_others(beam):
    for number in range(9):
        beam.share(f"Company {number}")
    plan = {"exports": 10, "export_reserve_share": 0.2, "page_size": 4}
    at = beam.reading(**plan)
    with pytest.raises(PauseConnection, match=r"8 of 10 record exports of the year are used, 2 are left") as paused:
        at.poll()
    assert (len(at.told), beam.network.exported) == (8, 8)
    assert "2027-01-01" in paused.value.remedy
    after = beam.reading(at.cursors, **plan)
    with pytest.raises(PauseConnection):
        after.poll()
    assert (after.source.budget().used, after.source.budget().reserve, beam.network.exported) == (8, 2, 8)


@pytest.mark.parametrize(("renew", "days", "told"), [("11-23", 1, 1), ("11-24", 1, 0), ("01-01", 40, 1)])
def test_a_new_year_of_the_plan_brings_new_exports(beam, renew, days, told):
    beam.share()
    plan = {"exports": 1, "export_reserve_share": 0, "exports_renew": renew}
    at = beam.reading(**plan)
    with pytest.raises(PauseConnection):  # the signals would be read next
        at.poll()
    beam.share("Another")
    beam.wait(days * 86_400)
    with pytest.raises(PauseConnection):
        at.poll()
    assert len(at.told) == 1 + told


def test_it_is_not_asked_more_often_than_is_set(beam):
    at = beam.reading(poll_s=900)
    at.poll()
    beam.share()
    beam.wait(899)
    assert at.poll() == []
    beam.wait(1)
    assert len(at.poll()) == 1


def test_a_token_that_has_run_out_is_renewed_once(beam):
    at = beam.reading()
    at.poll()
    beam.wait(86_401)
    beam.share()
    assert len(at.poll()) == 1
    assert beam.calls("/oauth/token") == 2


def test_a_sign_in_that_is_refused_needs_a_person(beam):
    auth = {**beam.settings().auth.model_dump(), "client_secret": "guessed"}
    with pytest.raises(BadCredentials, match="invalid_grant"):
        beam.reading(auth=auth).poll()
    with pytest.raises(BadCredentials):
        beam.reading(auth={"method": "token", "token": "guessed"}).poll()


RAISED = {"retry": RetryLater, "reauthenticate": BadCredentials, "stop": StopMapping}


@pytest.mark.parametrize("code", sorted(DISPOSITIONS.table))
def test_each_answer_that_is_no_success_has_its_recovery_and_its_remedy(beam, code):
    known, status = DISPOSITIONS.table[code], int(code.removeprefix("HTTP_"))
    beam.arm(kind="status", status=status, path="/v1/overlaps", probability=1, retry_after=7)
    with pytest.raises(ConnectorError) as raised:
        beam.reading().poll()
    assert (type(raised.value), raised.value.remedy) == (RAISED[known.recovery], known.remedy)


@pytest.mark.parametrize("kind", ["reset_before", "no_json", "too_many_requests", "unavailable"])
def test_a_page_that_does_not_come_is_asked_for_again_and_nothing_is_lost(beam, kind):
    ids = {beam.share(f"Company {number}") for number in range(5)}
    at = beam.reading(page_size=2)
    beam.arm(kind=kind, nth=(2,), path="/v1/overlaps")
    with pytest.raises(RetryLater):
        at.poll()
    at.poll()
    assert {change.record_id for change in at.told} == ids
    assert len(at.told) == 5
