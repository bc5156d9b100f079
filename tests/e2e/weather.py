"""Bad weather between the systems of a channel, drawn by chance: calls that fail, processes that die, commits sent back."""

from random import Random

from sandbox.moodle.faults import SiteFault
from sandbox.partnerstack.faults import StackFault
from sandbox.salesforce.faults import FaultRule, rules_of
from schemas.log import Aborted
from tests.e2e.channel import CRM, LMS, PRM, Channel
from tests.support.memory_log import Crash

OFTEN = ("reset_before", "reset_after", "unavailable")
LOST = ("reset_after", "timeout_after", "too_many_requests")  # two of three: done, and nobody knows


class Weather:
    """What befalls a channel; `clears` ends it."""

    def __init__(self, it: Channel, chance: Random) -> None:
        self.it, self.chance = it, chance

    def breaks(self) -> None:
        """Some of the next calls fail, some of them after they have been done."""
        nth, org = [self.chance.randrange(1, 12), self.chance.randrange(1, 12)], self.it.org.org
        match self.chance.choice([CRM, PRM, LMS, "writes"]):
            case "writes":
                method = self.chance.choice(["POST", "PATCH"])
                self._prm(self.chance.choice(LOST), method=method, nth=[1, 2])
                rules = rules_of([{"kind": self.chance.choice(OFTEN), "method": "POST", "nth": [1]}], FaultRule)
                self.it.org.call(lambda: org.faults.arm(rules))
            case name if name == LMS:
                kind = self.chance.choice([*OFTEN, "crash"])
                self.it.site.arm(*rules_of([{"kind": kind, "nth": nth}], SiteFault))
            case name if name == CRM:
                kind = self.chance.choice([*OFTEN, "too_many_requests", "lock_row"])
                rules = rules_of([{"kind": kind, "nth": nth}], FaultRule)
                self.it.org.call(lambda: org.faults.arm(rules))
            case _:
                self._prm(self.chance.choice([*OFTEN, *LOST, "no_json"]), nth=nth)

    def _prm(self, kind: str, **more: object) -> None:
        account = self.it.program.account
        rules = rules_of([{"kind": kind, "retry_after": 2, **more}], StackFault)
        self.it.program.call(lambda: account.faults.arm(rules))

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
        self.rests(60)

    def rests(self, seconds: float) -> None:
        """All that is left is done; time passes, and what follows from that is done as well."""
        self.it.runs(rounds=80)
        self.it.wait(seconds)
        self.it.runs(rounds=80)
