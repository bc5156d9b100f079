"""Writes learners and puts them on paths and into courses, one outcome each; it never removes anything."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from pydantic import JsonValue

from connectors.base import Budget, Outcome
from connectors.combining import as_one
from connectors.skilljar.academy import Academy
from connectors.skilljar.client import Client
from connectors.skilljar.learners import Learners
from connectors.skilljar.paths import Paths
from connectors.skilljar.settings import Settings
from mappings.table import EntityMap
from schemas.messages import Write


class SkilljarSink:
    """A `connectors.base.Sink`. Every write may come again: it looks first at what is there."""

    batch_size = 50  # each learner takes up to three calls, and a batch begins anew when a minute's are used up

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client = Client(settings, clock)
        academy = Academy(self._client, settings.domain)
        self._writers: Mapping[str, Learners | Paths] = {
            "learner": Learners(academy),
            "path_enrollment": Paths(academy, clock),
        }

    def budget(self) -> Budget | None:
        """The hour's calls of this process."""
        return self._client.budget()

    def write(self, tables: Mapping[str, EntityMap], batch: Sequence[Write]) -> Sequence[Outcome]:
        """See `connectors.base.Sink.write`."""
        if not batch:
            return []
        entity = batch[0].entity
        return as_one(batch, partial(self._writers[entity].write, tables[entity]))

    def look(self, table: EntityMap, batch: Sequence[Write]) -> Sequence[Mapping[str, JsonValue] | None]:
        """See `connectors.base.Sink.look`."""
        return self._writers[table.entity].look(table, batch)
