"""Builds boto3 clients from the settings; it calls nobody but STS, for the keys of a role, and never retries.

Tandem's own loops try again, and know what may be sent twice: botocore's retries would send unsafe calls again.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    RefreshableCredentials,
)
from botocore.loaders import Loader, create_loader
from botocore.session import Session as CoreSession

from connectors.addresses import is_loopback
from connectors.aws.settings import Access, Keys, Profile, Role
from connectors.errors import BadCredentials

USER_AGENT = "tandem"
CONNECT_S = 10.0  # seconds to open a connection: an answer may take longer, a handshake not
ON_QUEUES = frozenset({"sqs", "sts"})  # what a sandbox serves beside the emulated services


def client(service: str, access: Access, session: CoreSession | None = None) -> BaseClient:
    """A client of a service by boto3's name, as "marketplace-catalog". Raises `BadCredentials`, `BotoCoreError`.

    `session` holds the credentials: clients of one connection share it, so that a role is assumed once.
    """
    core = session if session is not None else signed_in(access)
    return _create(Session(botocore_session=core), service, access)


def signed_in(access: Access) -> CoreSession:
    """A session that knows who Tandem is; nothing is asked of AWS before the first call."""
    auth = access.auth
    session = _session(auth.name if isinstance(auth, Profile) else None)
    if isinstance(auth, Keys):
        token = None if auth.session_token is None else auth.session_token.get_secret_value()
        session.set_credentials(auth.access_key_id.get_secret_value(), auth.secret_access_key.get_secret_value(), token)
    elif isinstance(auth, Role):
        resolver = CredentialResolver([_AssumedRole(session, access, auth)])
        session.register_component("credential_provider", resolver)
    return session


def _session(profile: str | None = None) -> CoreSession:
    session = CoreSession(profile=profile)
    session.register_component("data_loader", _models())
    return session


@lru_cache(maxsize=1)
def _models() -> Loader:
    """The models of the services, which take long to read and never change."""
    return create_loader()


def endpoint(service: str, access: Access) -> str | None:
    """Where a service is called; None: at AWS's own address."""
    if service in ON_QUEUES:
        return access.queue_base_url or access.base_url
    return access.base_url


def _create(session: Session, service: str, access: Access, **keys: Any) -> BaseClient:
    address = endpoint(service, access)
    made: BaseClient = session.client(  # type: ignore[call-overload]  # the name is not known when it is checked
        service, region_name=access.region, endpoint_url=address, config=_config(access, address), **keys
    )
    return made


def _config(access: Access, address: str | None) -> Config:
    # A proxy from the environment cannot reach a service on this machine.
    near = address is not None and is_loopback(urlsplit(address).hostname or "")
    return Config(
        connect_timeout=min(CONNECT_S, access.timeout_s),
        read_timeout=access.timeout_s,
        retries={"total_max_attempts": 1},
        user_agent_extra=USER_AGENT,
        proxies={} if near else None,
    )


class _AssumedRole(CredentialProvider):
    """The keys of a role, renewed before they run out."""

    METHOD = "tandem-role"

    def __init__(self, session: CoreSession, access: Access, role: Role) -> None:
        super().__init__(session)
        # Found before this provider takes the place of those that find it.
        self._find: Callable[[], Any] = session.get_component("credential_provider").load_credentials
        self._access, self._role = access, role

    def load(self) -> RefreshableCredentials:
        found = self._find()
        if found is None:
            raise BadCredentials(
                "there are no credentials to assume the role with.", "set AWS_PROFILE or an access key"
            )
        extra = {"RoleSessionName": self._role.session_name}
        if self._role.external_id is not None:
            extra["ExternalId"] = self._role.external_id.get_secret_value()

        def create(service: str, **keys: Any) -> BaseClient:
            return _create(Session(botocore_session=_session()), service, self._access, **keys)

        fetcher = AssumeRoleCredentialFetcher(create, found, self._role.role_arn, extra_args=extra)
        return DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method=self.METHOD)
