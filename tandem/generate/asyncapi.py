"""The AsyncAPI 3.0 document of a deployment: channels, operations, messages; it never connects to anything."""

import json
import re
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from schemas.messages import MESSAGES, Message
from schemas.topics import Topic
from tandem.generate.stages import Flow, Stage, all_topics, stages
from tandem.settings import NAME, ConfigError, Kafka

Node = dict[str, Any]
BINDING = "0.5.0"
# AsyncAPI 3.0 tools must read this dialect; what pydantic writes for our models is valid in it too.
DIALECT = "application/schema+json;version=draft-07"
TRACEPARENT = "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"
PARAMETERS = {
    "connection": {"description": f"A connection's name in the configuration, {NAME}", "examples": ["our-crm"]},
    "lane": {"description": "The name of a lane.", "examples": ["accounts.pairs"]},
}


def document_text(version: str) -> str:
    """The document as YAML."""
    plain = json.loads(json.dumps(document(version)))  # nothing is shared, or YAML would write it as an anchor
    text: str = _yaml().safe_dump(plain, sort_keys=False, allow_unicode=True, width=110)
    return (
        f"# Made by `make generate` from schemas/ and tandem/generate/stages.py. Change those, not this file.\n{text}"
    )


def document(version: str) -> Node:
    """The document; payloads are references to `schemas/json`."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tandem",
            "version": version,
            "description": "The topics of a Tandem deployment. Kafka is the truth; all else is rebuilt from it.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": _server()},
        "channels": {_channel_id(topic): _channel(topic) for topic in all_topics()},
        "operations": {name: node for stage in stages() for name, node in _operations(stage)},
        "components": {
            "messages": {message.TYPE: _message(message) for message in MESSAGES},
            "messageTraits": {"cloudEvent": _cloud_event()},
        },
    }


def _yaml() -> ModuleType:
    try:
        import yaml  # noqa: PLC0415 - for development only: nothing that a deployment runs needs it
    except ImportError as error:
        raise ConfigError("PyYAML is not installed. Remedy: `make setup` (it is in the group dev).") from error
    return yaml


def _server() -> Node:
    bootstrap = Kafka.model_fields["bootstrap"]
    return {
        "host": "{bootstrap}",
        "protocol": "kafka",
        "description": "Any Kafka, or the embedded broker.",
        "variables": {"bootstrap": {"default": "127.0.0.1:9092", "description": str(bootstrap.description)}},
    }


def _channel_id(topic: Topic) -> str:
    return re.sub(r"\.?\{(\w+)\}", "", topic.name)


def _channel(topic: Topic) -> Node:
    times = {name: int(value) for name, value in topic.config.items() if name.endswith(".ms")}
    config = {"cleanup.policy": [topic.config["cleanup.policy"]], **times}
    binding: Node = {"topicConfiguration": config, "bindingVersion": BINDING}
    if topic.partitions:
        binding = {"partitions": topic.partitions, **binding}
    parameters = {name: PARAMETERS[name] for name in re.findall(r"\{(\w+)\}", topic.name)}
    return {
        "address": topic.name,
        "description": f"{topic.about} Key: {topic.key}. {_partitions(topic)}",
        **({"parameters": parameters} if parameters else {}),
        **({"messages": {each.TYPE: _ref("components", "messages", each.TYPE) for each in topic.messages}}
           if topic.messages else {}),
        "bindings": {"kafka": binding},
    }  # fmt: skip


def _partitions(topic: Topic) -> str:
    if topic.partitions:
        return f"Partitions: {topic.partitions}."
    if not topic.messages:
        return "Partitions: as many as the lane's input. Rows of state, internal: no CloudEvents."
    return f"Partitions: as `[kafka] partitions` says, {Kafka().partitions} unless set."


def _operations(stage: Stage) -> list[tuple[str, Node]]:
    flows = [("receive", flow) for flow in stage.receives] + [("send", flow) for flow in stage.sends]
    return [
        (f"{stage.name.replace(':', '.')}.{action}.{_channel_id(flow.topic)}", _operation(stage, action, flow))
        for action, flow in flows
    ]


def _operation(stage: Stage, action: str, flow: Flow) -> Node:
    channel = _channel_id(flow.topic)
    node: Node = {
        "action": action,
        "channel": _ref("channels", channel),
        "summary": f"{stage.name} {action}s {flow.why}",
        "description": stage.about,
        "tags": [{"name": stage.name}],
    }
    # Cursors and state are read by position and not by a group; so does the ledger, which keeps its own positions.
    if action == "receive" and stage.group and flow.messages:
        node["bindings"] = {"kafka": {"groupId": {"type": "string", "enum": [stage.group]}, "bindingVersion": BINDING}}
    if flow.messages:
        node["messages"] = [_ref("channels", channel, "messages", each.TYPE) for each in flow.messages]
    return node


def _message(message: type[Message]) -> Node:
    homes = [topic for topic in all_topics() if message in topic.messages]
    keys = [topic.key if len(homes) == 1 else f"{topic.key} in {topic.name}" for topic in homes]
    return {
        "name": message.TYPE,
        "title": message.__name__,
        "summary": (message.__doc__ or "").split("\n", maxsplit=1)[0],
        "contentType": "application/json",
        "headers": {"type": "object", "properties": {"ce_type": {"const": message.TYPE}}},
        "payload": {"schemaFormat": DIALECT, "schema": {"$ref": f"../../schemas/json/{message.TYPE}.json"}},
        "bindings": {"kafka": {"key": {"type": "string", "description": "; ".join(keys)}, "bindingVersion": BINDING}},
        "traits": [_ref("components", "messageTraits", "cloudEvent")],
    }


class _Header(BaseModel):
    """One header of the trait."""

    name: str
    meaning: str
    always: bool = True
    rules: Node = {}


HEADERS = (
    _Header(name="ce_specversion", meaning="Version of CloudEvents.", rules={"const": "1.0"}),
    _Header(name="ce_type", meaning="Which message it is."),
    _Header(
        name="ce_source",
        meaning="Which stage wrote it; (ce_source, ce_id) names an event.",
        rules={"format": "uri-reference", "pattern": "^/tandem/.+"},
    ),
    _Header(name="ce_id", meaning="The event's id.", rules={"minLength": 1}),
    _Header(name="content-type", meaning="How the value is written.", rules={"const": "application/json"}),
    _Header(
        name="traceparent",
        meaning="W3C Trace Context of the change that caused it.",
        always=False,
        rules={"pattern": TRACEPARENT},
    ),
)


def _cloud_event() -> Node:
    return {
        "description": "CloudEvents 1.0 in Kafka's binary mode.",
        "headers": {
            "type": "object",
            "required": [header.name for header in HEADERS if header.always],
            "properties": {
                header.name: {"type": "string", "description": header.meaning, **header.rules} for header in HEADERS
            },
        },
    }


def _ref(*path: str) -> Node:
    return {"$ref": "#/" + "/".join(path)}
