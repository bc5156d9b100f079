"""The ledger of a deployment: which store, which feed, which journal; built from its settings, nothing is opened before."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from schemas.log import Journal, LogError, Partition, Unreachable
from tandem.compose import Deployment, now
from tandem.kafka.following import Extent, Following
from tandem.kafka.log import KafkaJournal
from tandem.kafka.reader import Reader
from tandem.ledger.feed import fed
from tandem.ledger.follow import Follower
from tandem.ledger.migrating import expect
from tandem.ledger.queries import Role
from tandem.ledger.reading import of_one_life
from tandem.ledger.store import Store, opened


@dataclass(frozen=True)
class Ledger:
    """What the commands, and later a console, need of a deployment."""

    deployment: Deployment

    def store(self) -> Store:
        """The database that the settings name."""
        settings = self.deployment.settings
        return opened(settings.ledger.url or f"sqlite:///{settings.data / 'ledger.db'}")

    def feed(self) -> Following:
        """The topics that feed it."""
        names = [topic.name for topic in fed(self.deployment.settings.sinks)]
        return Following(self.deployment.conf, names, self._identity())

    def _identity(self) -> Callable[[str], str]:
        broker = self.deployment.embedded
        return of_one_life(broker.data / "port") if broker else Reader(self.deployment.conf).identity

    def extents(self) -> Mapping[Partition, Extent] | None:
        """What the topics hold now; none where no broker answers or there are no topics yet."""
        broker = self.deployment.embedded
        if broker is not None and not broker.answers():
            return None
        with suppress(LogError):
            self.deployment.admin.reachable()
            feed = self.feed()
            try:
                return feed.extents()
            finally:
                feed.close()
        return None

    def journal(self) -> Journal:
        """Where what people do about dead letters is published."""
        broker = self.deployment.embedded
        if broker is not None and not broker.answers():
            raise Unreachable(f"the embedded broker does not answer at {broker.bootstrap}. Remedy: start `tandem up`")
        self.deployment.admin.ensure(self.deployment.topics)
        return KafkaJournal(self.deployment.conf, "deadletters", self.deployment.ids)

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """One moment of the ledger, to ask. Errors: `NoLedger`, `WrongLedger`, `schemas.log.Unreachable`."""
        store = self.store()
        try:
            with store.reading() as connection:
                expect(store, connection)
                yield connection
        finally:
            store.close()

    def roles(self) -> list[Role]:
        """Every process of a connection that the configuration names."""
        settings = self.deployment.settings
        named = [(name, "source") for name in settings.sources] + [(name, "sink") for name in settings.sinks]
        return [Role(name, role, settings.connections[name].party) for name, role in sorted(named)]


def run_ledger(deployment: Deployment, stop: threading.Event) -> None:
    """Feed the ledger until told to stop: a process of its own."""
    deployment.admin.ensure(deployment.topics)
    ledger = Ledger(deployment)
    store = ledger.store()
    try:
        Follower(store, ledger.feed(), now).run(stop)
    except OperationalError as error:
        raise Unreachable(f"the ledger at {store.name} does not answer any more: {str(error.orig).strip()}") from error
    finally:
        store.close()
