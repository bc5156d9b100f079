"""The cursors of a captured connection as texts: the stream's place and each object's walk; they never ask anything."""

import json
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from connectors.base import STREAM, place

STREAM_SLOT, WALK = "stream", "walk"
STREAM_PLACE = place(STREAM, STREAM_SLOT)


class StreamCursor(NamedTuple):
    """Where the stream was left.

    `replay` is the opaque position after the last transaction that was told whole (None: there is none yet), `since`
    the commit time up to which nothing is missing (epoch ms by the org's clock), `bound` at least the highest version
    told, `step` how much of the following transaction was told: it makes each cursor differ from the one before.
    """

    replay: bytes | None
    since: int
    bound: int
    step: int = 0

    @classmethod
    def parse(cls, text: str) -> "StreamCursor":
        """The value of the stream's slot."""
        replay, since, bound, step = text.split()
        return cls(None if replay == "-" else bytes.fromhex(replay), int(since), int(bound), int(step))

    def text(self) -> str:
        """The value for the stream's slot."""
        replay = "-" if self.replay is None else self.replay.hex()
        return f"{replay} {self.since} {self.bound} {self.step}"


@dataclass(frozen=True, slots=True)
class WalkState:
    """How far the reading of one object by query has come.

    `digest` is that of the mapping (empty: the object has left the stream), `since` the stamp from which on it reads
    (epoch ms; None: everything), `at` the last record told (`stamp id`). A bulk query has its `job`, the `locator` of
    the page and the rows told of it (`row`). `told` and `of` count records. `then` asks for another walk from that
    stamp after this one. `paged` says that bulk does not work here. `bound` is at least the highest version told.
    """

    digest: str = ""
    since: int | None = None
    at: str = ""
    job: str = ""
    locator: str = ""
    row: int = 0
    told: int = 0
    of: int = 0
    then: int | None = None
    paged: bool = False
    done: bool = False
    bound: int = 0

    @classmethod
    def parse(cls, text: str) -> "WalkState":
        """The value of a `walk` slot."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """The value for a `walk` slot: only what says something."""
        said = {name: getattr(self, name) for name in BLANK}
        return json.dumps({name: value for name, value in said.items() if value != BLANK[name]})

    def again(self, since: int) -> "WalkState":
        """This walk, and after it all from a stamp on; a walk that is done begins there."""
        if self.done:
            return WalkState(self.digest, since=since, paged=self.paged)
        return replace(self, then=since if self.then is None else min(self.then, since))

    def finished(self) -> "WalkState":
        """What comes after the last record."""
        if self.then is not None:
            return WalkState(self.digest, since=self.then, paged=self.paged)
        return WalkState(self.digest, done=True)


BLANK = asdict(WalkState())  # a text is made for each record of a walk
