"""What DescribeEntity answers; the terms that a seller wrote himself come as signed addresses, new ones each time."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import datetime
from random import Random
from urllib.parse import urlencode

from ..core import REGION, Shape
from .entities import Entity, fresh, fresh_uuid
from .times import stamp

ARTIFACTS = f"https://aws-mp-offer-legal-artifacts-{REGION}-prod.s3.amazonaws.com"
STANDARD = "https://s3.amazonaws.com/aws-mp-standard-contracts/Standard-Contact-for-AWS-Marketplace-{version}.pdf"
ORDER = ("Id", "Name", "Description", "PreExistingAgreement", "ProductId", "OfferSetId", "MarkupPercentage", "Terms",
         "Rules", "State", "ResaleAuthorizationId")  # fmt: skip


def document(entity: Entity, now: datetime, chance: Random) -> Shape:
    """The DetailsDocument of an entity."""
    details = deepcopy(entity.details)
    for term in details.get("Terms", []):
        for one in term.get("Documents", []):
            _publish(one, entity.id, now, chance)
    if entity.kind == "Offer":
        details = {name: details[name] for name in ORDER if details.get(name) is not None}
    return {name: value for name, value in details.items() if value is not None}


def _publish(one: Shape, entity_id: str, now: datetime, chance: Random) -> None:
    if one["Type"].startswith("Custom"):
        one["Url"] = signed(f"{ARTIFACTS}/{entity_id}/{fresh_uuid(chance)}", now, chance)
    elif one["Type"] == "StandardEula":
        one["Url"] = STANDARD.format(version=one["Version"])


def signed(address: str, now: datetime, chance: Random) -> str:
    """An address of S3 as anybody could use it who reads it: it must never be kept."""
    query = {
        "X-Amz-Security-Token": "IQoJb3JpZ2luX2VjE" + fresh(chance, 60),
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Expires": "86400",
        "X-Amz-Credential": f"ASIA{fresh(chance, 16).upper()}/{now:%Y%m%d}/{REGION}/s3/aws4_request",
        "X-Amz-Signature": f"{chance.getrandbits(256):064x}",
    }
    return f"{address}?{urlencode(query)}"


def described(entity: Entity, now: datetime, chance: Random, as_text: bool) -> Shape:
    """An entity as DescribeEntity (`as_text`: with Details beside the document) and BatchDescribeEntities give it."""
    details = document(entity, now, chance)
    answer: Shape = {
        "EntityType": f"{entity.kind}@1.0",
        "EntityIdentifier": entity.identifier,
        "EntityArn": entity.arn,
        "LastModifiedDate": stamp(entity.modified),
        "DetailsDocument": details,
    }
    if as_text:
        answer["Details"] = json.dumps(details, separators=(",", ":"))
    return answer
