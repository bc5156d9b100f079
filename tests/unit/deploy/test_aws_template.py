"""Holds deploy/aws/tandem.yaml to what cfn-lint knows, and its policies to what the connectors call."""

import re
import tomllib
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from cfnlint import lint_file
from cfnlint.decode import cfn_yaml

from connectors.aws.errors import Failure
from tandem.settings import connector

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "deploy/aws/tandem.yaml"
SERVICES = {  # a connection in the template -> its connector, and the services that it calls
    "Marketplace": ("aws_marketplace", ("marketplace-catalog", "marketplace-agreement")),
    "PartnerCentral": ("aws_partner_central", ("partnercentral-selling",)),
}
# AWS takes these steps in the caller's name (the model's documentation of the two Start...Task operations).
BY_TASKS = "WhatTheTasksDo"


@pytest.fixture(scope="module")
def template() -> Any:
    return cfn_yaml.load(str(TEMPLATE))


def statements(template: Any, policy: str) -> list[Any]:
    found: list[Any] = template["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions(template: Any, *policies: str) -> set[str]:
    found = [each for policy in policies for each in statements(template, policy) if each.get("Sid") != BY_TASKS]
    return {str(action) for each in found for action in each["Action"]}


def called(folder: str, services: tuple[str, ...]) -> set[tuple[str, str]]:
    """The operations that a connector's code names, by the names of the service's own model."""
    session = botocore.session.get_session()
    known = {name: set(session.get_service_model(name).operation_names) for name in services}
    files = (path.read_text("utf-8") for path in (ROOT / "connectors" / folder).glob("*.py"))
    texts = {text for file in files for text in re.findall(r'"(\w+)"', file)}
    return {(name, operation) for name, operations in known.items() for operation in texts & operations}


def test_cfn_lint_finds_nothing_wrong() -> None:
    assert [str(match) for match in lint_file(TEMPLATE)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_the_policies_hold_the_actions_that_the_connector_calls_and_no_other(name: str, template: Any) -> None:
    folder, services = SERVICES[name]
    wanted = {Failure(service, operation, "", "").action for service, operation in called(folder, services)}
    held = {each for each in actions(template, f"{name}Read", f"{name}Write") if not each.startswith("sqs:")}
    assert held == wanted


@pytest.mark.parametrize("name", SERVICES)
def test_the_role_that_only_reads_can_change_nothing(name: str, template: Any) -> None:
    verbs = ("List", "Get", "Describe", "Search")
    assert {each for each in actions(template, f"{name}Read") if not each.split(":")[1].startswith(verbs)} == {
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_queue_is_encrypted_and_what_nobody_can_read_lies_beside_it(name: str, template: Any) -> None:
    queue, letters = (template["Resources"][f"{name}{kind}"]["Properties"] for kind in ("Queue", "DeadLetters"))
    assert queue["SqsManagedSseEnabled"] is letters["SqsManagedSseEnabled"] is True
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}


def test_every_source_of_events_has_a_rule_into_one_queue(template: Any) -> None:
    rules = [it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::Events::Rule"]
    led = {it["EventPattern"]["source"][0]: it["Targets"][0]["Arn"]["Fn::GetAtt"][0] for it in rules}
    assert led == {
        "aws.marketplacecatalog": "MarketplaceQueue",
        "aws.agreement-marketplace": "MarketplaceQueue",
        "aws.partnercentral-selling": "PartnerCentralQueue",
    }


def test_the_readme_names_every_parameter(template: Any) -> None:
    readme = TEMPLATE.with_name("README.md").read_text("utf-8")
    assert [name for name in template["Parameters"] if f"`{name}`" not in readme] == []


def test_the_connections_of_the_readme_are_configured_as_the_connectors_ask() -> None:
    [block] = re.findall(r"```toml\n(.*?)```", TEMPLATE.with_name("README.md").read_text("utf-8"), re.DOTALL)
    connections = tomllib.loads(block)["connections"].values()
    for given in connections:
        settings = connector(given["connector"]).Settings
        settings.model_validate({name: it for name, it in given.items() if name not in {"connector", "party"}})
    assert {it["connector"] for it in connections} == {name for name, _ in SERVICES.values()}
