"""The emulated AWS Marketplace Catalog API: what `marketplace-catalog` of boto3 talks to; quotas are the wire's.

Not documented by AWS, so decided here: a token that comes again with another request is a ValidationException; a token
of a failed change set still gives that change set; cancelling too late is a ResourceInUseException.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..core import Shape, World
from . import seeds
from .changes.bench import Bench
from .changesets import HISTORY, ChangeSet, advance, end, tell_releases
from .console import Console
from .details import described
from .entities import Entity, fresh
from .errors import blame, in_use, not_found, validation
from .history import listed_change_sets
from .listing import listed, summary
from .requests import admit, read

if TYPE_CHECKING:
    from .agreements import Agreements
    from .contracts import Agreement

CATALOG = "AWSMarketplace"


class Pace(Protocol):
    """How long a change set stays PREPARING and then APPLYING, in seconds of the clock."""

    @property
    def change_set_preparing(self) -> float: ...
    @property
    def change_set_applying(self) -> float: ...


class Catalog:
    """`entities` and `change_sets` are all that there is, of this account and of others, by id.

    `faults` is how many of the next change sets fail by AWS's own fault; `unknown_accounts` are buyers that AWS does
    not know; `legal_names` are what accounts are called.
    """

    name = "marketplace-catalog"

    def __init__(self, world: World, settings: Pace) -> None:
        self.world, self.settings = world, settings
        self.entities: dict[str, Entity] = {one.id: one for one in seeds.entities(world)}
        self.change_sets: dict[str, ChangeSet] = {}
        self.tokens: dict[tuple[str, str], tuple[str, str]] = {}
        self.legal_names = dict(seeds.LEGAL_NAMES) | {world.account: seeds.OUR_NAME}
        self.unknown_accounts: set[str] = {seeds.UNKNOWN_BUYER}
        self.faults = 0
        self._signing = Random(self.name)  # of its own, so that reading changes no id that is made later
        self.acts: Mapping[str, Callable[..., Any]] = Console(self).acts
        self.kinds: Mapping[str, Callable[[], Iterable[Any]]] = {
            "offer": lambda: self._dump("Offer"),
            "offer_set": lambda: self._dump("OfferSet"),
            "resale_authorization": lambda: self._dump("ResaleAuthorization"),
            "product": lambda: self._dump("SaaSProduct"),
            "change_set": lambda: [one.described() for one in self.change_sets.values()],
        }
        self._operations: dict[str, Callable[[Shape], Shape]] = {
            "StartChangeSet": self.start_change_set,
            "DescribeChangeSet": self.describe_change_set,
            "ListChangeSets": self.list_change_sets,
            "CancelChangeSet": self.cancel_change_set,
            "DescribeEntity": self.describe_entity,
            "BatchDescribeEntities": self.batch_describe_entities,
            "ListEntities": self.list_entities,
        }

    def handle(self, operation: str, request: Shape) -> Shape:
        """Answers one call; raises `ServiceError`."""
        if operation not in self._operations:
            raise validation(f"{operation} is not emulated.")
        if request.get("Catalog", CATALOG) != CATALOG:
            raise validation(
                f"Catalog must be {CATALOG}.", [blame("FieldValidationFailed", "Catalog", "Unknown catalog.")]
            )
        return self._operations[operation](request)

    def tick(self) -> None:
        """Change sets become applied, or fail, in the order in which they were asked for."""
        for one in [held for held in self.change_sets.values() if held.running]:
            due = one.status == "PREPARING" and self.world.clock() >= one.prepared_at
            fault = due and self.faults > 0
            self.faults -= fault
            advance(one, self.world, lambda: self.bench(one.account), self._keep, fault)  # noqa: B023 - used at once

    # Change sets

    def start_change_set(self, request: Shape) -> Shape:
        """{"ChangeSetId", "ChangeSetArn"}; the same token gives the same ones."""
        return self.start(request, self.world.account)

    def start(self, request: Shape, account: str) -> Shape:
        """Starts a change set of an account: ours, or a channel partner's."""
        token, body = request.get("ClientRequestToken"), _body(request)
        if token is not None and (account, token) in self.tokens:
            known, before = self.tokens[account, token]
            if before != body:
                raise validation("The ClientRequestToken was used already with another request.")
            return _reference(self.change_sets[known])
        steps, bench = read(request), self.bench(account)
        admit(steps, bench)
        targets = frozenset(step.target for step in steps if step.target and not step.target.startswith("$"))
        busy = {one for held in self.change_sets.values() if held.running for one in held.locked} & targets
        if busy:
            raise in_use(f"Entity '{min(busy)}' is locked by a change set that is running.")
        made = self._record(request, account, steps, targets)
        if token is not None:
            self.tokens[account, token] = made.id, body
        return _reference(made)

    def _record(self, request: Shape, account: str, steps: list[Any], targets: frozenset[str]) -> ChangeSet:
        world, now = self.world, self.world.clock()
        made_id = fresh(world.chance, 25)
        arn = f"arn:aws:aws-marketplace:{world.region}:{account}:{CATALOG}/ChangeSet/{made_id}"
        prepared = now + timedelta(seconds=self.settings.change_set_preparing)
        applied = prepared + timedelta(seconds=self.settings.change_set_applying)
        name = request.get("ChangeSetName") or f"Submitted by {account}"
        made = ChangeSet(made_id, arn, name, account, steps, now, prepared, applied, targets)
        self.change_sets[made_id] = made
        return made

    def describe_change_set(self, request: Shape) -> Shape:
        return self._change_set(request).described()

    def list_change_sets(self, request: Shape) -> Shape:
        """Summaries of ours of the last 60 days."""
        return listed_change_sets([one for one in self.change_sets.values() if self._told(one)], request)

    def cancel_change_set(self, request: Shape) -> Shape:
        """Only a change set that is still PREPARING."""
        one = self._change_set(request)
        if one.status == "APPLYING":
            raise in_use("The change set is already being applied.")
        if not one.running:
            raise validation(f"The change set can't be cancelled: it is {one.status}.")
        end(one, self.world, "CANCELLED")
        return _reference(one)

    def _change_set(self, request: Shape) -> ChangeSet:
        one = self.change_sets.get(request["ChangeSetId"])
        if one is None or not self._told(one):
            raise not_found(f"change set '{request['ChangeSetId']}'")
        return one

    def _told(self, one: ChangeSet) -> bool:
        fresh_enough = one.ended is None or self.world.clock() - one.ended <= HISTORY
        return one.account == self.world.account and fresh_enough

    def bench(self, account: str) -> Bench:
        """A place to work on copies of the entities as an account may."""
        world = self.world
        return Bench(
            account, world.clock(), world.chance, self.entities, self.agreements(), frozenset(self.unknown_accounts),
            self.legal_names,
        )  # fmt: skip

    def agreements(self) -> Mapping[str, Agreement]:
        service = self.world.services.get("marketplace-agreement")
        return cast("Agreements", service).book if service is not None else {}

    def _keep(self, bench: Bench) -> None:
        for entity in bench.copies.values():
            entity.revision, entity.modified = entity.revision + 1, bench.now
            self.entities[entity.id] = entity
        tell_releases(self.world, bench, self.entities.get, self.legal_names)

    # Entities

    def describe_entity(self, request: Shape) -> Shape:
        entity = self._visible(request["EntityId"])
        return described(entity, self.world.clock(), self._signing, as_text=True)

    def batch_describe_entities(self, request: Shape) -> Shape:
        """{"EntityDetails", "Errors"}, each by the id that was asked for."""
        if not 1 <= len(request["EntityRequestList"]) <= 20:
            raise validation("EntityRequestList must have between 1 and 20 entities.")
        answer: Shape = {"EntityDetails": {}, "Errors": {}}
        for asked in request["EntityRequestList"]:
            entity_id = asked["EntityId"]
            if self._sees(entity_id) and asked["Catalog"] == CATALOG:
                entity = self._visible(entity_id)
                answer["EntityDetails"][entity_id] = described(
                    entity, self.world.clock(), self.world.chance, as_text=False
                )
            else:
                words = f"Requested entity '{entity_id}' does not exist."
                answer["Errors"][entity_id] = {"ErrorCode": "ResourceNotFound", "ErrorMessage": words}
        return answer

    def list_entities(self, request: Shape) -> Shape:
        shared = request.get("OwnershipType", "SELF") == "SHARED"
        kinds = [one for one in self.entities.values() if one.kind == request["EntityType"]]
        return listed([one for one in kinds if (self._shared(one) if shared else self._ours(one))], request)

    def _dump(self, kind: str) -> list[Shape]:
        found = [one for one in self.entities.values() if one.kind == kind]
        return [{"account": one.account} | summary(one) for one in found]

    def _ours(self, entity: Entity) -> bool:
        return entity.account == self.world.account

    def _shared(self, entity: Entity) -> bool:
        """A resale authorization that another manufacturer has made for us."""
        reseller = (entity.rule("PartnerTargetingRule") or {}).get("ResellerAccountId")
        released = entity.details.get("Status") in ("Active", "Restricted")
        return not self._ours(entity) and released and reseller == self.world.account

    def _sees(self, entity_id: str) -> bool:
        entity = self.entities.get(entity_id.partition("@")[0])
        return entity is not None and (self._ours(entity) or self._shared(entity))

    def _visible(self, entity_id: str) -> Entity:
        if not self._sees(entity_id):
            raise not_found(f"entity '{entity_id}'")
        return self.entities[entity_id.partition("@")[0]]


def _body(request: Shape) -> str:
    return json.dumps({name: value for name, value in request.items() if name != "ClientRequestToken"}, sort_keys=True)


def _reference(one: ChangeSet) -> Shape:
    return {"ChangeSetId": one.id, "ChangeSetArn": one.arn}
