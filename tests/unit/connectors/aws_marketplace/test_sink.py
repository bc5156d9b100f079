"""A write becomes one change set, once; a refusal is told in the words of the deal."""

import pytest

from connectors.aws_marketplace.sink import MarketplaceSink
from connectors.base import Applied, Overtaken, Rejected, Retry
from connectors.errors import PauseConnection, RetryLater, StopMapping
from sandbox.aws.settings import NARROW
from sandbox.aws.wire.faults import AwsFault
from schemas.messages import MatchBy, WriteAction
from tests.unit.connectors.aws.wire import Failed, Lost, unhurried, wire
from tests.unit.connectors.aws_marketplace.conftest import TABLES, asked
from tests.unit.connectors.aws_marketplace.test_changesets import DIRECT


def made(market, **more) -> str:
    return str(market.seller("make_offer", title="Acme", **more)["offer"])


def moved(market, offer: str, day: str, **more) -> object:
    return market.write({"accept_by": day}, offer, match_by=MatchBy.ID, **more)


def sets(market) -> list:
    return [one for one in market.catalog.change_sets.values() if one.name.startswith("tandem:")]


def test_an_offer_is_asked_for_under_the_key_as_its_token_and_name(market):
    outcome = market.write(DIRECT, "9f2c")
    (one,) = sets(market)
    assert outcome == Applied(one.id)
    assert one.name == "tandem:9f2c"
    assert (market.running.world.account, "9f2c") in market.catalog.tokens


def test_the_same_write_again_is_known_and_asks_for_nothing(market):
    first = market.write(DIRECT)
    assert market.write(DIRECT) == Applied(first.target_id, changed=False)
    market.running.advance(10)
    assert market.write({**DIRECT, "amount": "1.00", "schedule": []}) == Applied(first.target_id, changed=False)
    assert len(sets(market)) == 1


def test_where_the_answer_is_lost_and_the_listing_lags_behind_the_token_makes_one_offer():
    started: dict[str, str] = {}

    def start(request):
        new = request["ClientRequestToken"] not in started
        number = started.setdefault(request["ClientRequestToken"], f"cs-{len(started)}")
        if new:
            raise Lost
        return {"ChangeSetId": number, "ChangeSetArn": "arn"}

    with wire(ListChangeSets=lambda _: {"ChangeSetSummaryList": []}, StartChangeSet=start) as aws:
        from connectors.aws_marketplace import Settings

        settings = Settings(**aws.access().model_dump(exclude={"queue_url"}))
        sink = MarketplaceSink(settings, lambda: None, unhurried())
        with pytest.raises(RetryLater):
            sink.write(TABLES, [asked(DIRECT)])
        assert sink.write(TABLES, [asked(DIRECT)]) == [Applied("cs-0")]
        first, second = aws.of("StartChangeSet")
        assert first == second


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({**DIRECT, "buyer_accounts": ["12345678901"]}, "buyer_accounts"),
        ({**DIRECT, "amount": "12000.001", "schedule": ["2027-01-01 12000.001"]}, "schedule"),
        ({**DIRECT, "currency": "CHF"}, "currency"),
        ({**DIRECT, "name": "a <b>"}, "name"),
        ({**DIRECT, "product": "prod-nobodys"}, None),
    ],
)
def test_what_is_refused_at_once_names_the_deals_field_and_leaves_nothing(market, fields, field):
    outcome = market.write(fields)
    assert isinstance(outcome, Rejected)
    assert outcome.field == field
    assert field is None or outcome.reason.startswith(f"{field}: ") or outcome.code == "INVALID_VALUE"
    assert outcome.remedy
    assert sets(market) == []


def test_an_offer_that_a_change_set_has_locked_is_tried_again_later(market):
    offer = made(market)
    assert isinstance(moved(market, offer, "2026-12-20"), Applied)
    outcome = moved(market, offer, "2026-12-24", id="another")
    assert isinstance(outcome, Retry)
    assert outcome.after == 60
    market.running.advance(10)
    assert isinstance(moved(market, offer, "2026-12-24", id="another"), Applied)


def test_a_last_day_in_the_past_ends_an_offer(market):
    offer = made(market)
    market.running.advance(3 * 86_400)
    assert isinstance(moved(market, offer, "2026-11-23"), Applied)
    market.running.advance(10)
    assert market.catalog.entities[offer].available_until < market.clock()


def test_a_day_that_stands_there_already_is_no_change(market):
    offer = made(market, accept_by="2026-12-24")
    assert moved(market, offer, "2026-12-24") == Applied(offer, changed=False)
    assert sets(market) == []


def test_a_day_that_somebody_else_has_moved_is_overtaken(market):
    offer = made(market, accept_by="2026-12-20")
    found = moved(market, offer, "2026-12-24", expected={"accept_by": "2026-12-10"})
    assert isinstance(found, Overtaken)
    assert "2026-12-20" in found.found


def test_an_offer_that_is_not_there_is_refused_or_overtaken(market):
    gone = moved(market, "offer-gone", "2026-12-24")
    assert isinstance(gone, Rejected)
    assert isinstance(moved(market, "offer-gone", "2026-12-24", expected={"accept_by": "2026-12-10"}), Overtaken)


def test_nothing_is_archived_and_a_key_that_is_no_token_is_refused(market):
    outcome = market.write({}, "offer-1", match_by=MatchBy.ID, action=WriteAction.ARCHIVE)
    assert isinstance(outcome, Rejected)
    for key in ("x" * 65, "with blank", "näh"):
        refused = market.write(DIRECT, key)
        assert isinstance(refused, Rejected)
        assert refused.code == "INVALID_KEY"


def test_a_look_tells_what_stands_and_asks_for_nothing(market):
    offer = made(market, accept_by="2026-12-24")
    market.write(DIRECT)
    market.running.advance(10)
    batch = [
        asked({"accept_by": "2026-12-30", "name": "x"}, offer, match_by=MatchBy.ID),
        asked({"accept_by": "2026-12-30"}, "offer-gone", match_by=MatchBy.ID),
        asked(DIRECT),
        asked(DIRECT, "link-2"),
    ]
    before = len(sets(market))
    found = market.sink().look(TABLES["offer"], batch)
    assert found[:2] == [{"accept_by": "2026-12-24", "name": "Acme"}, None]
    assert found[2]["accept_by"] == DIRECT["accept_by"]
    assert found[2]["schedule"] == DIRECT["schedule"]
    assert found[3] is None
    assert len(sets(market)) == before


def test_a_quota_pauses_the_connection_and_a_missing_permission_stops_it(market):
    with pytest.raises(StopMapping, match="aws-marketplace:"):
        market.sink(key=NARROW).write(TABLES, [asked(DIRECT)])

    def full(_):
        raise Failed("ServiceQuotaExceededException", status=402)

    with wire(ListChangeSets=lambda _: {"ChangeSetSummaryList": []}, StartChangeSet=full) as aws:
        from connectors.aws_marketplace import Settings

        settings = Settings(**aws.access().model_dump(exclude={"queue_url"}))
        with pytest.raises(PauseConnection):
            MarketplaceSink(settings, lambda: None, unhurried()).write(TABLES, [asked(DIRECT)])


def test_a_throttled_batch_comes_again_and_makes_each_offer_once(market):
    rule = AwsFault(kind="throttled", nth=(4,), times=1, path="marketplace-catalog/")
    market.running.call(lambda: market.running.platform.faults.arm([rule]))
    batch, sink = [asked(DIRECT, f"link-{number}") for number in range(3)], market.sink()
    with pytest.raises(RetryLater):
        sink.write(TABLES, batch)
    assert all(isinstance(each, Applied) for each in sink.write(TABLES, batch))
    assert len(sets(market)) == 3
