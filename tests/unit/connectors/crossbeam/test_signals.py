"""Signals: read from a bookmark and pushed by webhooks, each told once."""

import pytest
import requests

from connectors.crossbeam.pushed import sign
from schemas.messages import ChangeKind
from tests.unit.connectors.crossbeam.conftest import PATH, TABLES

BROKEN = "2025-10-028T16:00:00.103+00:00"  # as in Crossbeam's own example


def test_a_signal_says_which_partner_has_done_what_with_which_account(beam):
    id_ = beam.signal(event="partner_deal_closed_won", deal="Fleet", stage="Closed Won")
    (change,) = beam.reading().poll()
    told = TABLES["signal"].to_canonical(change.row)
    assert (change.record_id, change.kind, change.party) == (id_, ChangeKind.UPSERTED, None)
    assert (told.kind, told.partner, told.account) == ("deal_won", "acme", "001A")
    assert (told.deal_name, told.deal_stage, told.at) == ("Fleet", "Closed Won", beam.network.clock())


def test_a_signal_whose_time_is_none_is_one_dead_letter_and_the_rest_goes_on(beam):
    broken, good = beam.signal(triggered_at=BROKEN), beam.signal()
    at = beam.reading()
    at.poll()
    again = beam.reading({place: value for place, value in at.cursors.items() if "/list:" not in place})
    again.poll()  # the page comes once more, as after a crash
    assert [change.record_id for change in at.told] == [good]
    (letter,) = [*at.parked, *again.parked]
    assert (letter.code, letter.field, letter.subject) == ("INVALID_TIME", "triggered_at", f"signals {broken}")
    assert BROKEN in letter.payload


def test_signals_are_known_for_a_week(beam):
    beam.signal()
    at = beam.reading()
    at.poll()
    beam.wait(7 * 86_400 + 1)
    at.poll()
    assert [place for place in at.cursors if "seen:" in place] == []


def test_a_webhook_is_answered_when_its_signal_is_committed(beam, pushed):
    id_ = beam.signal()
    sending = pushed.deliver()
    pushed.arrived()
    assert [change.record_id for change in pushed.poll()] == [id_]
    assert not sending.done()
    pushed.poll()
    assert sending.result() == [200]


def test_what_was_not_committed_is_answered_503_and_comes_again(beam, pushed):
    id_ = beam.signal()
    sending = pushed.deliver()
    pushed.arrived()
    pushed.poll(lost=True)
    pushed.poll()
    assert sending.result() == [503]
    sending = pushed.deliver()
    pushed.arrived()
    assert [change.record_id for change in pushed.poll()] == [id_]
    pushed.poll()
    assert sending.result() == [200]


def test_a_signal_that_comes_by_a_webhook_and_by_reading_is_told_once(beam, pushed):
    beam.signal()
    sending = pushed.deliver()
    pushed.arrived()
    pushed.poll()
    pushed.poll()
    assert sending.result() == [200]
    beam.wait(3600)
    late = beam.reading(pushed.cursors)
    assert late.poll() == []
    lost = beam.signal()
    beam.running.deliver(lose=True)
    assert [change.record_id for change in late.poll()] == [lost]


def test_webhooks_count_as_exports_too(beam, pushed):
    beam.signal()
    sending = pushed.deliver()
    pushed.arrived()
    pushed.poll()
    pushed.poll()
    sending.result()
    assert pushed.source.budget().used == beam.network.exported == 1


def test_a_webhook_of_a_partner_that_is_not_mapped_is_answered_and_left_out(beam, pushed):
    beam.act("partner", "Borealis")
    beam.signal(partner="Borealis")
    sending = pushed.deliver()
    pushed.arrived()
    assert pushed.poll() == []
    pushed.poll()
    assert (sending.result(), pushed.notes) == ([200], ["left out, since `partners` does not name them: Borealis"])


@pytest.mark.parametrize(("offset", "status"), [(-301, 403), (301, 403)])
def test_a_webhook_of_another_time_is_turned_away(beam, pushed, offset, status):
    beam.signal()
    assert pushed.deliver(timestamp_offset=offset).result() == [status]


def post(pushed, beam, body=b"{}", path=PATH, **headers):
    timestamp = str(int(beam.network.clock().timestamp()))
    signed = sign(beam.network.settings.webhook_secret, body, timestamp)
    every = {"x-crossbeam-signature-256": signed, "X-Crossbeam-Timestamp": timestamp, **headers}
    url = f"http://127.0.0.1:{pushed.port}{path}"
    return requests.post(url, data=body, headers=every, timeout=10).status_code


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"x-crossbeam-signature-256": "another"}, 403),
        ({"x-crossbeam-signature-256": None}, 403),
        ({"X-Crossbeam-Timestamp": "yesterday"}, 403),
        ({"X-Crossbeam-Timestamp": None}, 403),
        ({"path": "/crossbeam/another"}, 404),
        ({"body": b"no json"}, 400),
    ],
)
def test_what_is_not_crossbeams_is_turned_away(beam, pushed, changes, status):
    assert post(pushed, beam, **changes) == status


def test_the_signature_is_over_the_body_and_the_timestamp_behind_it():
    # Made with openssl: printf '{"a":1}1763800000' | openssl dgst -sha256 -hmac 111122223333secret -binary | base64
    assert sign("111122223333secret", b'{"a":1}', "1763800000") == "SROD0kaTtU20ot6F1M3M9+tAJUUN2jAaNF8IQbtzZwo="


def test_used_up_exports_stop_the_reading_and_not_the_webhooks(beam):
    webhooks = {"secret": "hush", "port": 0, "path": PATH, "patience_s": 0}
    at = beam.reading(exports=1, export_reserve_share=0, webhooks=webhooks)
    beam.share()
    beam.share("Another")
    try:
        at.poll()
        at.poll()
        assert any("record exports of the year are used" in note for note in at.notes)
    finally:
        at.source.close()
