"""How badly EventBridge delivers, by seed: lost, twice, late and out of order. It holds no event itself."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Delivery:
    """Chances are 0 to 1, times are seconds of the emulated clock. The default is a bus without a flaw."""

    drop: float = 0.0  # chance that an event never comes
    twice: float = 0.0  # chance that it comes a second time, with the same id
    late: float = 0.0  # chance that it comes late
    late_by: float = 60.0  # at most so late
    shuffle: float = 0.0  # each event is held up to so long, so that neighbours change places

    def __post_init__(self) -> None:
        for name in ("drop", "twice", "late"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a chance from 0 to 1, not {getattr(self, name)!r}")
        for name in ("late_by", "shuffle"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is a time of 0 or more seconds, not {getattr(self, name)!r}")

    def delays(self, chance: Random) -> tuple[float, ...]:
        """How long after the event each of its deliveries comes; none: it is lost. Draws the same numbers always."""
        drawn = [chance.random() for _ in range(6)]
        if drawn[0] < self.drop:
            return ()
        first = drawn[1] * self.shuffle + (drawn[3] * self.late_by if drawn[2] < self.late else 0.0)
        if drawn[4] >= self.twice:
            return (first,)
        return (first, first + drawn[5] * max(self.shuffle, self.late_by if self.late else 0.0))
