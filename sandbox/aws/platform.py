"""An emulated AWS as one object: its world, its bus, its keys, its quotas and its faults; it opens no socket."""

from __future__ import annotations

from collections import Counter
from random import Random

from .bus import Bus
from .core import Clock, World
from .settings import AwsSettings
from .wire.faults import Faults
from .wire.identity import Keys
from .wire.limits import Limits


class Platform:
    """The state of one emulated AWS. The services are put into `world` by `build`."""

    def __init__(self, settings: AwsSettings) -> None:
        self.settings = settings
        self.clock = Clock(settings.clock)
        chance = Random(settings.seed)
        self.bus = Bus(self.clock, Random(f"{settings.seed}:bus"), settings.account, settings.region, settings.delivery)
        self.world = World(self.clock, self.bus.emit, chance, settings.account, settings.region)
        self.keys = Keys(settings.keys, settings.account)
        self.limits = Limits(self.clock, settings.limits)
        self.faults = Faults(settings.faults, settings.seed)
        self.calls: Counter[str] = Counter()
        self._numbers = Random(f"{settings.seed}:requests")

    def tick(self) -> None:
        """Does what has become due by the clock."""
        self.world.tick()
        self.bus.tick()

    def request_id(self) -> str:
        raw = f"{self._numbers.getrandbits(128):032x}"
        return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
