"""An emulated AWS Marketplace as a seller and Tandem have it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from connectors import aws_marketplace
from connectors.aws.pace import Pace
from connectors.aws.settings import Keys
from connectors.aws_marketplace import rows
from connectors.aws_marketplace.naming import is_ours, wire
from connectors.aws_marketplace.sink import MarketplaceSink
from connectors.aws_marketplace.source import MarketplaceSource
from connectors.base import Sink, Source
from connectors.errors import NeedsConfirmation
from mappings.loader import load
from mappings.table import EntityMap
from sandbox.aws.core import BusEvent, acts_of
from sandbox.aws.marketplace.seeds import ANALYTICS
from sandbox.aws.settings import FULL
from sandbox.aws.testing import START, Emulator, emulator
from sandbox.aws.wire.faults import AwsFault
from schemas.messages import MatchBy

CATALOG = "marketplace-catalog"


class _Marketplace:
    """An emulated seller's account, and our own clock a year behind AWS's."""

    queue, every_s = False, 0

    def __init__(self, running: Emulator) -> None:
        self._running, self._now = running, START - timedelta(days=365)

    def settings(self) -> aws_marketplace.Settings:
        keys = Keys(method="keys", access_key_id=FULL.access, secret_access_key=FULL.secret)
        return aws_marketplace.Settings(
            base_url=self._running.base_url,
            auth=keys,
            queue_url=self._running.places.marketplace_url if self.queue else None,
            poll_s=self.every_s,
            sweep_s=self.every_s,
            linger_s=0,
            overlap_s=5,
        )

    def clock(self) -> datetime:
        return self._now

    def wait(self, seconds: int) -> None:
        self._now += timedelta(seconds=seconds)
        self._running.advance(seconds)

    def act(self, what: str, **arguments: Any) -> Any:
        """What people do by hand in the seller's console."""
        return self._running.call(lambda: acts_of(self._running.world.services[CATALOG])[what](**arguments))

    def entities(self) -> dict[str, Any]:
        return self._running.world.services[CATALOG].entities  # type: ignore[attr-defined]


class MarketplaceOffers(_Marketplace):
    """A `SourceWorld`, read by listing. AWS deletes no offer; here AWS's support does, so that the clause holds."""

    table: EntityMap = load("aws_marketplace")["offer"]

    def __init__(self, running: Emulator) -> None:
        super().__init__(running)
        self._sources: list[Source] = []

    def restart(self) -> Source:
        while self._sources:
            self._sources.pop().close()
        self._sources.append(MarketplaceSource(self.settings(), self.clock, pace()))
        return self._sources[-1]

    def confirm(self, question: NeedsConfirmation) -> Source:
        raise question  # a marketplace is never asked about

    def create(self, name: str) -> str:
        return str(self.act("make_offer", title=name)["offer"])

    def edit(self, record_id: str, name: str) -> None:
        self.act("edit_offer", offer=record_id, title=name)

    def delete(self, record_id: str) -> None:
        self._running.call(lambda: self.entities().pop(record_id))

    def state(self) -> Mapping[str, str]:
        return {one.id: one.name for one in self.entities().values() if one.kind == "Offer"}

    def reset(self) -> None:
        self._running.call(self._forget)
        self._now = START - timedelta(days=365)

    def _forget(self) -> None:
        for record_id in self.state():
            del self.entities()[record_id]


class MarketplaceEvents(MarketplaceOffers):
    """A `SourceWorld`, read by events; after the start nothing is listed."""

    queue, every_s = True, 10**9

    def delete(self, record_id: str) -> None:
        """As AWS tells of nothing that is deleted, an event that comes late is what leads there."""
        super().delete(record_id)
        hint = BusEvent("aws.marketplacecatalog", "Offer Released", (), {"offer": {"id": record_id}})
        self._running.call(lambda: self._running.world.emit(hint))


NO_NULL = "an offer has a name, a description and a last day to accept: AWS takes no null for them"
NO_DELETION = "AWS deletes no offer, whoever asks"
ANOTHER_SET = "each change is a change set of its own, and that is the target"
ONE_AT_A_TIME = "while a change set is at work its offer is locked; the runner gives one write of a record at a time"
WRITE_ONCE = "an offer is asked for once; what comes again under its key is known and changes nothing"


class MarketplaceUpdates(_Marketplace):
    """A `SinkWorld` of offers that are there. Change sets are done when somebody looks."""

    tables: Mapping[str, EntityMap] = {name: table for name, table in load("aws_marketplace").items() if table.writes}
    table, match_by, creates, parent = tables["offer"], MatchBy.ID, False, None
    good: Mapping[str, JsonValue] = {"name": "Acme 2027", "description": "40 seats", "accept_by": "2026-12-20"}
    changed: Mapping[str, JsonValue] = {**good, "accept_by": "2026-12-24"}
    bad: Mapping[str, JsonValue] = {**good, "name": "Acme <2027>"}
    nullable = "description"
    archives = False
    exempt: Mapping[str, str] = {
        "test_a_null_is_really_written": NO_NULL,
        "test_fields_that_a_write_does_not_name_are_left_alone": NO_NULL,
        "test_an_update_changes_the_same_record": ANOTHER_SET,
        "test_there_is_one_outcome_for_each_write_in_their_order": ANOTHER_SET,
        "test_several_writes_to_one_record_go_as_one_and_each_has_its_outcome": ONE_AT_A_TIME,
        "test_a_look_tells_what_stands_in_the_fields_of_each_write_and_changes_nothing": NO_NULL,
    }

    def restart(self) -> Sink:
        self.wait(10)  # what was asked for is done
        return MarketplaceSink(self.settings(), self.clock, pace())

    def keys(self, count: int) -> Sequence[str]:
        return [str(self.act("make_offer", title=f"Offer {number}")["offer"]) for number in range(count)]

    def read(self, key: str) -> Mapping[str, JsonValue] | None:
        self.wait(10)
        offer = self.offer(key)
        if offer is None:
            return None
        detail = {"EntityIdentifier": offer.identifier, "DetailsDocument": offer.details, "EntityArn": offer.arn}
        return self.table.to_fields(rows.offer({}, detail, None))

    def offer(self, key: str) -> Any:
        return self.entities().get(key)

    def effects(self, key: str) -> int:
        self.wait(10)
        offer = self.offer(key)
        sets = self.change_sets().values()
        return sum(offer.id in one.entity_ids for one in sets if is_ours(one.name)) if offer is not None else 0

    def change_sets(self) -> dict[str, Any]:
        return self._running.world.services[CATALOG].change_sets  # type: ignore[attr-defined, no-any-return]

    def edit(self, key: str, fields: Mapping[str, JsonValue]) -> None:
        self.wait(10)
        self.act("edit_offer", offer=self.offer(key).id, **fields)

    def remove(self, key: str) -> None:
        self.wait(10)
        self._running.call(lambda: self.entities().pop(self.offer(key).id))

    def parents(self) -> int:
        return 0

    def break_after(self, call: int) -> None:
        rule = AwsFault(kind="reset_after", nth=(call,), times=1)
        self._running.call(lambda: self._running.platform.faults.arm([rule]))


class MarketplaceCreations(MarketplaceUpdates):
    """A `SinkWorld` of offers that are asked for, by the key of the write."""

    match_by, creates = MatchBy.EXTERNAL_ID, True
    good: Mapping[str, JsonValue] = {
        "name": "Acme 2027", "description": "40 seats", "product": ANALYTICS, "buyer_accounts": ["111122223333"],
        "accept_by": "2026-12-20", "amount": "12000", "currency": "USD", "duration": "P12M", "grants": ["seats=40"],
        "schedule": ["2027-01-01 6000.00", "2027-07-01 6000.00"], "pricing_model": "contract", "eula": "standard 2022-07-14",
    }  # fmt: skip
    changed: Mapping[str, JsonValue] = {**good, "accept_by": "2026-12-24"}
    bad: Mapping[str, JsonValue] = {**good, "name": "Acme <2027>"}
    exempt: Mapping[str, str] = dict.fromkeys(
        (
            "test_a_null_is_really_written",
            "test_fields_that_a_write_does_not_name_are_left_alone",
            "test_an_update_changes_the_same_record",
            "test_a_write_goes_where_the_expected_still_stands",
            "test_a_write_whose_record_has_changed_is_overtaken_and_says_what_stands_there",
            "test_one_that_is_overtaken_does_not_hold_back_its_neighbours",
            "test_a_write_whose_values_stand_already_is_applied_whatever_was_expected",
            "test_a_record_that_was_to_be_there_and_is_gone_is_not_made_anew",
            "test_several_writes_to_one_record_go_as_one_and_each_has_its_outcome",
            "test_a_look_tells_what_stands_in_the_fields_of_each_write_and_changes_nothing",
        ),
        WRITE_ONCE,
    )

    def keys(self, count: int) -> Sequence[str]:
        return [f"link-{number}" for number in range(count)]

    def offer(self, key: str) -> Any:
        sets = [one for one in self.change_sets().values() if one.name == wire(key)]
        ids = [each for one in sets for each in one.entity_ids]
        return self.entities().get(ids[0]) if ids else None


def pace() -> Pace:
    """The emulated clock stands still, and no quota holds."""
    return Pace(1.0, lambda: 0.0, lambda _: None, rates={})


def in_account(world: Callable[[Emulator], Any]) -> Callable[[], AbstractContextManager[Any]]:
    @contextmanager
    def opened() -> Iterator[Any]:
        with emulator() as running:
            yield world(running)

    return opened
