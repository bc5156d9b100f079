"""Writes connectors/salesforce/package.toml from deploy/salesforce: `python -m tests.unit.deploy.package_list`."""

import json
from pathlib import Path

from tests.unit.deploy.project import CUSTOM, SYNCED, fields, permission_sets, text

ROOT = Path(__file__).parents[3]
PROJECT, LIST = ROOT / "deploy/salesforce", ROOT / "connectors/salesforce/package.toml"
DESCRIBED = {  # a field type of the metadata API -> the type that describe tells
    "Text": "string",
    "LongTextArea": "textarea",
    "Number": "double",
    "Percent": "percent",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Lookup": "reference",
    "Url": "url",
    "Email": "email",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
}


def render(root: Path) -> str:
    """The list as TOML."""
    version = json.loads((root / "sfdx-project.json").read_text())["sourceApiVersion"]
    lines = [
        "# What deploy/salesforce adds to an org, for `tandem check`. Types are those that describe tells; a key is an",
        "# external id that is unique and case-sensitive. Written by `python -m tests.unit.deploy.package_list`.",
        "",
        f'api_version = "{version}"',
        f"permission_sets = {json.dumps(sorted(permission_sets(root)))}",
        f"change_events = {json.dumps(sorted(SYNCED))}",
    ]
    for owner in sorted((*SYNCED, *CUSTOM)):
        lines += ["", f"[objects.{owner}]"]
        for name, node in fields(root, owner).items():
            key = ", key = true" if text(node, "m:externalId") == "true" else ""
            lines.append(f'{name} = {{ type = "{DESCRIBED[text(node, "m:type")]}"{key} }}')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    LIST.write_text(render(PROJECT), "utf-8")
