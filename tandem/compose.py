"""The composition root: builds each process of a deployment from its settings; the only place where the parts meet."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from connectors.base import Checkable, Finding, Sink
from connectors.pull import Pull
from connectors.push import Push
from mappings.loader import load as load_tables
from mappings.table import EntityMap
from schemas import topics
from schemas.log import Log
from schemas.messages import PARTNER_ENTITIES
from schemas.topics import Topic, every_topic
from streams.decision import Step
from streams.lane import Lane
from streams.state import OpenStore, in_memory, rocks_in
from tandem.broker import EmbeddedBroker
from tandem.deciding import fed_by, steps
from tandem.kafka.admin import Admin
from tandem.kafka.conf import Conf
from tandem.kafka.log import KafkaJournal, KafkaLog, group_id
from tandem.kafka.reader import Reader
from tandem.kafka.transactions import Ids, stable
from tandem.settings import EMBEDDED, ConfigError, Connection, Settings, connector

Bounded = TypeVar("Bounded", bound=Log)


def now() -> datetime:
    """The clock that everything is given."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Deployment:
    """A checked configuration and what can be built from it."""

    settings: Settings

    @property
    def embedded(self) -> EmbeddedBroker | None:
        """The bundled broker, where the configuration asks for it."""
        return EmbeddedBroker(self.settings.data / "broker") if self.settings.kafka.bootstrap == EMBEDDED else None

    def needs_embedded(self) -> EmbeddedBroker:
        """The bundled broker; an error where the configuration names another."""
        if self.embedded is None:
            raise ConfigError(
                f'[kafka] bootstrap is {self.settings.kafka.bootstrap!r}; only "embedded" can be run here'
            )
        return self.embedded

    def confirming(self, name: str, removals: int | None) -> "Deployment":
        """The same deployment, in which one list may shrink by exactly so many rows."""
        it = self.settings.connection(name)
        if removals is None:
            return self
        if "confirm_removals" not in type(it.options).model_fields:
            raise ConfigError(f"connection {name!r} ({it.connector}) has no list whose removals could be confirmed")
        options = it.options.model_copy(update={"confirm_removals": removals})
        changed = {**self.settings.connections, name: it.model_copy(update={"options": options})}
        return Deployment(self.settings.model_copy(update={"connections": changed}))

    @property
    def ids(self) -> Ids:
        """How transactional ids are made."""
        return self.embedded.transactional_ids if self.embedded else stable

    @property
    def conf(self) -> Conf:
        """What every Kafka client is given."""
        broker, kafka = self.embedded, self.settings.kafka
        return {"bootstrap.servers": broker.bootstrap if broker else kafka.bootstrap, **kafka.options}

    @property
    def admin(self) -> Admin:
        """Looks at and makes topics."""
        return Admin(self.conf, self.settings.kafka.partitions, self.settings.kafka.replication)

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Every topic of the deployment."""
        return every_topic(self.settings.sources, self.settings.sinks, (step.name for step in self._steps))

    @cached_property
    def _steps(self) -> Sequence[Step]:
        return steps(self.settings, self.tables, self.read_tables)

    def caught_up(self) -> bool:
        """Whether every lane and sink has taken in all that is committed in its input."""
        admin, reader = self.admin, Reader(self.conf)
        readers = [(step.name, step.topic.name) for step in self._steps]
        readers += [(f"sink.{name}", topics.writes(name).name) for name in self.settings.sinks]
        spots = (spot for group, topic in readers for spot in admin.committed(group_id(group), topic).items())
        return not any(next(reader.read(partition, at), None) for partition, at in spots)

    def tables(self, name: str) -> Mapping[str, EntityMap]:
        """The mapping tables of a connection, by entity."""
        return load_tables(self.settings.connection(name).connector, self.settings.mappings)

    def checker(self, name: str) -> Checkable:
        """What tells whether a connection is well."""
        it = self.settings.connection(name)
        made: Checkable = connector(it.connector).checker(it.options, now, name)
        return made

    def prepare(self, name: str) -> Iterator[Finding]:
        """Make in a system what Tandem needs there, one finding each."""
        it = self._with_role(name, "prepare")
        yield from connector(it.connector).prepare(it.options, now, self.read_tables(name))

    def pull(self, name: str) -> Pull:
        """The pull loop of a connection."""
        it = self._with_role(name, "source")
        self.admin.ensure(self.topics)
        source = connector(it.connector).source(it.options, now, name)
        journal = KafkaJournal(self.conf, f"source.{name}", self.ids)
        return Pull(name, it.party, self.read_tables(name), source, journal, now, feeds=self.feeds(name))

    def feeds(self, name: str) -> Sequence[Topic]:
        """The decisions in one order that a connection has a part in."""
        return fed_by(self.settings, name)

    def read_tables(self, name: str) -> Mapping[str, EntityMap]:
        """The mapping tables of what is read from a connection: of a partner accounts only, unless it says otherwise."""
        it, tables = self.settings.connection(name), self.tables(name)
        readable = [entity for entity, table in tables.items() if table.reads]
        for entity in it.reads or ():
            if entity not in readable:
                raise ConfigError(
                    f"[connections.{name}] reads {entity!r}, which mappings/{it.connector}.toml does not;"
                    f" it reads {', '.join(readable)}"
                )
        wanted = (
            it.reads if it.reads is not None else (self._usual(name, readable) if it.party == "us" else ("account",))
        )
        return {entity: tables[entity] for entity in readable if entity in wanted}

    def _usual(self, name: str, readable: Sequence[str]) -> Sequence[str]:
        """What is read where nothing is said: of a CRM that has no part in partner management, nothing of that."""
        apart = "account" in readable and name not in self.settings.partners.connections
        return [entity for entity in readable if not (apart and entity in PARTNER_ENTITIES)]

    def sink(self, name: str) -> Sink:
        """Where the writes of a connection go."""
        it = self._with_role(name, "sink")
        if name not in self.settings.sinks:
            raise ConfigError(
                f"connection {name!r} is a partner's and takes nothing. Remedy: name ours in overlaps_from, or leave it so"
            )
        made: Sink = connector(it.connector).sink(it.options, now, name)
        return made

    def push(self, name: str) -> Push:
        """The push loop of a connection."""
        return self.push_until(name, lambda log: log)[0]

    def push_until(self, name: str, bounded: Callable[[Log], Bounded]) -> tuple[Push, Bounded]:
        """The push loop over a log that is put behind another one, and that one."""
        sink = self.sink(name)
        writable = {entity: table for entity, table in self.tables(name).items() if table.writes}
        self.admin.ensure(self.topics)
        log = bounded(KafkaLog(self.conf, f"sink.{name}", topics.writes(name).name, f"sink-{name}", self.ids))
        return Push(name, writable, sink, log, now, feeds=self.feeds(name)), log

    def _with_role(self, name: str, role: str) -> Connection:
        it = self.settings.connection(name)
        if not hasattr(connector(it.connector), role):
            raise ConfigError(
                f"connection {name!r} has no {role}: the connector {it.connector!r} cannot be used as one"
            )
        return it

    def lanes(self, number: int) -> list[tuple[str, Callable[[], Lane]]]:
        """What a stream worker runs: each lane's name, and how it is opened (which joins its group)."""
        data = self.settings.data / "state" / f"stream-{number}"
        data.mkdir(parents=True, exist_ok=True)
        stores = rocks_in(data) if self.settings.streams.state == "rocksdb" else in_memory
        return [(step.name, self._opener(step, number, stores)) for step in self._steps]

    def _opener(self, step: Step, number: int, stores: OpenStore) -> Callable[[], Lane]:
        def open_lane() -> Lane:
            journal = KafkaLog(self.conf, step.name, step.topic.name, f"stream-{number}", self.ids)
            return Lane(step, journal, stores, self.settings.streams.batch)

        return open_lane


def run_source(deployment: Deployment, name: str, stop: threading.Event, once: bool = False) -> int:
    """Pull until told to stop, or once until caught up; returns how many changes were published."""
    interval = deployment.settings.connection(name).interval
    with closing(deployment.pull(name)) as pull:
        if once:
            return pull.once()
        while not stop.is_set():
            pull.patiently(stop)
            stop.wait(interval)
        return pull.stats.changes
