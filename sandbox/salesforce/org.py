"""One emulated org: schema, store, users, sessions, limits, faults, clock and change log; it knows no HTTP."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from . import ids
from .auth import Auth, ConnectedApp
from .bulk.jobs import Jobs
from .cursors import MAX_BATCH, Cursors
from .dml import Dml
from .faults import FaultRule, Faults
from .limits import ApiUsage
from .metadata import setup, sfdx
from .metadata.model import ObjectDef, Row
from .metadata.standard import standard_schema
from .pubsub.log import OVERFLOW_AFTER, ChangeLog
from .pubsub.mischief import Mischief
from .pubsub.topics import channels
from .rules.gate import Gate
from .store import Store
from .times import AdjustableClock, Clock, wall_clock
from .triggers import Trigger

ADMIN = "admin@tandem.example"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that makes an org. `accounts` is a CSV, `data` JSON lines, `sfdx` a package folder.

    `captured` are the objects with change events where the package selects none. A stream that owes events and has
    none speaks after `pubsub_keepalive` seconds; one that owes none ends after `pubsub_idle` (both by the machine's
    clock). `overflow_after` is the number of changes in a transaction after which GAP_OVERFLOW takes over.
    """

    seed: int = 0
    clock: Clock = wall_clock
    app: ConnectedApp = field(default_factory=ConnectedApp)
    sfdx: Path | None = None
    accounts: Path | None = None
    data: Path | None = None
    faults: Sequence[FaultRule] = ()
    api_limit: int = 15000
    api_used: int = 0
    page_size: int = MAX_BATCH
    captured: Sequence[str] = ("Account", "Contact", "Lead", "Opportunity")
    triggers: Sequence[Trigger] = ()
    pubsub_keepalive: float = 270.0
    pubsub_idle: float = 60.0
    overflow_after: int = OVERFLOW_AFTER


class Stream(Protocol):
    """An open subscription, for whoever looks at the org from outside."""

    topic: str
    pending: int


class Org:
    """The state that requests act on; `build` in `seeding` also fills it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = AdjustableClock(settings.clock)
        self.random = random.Random(settings.seed)
        self.id = ids.make("00D", 1)
        self.schema = standard_schema()
        if settings.sfdx is not None:
            sfdx.load(settings.sfdx, self.schema)
        for one in (setup.record_type_object(), *setup.permission_objects()):
            self.schema.add(one)
        self.store = Store(self.schema)
        self.faults = Faults(settings.faults, settings.seed)
        self.gate = Gate.open(self.store, self.clock, self.faults)
        self.dml = Dml(self.store, self.clock, self.gate)
        self.dml.triggers = list(settings.triggers)
        self.mischief = Mischief()
        self.streams: list[Stream] = []
        self.changes = ChangeLog(
            self.schema, channels(self.schema, settings.sfdx, settings.captured), self.clock, settings.seed
        )
        self.changes.overflow_after = settings.overflow_after
        self.store.on_commit = self.changes.commit
        self.clock.on_advance = self.changes.notify
        self.jobs = Jobs(self.clock, self.faults)
        self.usage = ApiUsage(settings.api_limit, settings.api_used, self.clock)
        self.cursors = Cursors(settings.page_size)
        self.auth = Auth(settings.app, self.id, self.find_user, self.clock, random.Random(f"{settings.seed}:tokens"))
        self.admin_id = self.add_user(ADMIN, "Ada", "Admin")
        self.integration_id = self.add_user(settings.app.run_as, "Tandem", "Integration")
        for name in setup.permission_sets(settings.sfdx):
            self.assign(name, self.integration_id)
        for sobject in self.schema:
            self._add_record_types(sobject)

    def find_user(self, username: str) -> str | None:
        user = self.schema.require("User")
        by_name = user.field("Username")
        assert by_name is not None
        found = self.store.find("User", by_name, username)
        active = [one for one in found if (row := self.store.get("User", one)) and row["IsActive"]]
        return active[0] if active else None

    def user_id(self, name_or_id: str) -> str:
        """The id of a user given by Username or by id; raises KeyError for neither."""
        found = self.find_user(name_or_id)
        full = ids.normalise(name_or_id)
        if found is None and (full is None or self.store.get("User", full) is None):
            raise KeyError(name_or_id)
        return found or str(full)

    def _add_record_types(self, sobject: ObjectDef) -> None:
        for one in sobject.record_types:
            row: Row = {
                "Name": one.label,
                "DeveloperName": one.name,
                "SobjectType": sobject.name,
                "IsActive": one.active,
            }
            self.dml.insert(self.schema.require("RecordType"), row, self.admin_id)

    def record_type(self, sobject: str, name: str) -> str:
        """The id of a record type by the API's name; raises KeyError."""
        for row in self.store.rows("RecordType"):
            if (row["SobjectType"], row["DeveloperName"]) == (sobject, name):
                return str(row["Id"])
        raise KeyError(f"{sobject}.{name}")

    def assign(self, permission_set: str, user_id: str) -> str:
        """Makes a permission set and gives it to a user; returns the id of the assignment."""
        named, given = self.schema.require("PermissionSet"), self.schema.require("PermissionSetAssignment")
        set_id = self.dml.insert(named, {"Name": permission_set, "Label": permission_set}, self.admin_id)
        return self.dml.insert(given, {"PermissionSetId": set_id, "AssigneeId": user_id}, self.admin_id)

    def add_user(self, username: str, first_name: str, last_name: str) -> str:
        """The id of a new active user."""
        record_id = self.store.next_id("User")
        creator = self.find_user(ADMIN) or record_id  # the first user is its own creator
        alias = (first_name[:1] + last_name)[:8].lower()
        given = {"Username": username, "FirstName": first_name, "LastName": last_name, "Email": username}
        self.dml.insert(self.schema.require("User"), {**given, "IsActive": True, "Alias": alias}, creator, record_id)
        return record_id
