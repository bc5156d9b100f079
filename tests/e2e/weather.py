"""Bad weather between the systems of a channel, drawn by chance: calls that fail, processes that die, commits sent back."""

from random import Random

from sandbox.moodle.faults import SiteFault
from sandbox.partnerstack.faults import StackFault
from sandbox.salesforce.faults import FaultRule
from schemas.log import Aborted
from tests.e2e.channel import CRM, PRM, Channel
from tests.support.memory_log import Crash

BEFORE, AFTER = ("reset_before", "unavailable"), ("reset_after",)


class Weather:
    """What befalls a channel; `clears` ends it."""

    def __init__(self, it: Channel, chance: Random) -> None:
        self.it, self.chance = it, chance

    def breaks(self) -> None:
        """Some of the next calls fail, some of them after they have been done."""
        nth = (self.chance.randrange(1, 12), self.chance.randrange(1, 12))
        match self.chance.choice([CRM, PRM, "writes", "lms"]):
            case "writes":
                late = self.chance.choice(["reset_after", "timeout_after", "too_many_requests"])
                method = self.chance.choice(["POST", "PATCH"])
                prm = StackFault(kind=late, method=method, nth=(1, 2), times=2, retry_after=2)
                crm = FaultRule(kind=self.chance.choice(["reset_after", "unavailable"]), method="POST", nth=(1,))
                self.it.program.call(lambda: self.it.program.account.faults.arm([prm]))
                self.it.org.call(lambda: self.it.org.org.faults.arm([crm]))
            case "lms":
                self.it.site.arm(SiteFault(kind=self.chance.choice([*BEFORE, *AFTER, "crash"]), nth=nth))
            case name if name == CRM:
                rule = FaultRule(kind=self.chance.choice([*BEFORE, *AFTER, "too_many_requests", "lock_row"]), nth=nth)
                self.it.org.call(lambda: self.it.org.org.faults.arm([rule]))
            case _:
                kind = self.chance.choice([*BEFORE, *AFTER, "too_many_requests", "no_json", "timeout_after"])
                rule_ = StackFault(kind=kind, nth=nth, retry_after=2)
                self.it.program.call(lambda: self.it.program.account.faults.arm([rule_]))

    def dies(self) -> None:
        """The process that commits next dies or is sent back, before or after it; then all start anew."""
        what = self.chance.choice(["die-before", "die-after", "die-after", "abort"])
        self.it.broker.faults = [None] * self.chance.randrange(6) + [what]
        self.works()

    def works(self) -> None:
        parts = [self.it.looks, self.it.decides, self.it.sends]
        self.chance.shuffle(parts)
        try:
            for part in parts[: self.chance.randrange(1, 4)]:
                part()
        except Crash:
            self.it.broker.faults = []
            self.it.start()
        except Aborted:
            self.it.broker.faults = []
        self.it.wait(self.chance.choice((1, 3)))

    def clears(self) -> None:
        """Fair weather, until everything is at rest."""
        self.it.broker.faults = []
        self.it.org.call(lambda: self.it.org.org.faults.arm(()))
        self.it.program.call(lambda: self.it.program.account.faults.arm(()))
        self.it.site.arm()
        self.it.start()
        self.it.runs(rounds=80)
        self.it.wait(60)
        self.it.runs(rounds=80)
