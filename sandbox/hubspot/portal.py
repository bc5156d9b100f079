"""One emulated portal: schema, records, associations, journal, limits, faults and clock, built from settings."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .associations import Associations
from .auth import App, Auth
from .automation import Automation
from .crm import Crm
from .faults import Faults, PortalFault
from .index import Index
from .journal import Journal
from .limits import Limits
from .push import Push
from .schema import Schema
from .search import Searcher
from .store import Actor, Store
from .times import AdjustableClock, Clock, wall_clock

USER = Actor("CRM_UI", "userId:101")


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Everything that makes a portal. A limit of None is none; times are in seconds of the portal's clock.

    `required` names properties, by object type id, that an admin has made required: enforced from 2026-09 on.
    """

    seed: int = 0
    clock: Clock = wall_clock
    portal_id: int = 62515
    app: App = field(default_factory=App)
    companies: Path | None = None
    enterprise: bool = True
    faults: Sequence[PortalFault] = ()
    private_burst: int | None = 190
    oauth_burst: int | None = 110
    daily_limit: int | None = 650_000
    search_per_second: int | None = 5
    journal_per_second: int | None = 100
    index_lag: float = 0.0
    clock_skew: float = 0.0
    ids_as_text: bool = True
    short_pages: bool = False
    merge_makes_new_record: bool = True
    association_reads: int = 100
    max_url: int = 8000
    journal_delay: float = 0.0
    journal_page: int = 10_000
    journal_url_life: float = 300.0
    first_id: int = 9996  # ids of four and of five digits meet early
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Portal:
    """The state that requests act on; `build` in `seeding` also fills it."""

    def __init__(self, settings: PortalSettings) -> None:
        self.settings, self.id = settings, settings.portal_id
        self.clock = AdjustableClock(settings.clock)
        self.random = random.Random(settings.seed)
        self.schema = Schema(self.id, self.clock, settings.enterprise)
        self.store = Store(settings.first_id)
        self.crm = Crm(self.schema, self.store, self.clock, self.id, settings.seed)
        self.crm.skew = settings.clock_skew
        self.associations = Associations(self.crm)
        self.index = Index(self.store, self.clock, 0.0)
        self.searcher = Searcher(self.index, settings.seed, settings.ids_as_text, settings.short_pages)
        self.journal = Journal(
            self.schema, self.clock, self.id, settings.app.app_id, settings.seed,
            settings.journal_delay, settings.journal_page,
        )  # fmt: skip
        self.push = Push(self.schema, self.clock, self.id, settings.app.app_id, settings.seed)
        self.automation = Automation(self.crm)
        # The automation comes last: everybody has heard of a change before it makes another one.
        for one in (self.associations, self.index, self.journal, self.push, self.automation):
            self.crm.feed.listen(one.heard)
        self.auth = Auth(settings.app, self.id, self.clock, settings.seed)
        self.limits = Limits(
            self.clock, settings.private_burst, settings.oauth_burst, settings.search_per_second, settings.daily_limit,
            settings.journal_per_second,
        )  # fmt: skip
        self.faults = Faults(settings.faults, settings.seed)
        self.calls: Counter[str] = Counter()

    @property
    def integration(self) -> Actor:
        """The app, as the source of a change."""
        return Actor("INTEGRATION", str(self.settings.app.app_id))
