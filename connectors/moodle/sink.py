"""Writes learners and puts them on learning paths, one outcome each; it never removes anything."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from pydantic import JsonValue

from connectors.base import Budget, Outcome
from connectors.combining import as_one
from connectors.moodle.client import Client
from connectors.moodle.learners import Learners
from connectors.moodle.paths import Paths
from connectors.moodle.settings import Settings
from connectors.moodle.site import Site
from mappings.table import EntityMap
from schemas.messages import Write


class MoodleSink:
    """A `connectors.base.Sink`. Every write may come again: it looks first at what is there."""

    batch_size = 100

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        site = Site(Client(settings))
        self._writers: Mapping[str, Learners | Paths] = {
            "learner": Learners(settings, site),
            "path_enrollment": Paths(settings, site),
        }

    def budget(self) -> Budget | None:
        """Moodle has no quota, and what is written is needed."""
        return None

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`."""
        if not batch:
            return []
        entity = batch[0].entity
        return as_one(batch, partial(self._writers[entity].write, tables[entity]))

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`."""
        return self._writers[table.entity].look(table, batch)
