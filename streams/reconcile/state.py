"""The rows that reconciliation remembers, and their names; it holds no logic but what a row says of itself.

All rows stand under one key: `record/<ref>` what is known of a record, `group/<entity>/<key>` which records are one
thing, `key/<entity>/<link key>` who holds a link key, `contest/<ref>` who claims a record, `conflict/<id>` what is shown
as open, `child/<ref>|<ref>` who points to whom, `todo/...` what is still to be linked, `tally/...` and `held/...` for
mass deletions, `heir/<ref>` what a merged record left to one that is not known yet, `meta`.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from schemas.messages import CaughtUp, ConflictFound, LinkRule

FIRM = (LinkRule.EXPLICIT, LinkRule.EXTERNAL_ID)
EVERYBODY = 100  # so many holders of a link key are remembered; more say that the key tells nothing


class Row(BaseModel):
    """A row; it is never changed, only replaced."""

    model_config = ConfigDict(frozen=True)


class Sent(NamedTuple):
    """One send of a value: its number, what the system holds after it, and the time and answers of the value."""

    seq: int
    held: JsonValue
    at: int
    hops: int


class Said(NamedTuple):
    """What an edit left in a field: the value, its time and its answers."""

    value: JsonValue
    at: int
    hops: int


class Send(Row):
    """What was last sent to one field of a record.

    `last` is the value asked for. `open` are the sends without a known end, oldest first.
    `flight`: believed to be on its way. `settled`: the org made something else of it and is left alone.
    """

    last: JsonValue
    open: tuple[Sent, ...] = ()
    flight: bool = False
    settled: bool = False
    tries: int = 0
    passed: int = 0  # the sends up to this one were passed over by an edit


class Known(Row):
    """One record: its values as last seen, when each was really changed (epoch ms), and what was sent to it."""

    t: Literal["record"] = "record"
    connection: str
    entity: str
    record_id: str
    version: int
    alive: bool = True
    values: dict[str, JsonValue] = {}
    at: dict[str, int] = {}  # a field that was first seen blank has none: nobody is known to have emptied it
    hops: dict[str, int] = {}  # how many answers of automations led to the value; 0 is left out
    sends: dict[str, Send] = {}
    undone: dict[str, Said] = {}  # the last edit of a field, where a write of ours that it had passed over landed on it
    seq: int = 0  # counts the writes sent to it
    sent_hops: int = 0  # of the last write
    wrote_at: int = 0  # when the system last showed a write of ours, by its own clock
    keys: tuple[str, ...] = ()
    group: str | None = None
    ruled: bool = False  # a person said so
    apart: tuple[str, ...] = ()  # records that a person has ruled to be something else
    contests: tuple[str, ...] = ()  # the records whose contest it takes part in

    @property
    def ref(self) -> str:
        """The record's name."""
        return f"{self.connection}/{self.entity}/{self.record_id}"

    def meant(self, name: str) -> "Known":
        """The record as its people left the field: with the edit that a late write of ours has undone."""
        said = self.undone.get(name)
        if said is None:
            return self
        update = {"values": said.value, "at": said.at, "hops": said.hops}
        return self.model_copy(update={each: {**getattr(self, each), name: it} for each, it in update.items()})


class Group(Row):
    """One thing: which record of which connection stands for it."""

    t: Literal["group"] = "group"
    entity: str
    key: str
    members: dict[str, str] = {}
    firm: tuple[str, ...] = ()  # the records that say themselves, or of which a person says, what they are linked with
    rule: LinkRule | None = None
    confidence: float = 1.0
    reasons: tuple[str, ...] = ()
    creating: dict[str, dict[str, JsonValue]] = {}  # what was sent to make a record, by connection
    gone: dict[str, str] = {}  # where its record was deleted: by "them", or by "us" following a policy
    open: tuple[str, ...] = ()  # ids of the conflicts that are shown of it

    @property
    def name(self) -> str:
        """The name of its row."""
        return group_name(self.entity, self.key)


class Holders(Row):
    """Who holds a link key; `hot` once too many did, for good."""

    t: Literal["holders"] = "holders"
    refs: tuple[str, ...] = ()
    hot: bool = False


class Contest(Row):
    """The records that claim one, by who says so; `weak` are those who claim what is surely another's counterpart."""

    t: Literal["contest"] = "contest"
    claims: dict[str, tuple[str, ...]] = {}
    weak: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class Shown(Row):
    """A conflict that is shown as open."""

    t: Literal["shown"] = "shown"
    conflict: ConflictFound


class Tally(Row):
    """The living records of one entity of one connection, and the deletions of the last hour by minute."""

    t: Literal["tally"] = "tally"
    alive: int = 0
    deleted: dict[int, int] = {}
    stopped: bool = False


class Held(Row):
    """Counterparts that would be archived, had not too many been deleted."""

    t: Literal["held"] = "held"
    refs: tuple[str, ...]
    group: str
    cause: str
    at: AwareDatetime


class Refs(Row):
    """Some records."""

    t: Literal["refs"] = "refs"
    refs: tuple[str, ...] = ()


class Mark(Row):
    """A row whose name says everything."""

    t: Literal["mark"] = "mark"


class Meta(Row):
    """Which entities of which connection have been told from the beginning, and a word to go on with."""

    t: Literal["meta"] = "meta"
    caught: dict[str, tuple[str, ...]] = {}
    word: CaughtUp | None = None


AnyRow = Known | Group | Holders | Contest | Shown | Tally | Held | Refs | Mark | Meta
ROW: TypeAdapter[Row] = TypeAdapter(Annotated[AnyRow, Field(discriminator="t")])
META = "meta"
MARK = Mark()


def record_name(ref: str) -> str:
    """The row of a record."""
    return f"record/{ref}"


def group_name(entity: str, key: str) -> str:
    """The row of a group."""
    return f"group/{entity}/{key}"


def entity_of(ref: str) -> str:
    """The entity in a record's name."""
    return ref.split("/", 2)[1]


def millis(moment: datetime) -> int:
    """Epoch milliseconds."""
    return round(moment.timestamp() * 1000)


def clock(at: int) -> str:
    """Epoch milliseconds as a person reads them."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
