"""Which service and operation a request means, by botocore's own models; it reads no body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel

SERVICES = ("partnercentral-selling", "marketplace-agreement", "marketplace-catalog")
CATALOG = "marketplace-catalog"
# The prefix of an IAM action; both Marketplace services share one.
IAM = {
    "partnercentral-selling": "partnercentral",
    "marketplace-agreement": "aws-marketplace",
    "marketplace-catalog": "aws-marketplace",
}
SIGNING_NAMES = ("aws-marketplace", "partnercentral-selling")


@dataclass(frozen=True, slots=True)
class Call:
    """A request for one of the emulated services."""

    service: str
    model: OperationModel

    @property
    def operation(self) -> str:
        return self.model.name

    @property
    def rest(self) -> bool:
        """Whether members may be in the query; else all of them are in a JSON 1.0 body."""
        return self.service == CATALOG

    @property
    def action(self) -> str:
        """As IAM names it."""
        return f"{IAM[self.service]}:{self.operation}"


@cache
def service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@cache
def _targets() -> Mapping[str, str]:
    models = {one: service_model(one) for one in SERVICES}
    return {
        str(model.metadata["targetPrefix"]): one for one, model in models.items() if "targetPrefix" in model.metadata
    }


@cache
def _paths() -> Mapping[tuple[str, str], str]:
    model = service_model(CATALOG)
    found = {}
    for name in model.operation_names:
        http = model.operation_model(name).http
        found[str(http["method"]), str(http["requestUri"])] = name
    return found


def by_target(target: str) -> Call | None:
    """The call that an X-Amz-Target names, as "AWSPartnerCentralSelling.GetOpportunity"."""
    prefix, _, operation = target.rpartition(".")
    service = _targets().get(prefix)
    if service is None or operation not in service_model(service).operation_names:
        return None
    return Call(service, service_model(service).operation_model(operation))


def by_path(method: str, path: str) -> Call | None:
    """The call of the catalog at this path."""
    operation = _paths().get((method, path))
    return None if operation is None else Call(CATALOG, service_model(CATALOG).operation_model(operation))
