"""The tables of a deployment's configuration file, each key with its meaning, default and example; nothing is read here."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

EMBEDDED = "embedded"


class Section(BaseModel):
    """A table of the configuration file. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Kafka(Section):
    """Where the topics live."""

    bootstrap: str = Field(
        default=EMBEDDED,
        description="`embedded` starts the bundled broker; otherwise host:port of any Kafka, several with commas.",
        examples=["embedded", "broker-1:9092,broker-2:9092"],
    )
    options: dict[str, str | int | float | bool] = Field(
        default_factory=dict,
        description="librdkafka settings, passed on as they are: SASL, TLS, timeouts.",
        examples=[{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": "env:KAFKA_USER"}],
    )
    partitions: int = Field(
        default=4, ge=1, description="Partitions of each topic: the most workers that can share a lane."
    )
    replication: int = Field(default=1, ge=1, description="Replicas of each topic: 3 on a cluster of three or more.")


class Streams(Section):
    """The stream workers."""

    workers: int = Field(default=1, ge=1, le=32, description="Worker processes that `tandem up` starts.")
    state: Literal["rocksdb", "memory"] = Field(
        default="rocksdb", description="Where keyed state is cached: on disk, or in memory only."
    )
    batch: int = Field(default=2000, ge=1, description="Most records in one transaction.")
    web_host: str = Field(
        default="127.0.0.1",
        description="Address that the web server listens on; 0.0.0.0 in a container, behind its network's walls.",
        examples=["0.0.0.0"],  # noqa: S104  an example, not the default
    )
    web_port: int = Field(
        default=0, ge=0, le=65535, description="Port of the first worker's web server (metrics, health); 0: none."
    )


class Matching(Section):
    """Account mapping: which accounts we and our partners share."""

    model: Path | None = Field(
        default=None,
        description="A model that `tandem model train` has written; none: the shipped one. A change needs a restart, and "
        "holds for what is decided from then on.",
        examples=["model.toml"],
    )
    write: Literal["shown", "linked"] = Field(
        default="shown",
        description="The overlaps that are written to our CRM: all that are shown, each with its band, so that a rep sees "
        "what is to be confirmed, or only those that are sure (`linked`) or that a person has confirmed.",
    )


class Reconcile(Section):
    """Keeping the records of our own systems in step; `mappings/ownership.toml` says which system wins a field."""

    connections: tuple[str, ...] = Field(
        default=(),
        description="Our connections that are kept in step with each other; none: nothing is reconciled.",
        examples=[["our-crm", "our-hubspot"]],
    )
    window_s: float = Field(
        default=300.0,
        ge=0,
        description="Edits of one field in two systems within so many seconds are a conflict that is shown.",
    )
    clock_skew_s: float = Field(
        default=120.0, ge=0, description="How far a vendor's clock is believed to be ahead of Tandem's own, at most."
    )
    max_deleted_share: float = Field(
        default=0.05, gt=0, le=1, description="Deletions of a larger share of a system's records wait for a person."
    )
    max_deleted: int = Field(default=20, ge=1, description="So many deletions never wait, whatever their share.")


class Offers(Section):
    """Tying our deals to private offers and co-sell opportunities; `mappings/offers.toml` holds the rules."""

    deals: tuple[str, ...] = Field(
        default=(),
        description="Our CRMs whose deals are tied to private offers; of a deal in several the first one leads.",
        examples=[["our-crm", "our-hubspot"]],
    )
    marketplace: str | None = Field(
        default=None, description="Our connection to a cloud marketplace.", examples=["our-aws"]
    )
    partner_central: str | None = Field(
        default=None, description="Our connection to the co-sell system of the same cloud.", examples=["our-ace"]
    )

    @property
    def clouds(self) -> tuple[str, ...]:
        """The connections to the cloud vendor."""
        return tuple(name for name in (self.marketplace, self.partner_central) if name is not None)

    @property
    def connections(self) -> tuple[str, ...]:
        """Every connection that has a part in it; none where there is no marketplace."""
        return (*self.deals, *self.clouds) if self.deals and self.clouds else ()


class Partners(Section):
    """What passes between us and our partners: enablement, lead routing, deal registration, attribution.

    `mappings/tiers.toml`, `routing.toml`, `engagement.toml` and `attribution.toml` hold the rules.
    """

    crms: tuple[str, ...] = Field(
        default=(),
        description="Our CRMs, whose partners, leads, deals and registrations count; deals are made in the first one.",
        examples=[["our-crm"]],
    )
    prms: tuple[str, ...] = Field(
        default=(), description="Our PRMs and portals, where partners register and take leads.", examples=[["our-prm"]]
    )
    learning: tuple[str, ...] = Field(
        default=(), description="Our learning systems, where partners' people are trained.", examples=[["our-lms"]]
    )
    networks: tuple[str, ...] = Field(
        default=(), description="Account mapping networks whose signals count as touches.", examples=[["our-crossbeam"]]
    )

    @property
    def connections(self) -> tuple[str, ...]:
        """Every connection that has a part in it."""
        return tuple(dict.fromkeys((*self.crms, *self.prms, *self.learning, *self.networks)))


class Ledger(Section):
    """The SQL database that answers questions: what happened to a record, and why."""

    url: str = Field(
        default="",
        description="SQLAlchemy address of a PostgreSQL or SQLite database; empty: SQLite in the data folder.",
        examples=["postgresql+psycopg://tandem:secret@db/tandem", "env:TANDEM_LEDGER"],
    )
    enabled: bool = Field(default=True, description="Whether `tandem up` keeps it.")


class Connection(Section):
    """One system that Tandem is connected to. Further keys are the connector's own."""

    connector: str = Field(description="Which connector.", examples=["salesforce", "partner_list"])
    party: str = Field(
        default="us",
        pattern=r"^(us|partner:[a-z][a-z0-9-]*)$",
        description="Whose system it is: `us`, or `partner:<key>`.",
        examples=["us", "partner:acme"],
    )
    name: str | None = Field(default=None, description="What reps call this partner.", examples=["Acme Cloud"])
    interval: float = Field(default=5.0, gt=0, description="Seconds between two looks for changes.")
    reads: tuple[str, ...] | None = Field(
        default=None,
        description="The entities to read; without it all that the mapping reads, of a CRM without a part in [partners] "
        "no partners and registrations, and of a partner's system accounts only.",
        examples=[["account", "contact"]],
    )
    hold: bool = Field(
        default=False,
        description="Whether its writes wait: `tandem plan` shows them, `tandem apply` does what a plan says.",
    )
    overlaps_from: str | None = Field(
        default=None,
        description="For a partner's system: write into it the overlaps with the accounts of this connection of ours.",
        examples=["our-crm"],
    )
    options: Any = Field(default=None, exclude=True, repr=False, description="The connector's own keys, set by `load`.")
