"""Moto's server for SQS, SNS, EventBridge and STS, with the queues, rules and topic of a deployment; it emits nothing."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from moto.events.models import events_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sns.models import sns_backends
from werkzeug.serving import make_server

from .core import Shape
from .settings import MARKETPLACE, PARTNER_CENTRAL, SUBSCRIPTIONS_TOPIC

# As deploy/aws: per queue its rules, by name; its own rule takes one catalog, here both are taken.
RULES: dict[str, dict[str, Shape]] = {
    MARKETPLACE: {
        "tandem-offers": {"source": ["aws.marketplacecatalog"]},
        "tandem-agreements": {"source": ["aws.agreement-marketplace"]},
    },
    PARTNER_CENTRAL: {
        "tandem-opportunities": {"source": ["aws.partnercentral-selling"], "detail": {"catalog": ["AWS", "Sandbox"]}},
    },
}
RECEIVES = 10  # deliveries of a message before it goes to the dead-letter queue
HIDDEN_S = 300  # for so long a message that was received is seen by nobody else
_POLL_S = 0.02  # how often moto's server looks whether it is to stop; moto's own wrapper waits half a second
_ANY_KEY = "tandem-sandbox"  # moto asks for none; the server in front of it does


@dataclass(frozen=True, slots=True)
class Places:
    """Where the events arrive: a queue for each connection, as a message is read once, and where it ends unread."""

    marketplace_url: str
    partner_central_url: str
    dead_urls: tuple[str, ...]
    topic_arn: str


# Moto keeps its state in the process: a second server would empty the queues of the first.
_ONE_AT_A_TIME = threading.Lock()


class Messaging:
    """A running moto server on a free loopback port; raises RuntimeError where the process has one already."""

    def __init__(self, account: str, region: str) -> None:
        if not _ONE_AT_A_TIME.acquire(blocking=False):
            raise RuntimeError("this process already runs an emulated AWS; stop it first, or start another process")
        self.account, self.region = account, region
        logging.getLogger("werkzeug").setLevel(logging.WARNING)
        moto_api_backend.reset()
        app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_S,), name="moto", daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        moto_api_backend.reset()
        _ONE_AT_A_TIME.release()

    def reset(self) -> None:
        """Queues, rules and topics are gone, with all that was in them."""
        moto_api_backend.reset()

    def deliver(self, event: Any) -> int:
        """Gives an event to the rules of the default bus, as PutEvents would; returns how many rules took it.

        PutEvents itself makes a new id for each event and moto leaves `account` out of what it delivers, so neither a
        second delivery of the same event nor the real shape could be played through it.
        """
        bus = events_backends[self.account][self.region].event_buses["default"]
        rules = [one for one in bus.rules.values() if one.state == "ENABLED" and one.event_pattern.matches_event(event)]
        for rule in rules:
            rule.send_to_targets(event, transform_input=False)
        return len(rules)

    def publish(self, topic_arn: str, message: Shape) -> None:
        """Sends a JSON message to an SNS topic."""
        sns_backends[self.account][self.region].publish(message=json.dumps(message), arn=topic_arn)


def prepare(endpoint: str, account: str, region: str, public: str) -> Places:
    """Makes what `deploy/aws` makes: queues, dead-letter queues with redrive, rules on the default bus, and targets.

    The topic of the older SaaS notifications is AWS's own; here it is made too, with the marketplace's queue as its
    subscriber. `endpoint` is moto's, `public` the address that the URLs of the queues are to have.
    """
    session = _session(region)
    sqs, events, sns = (_client(session, name, endpoint, account) for name in ("sqs", "events", "sns"))
    urls, dead = [], []
    for name, rules in RULES.items():
        dead.append(sqs.create_queue(QueueName=f"{name}-deadletters")["QueueUrl"])
        redrive = {
            "deadLetterTargetArn": _queue_arn(account, region, f"{name}-deadletters"),
            "maxReceiveCount": RECEIVES,
        }
        attributes = {"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": str(HIDDEN_S)}
        urls.append(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])
        for rule, pattern in rules.items():
            events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
            events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": _queue_arn(account, region, name)}])
    topic_arn = sns.create_topic(Name=SUBSCRIPTIONS_TOPIC)["TopicArn"]
    sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=_queue_arn(account, region, MARKETPLACE))
    marketplace, partner_central = (url.replace(endpoint, public) for url in urls)
    return Places(marketplace, partner_central, tuple(url.replace(endpoint, public) for url in dead), topic_arn)


@cache
def _session(region: str) -> boto3.Session:
    """Kept, because a new one reads every service model anew."""
    return boto3.Session(_ANY_KEY, _ANY_KEY, region_name=region)


def _client(session: boto3.Session, name: str, endpoint: str, account: str) -> Any:
    """A client of moto whose calls are those of our account."""
    made: Any = session.client(name, endpoint_url=endpoint)  # type: ignore[call-overload]
    made.meta.events.register(
        "before-sign", lambda request, **_: request.headers.add_header("x-moto-account-id", account)
    )
    return made


def _queue_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{name}"
