"""The process: one ready line, files that cannot be used, and a clean end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
import requests

import sandbox
from sandbox.salesforce.cli import main

from .conftest import FORCE_APP

ROOT = Path(sandbox.__file__).parents[1]


def test_it_says_when_it_is_ready_and_stops_at_once_on_sigterm(tmp_path: Path) -> None:
    data = tmp_path / "records.jsonl"
    data.write_text('{"attributes": {"type": "Lead"}, "LastName": "Ng", "Company": "Acme"}\n')
    command = [sys.executable, "-m", "sandbox.salesforce", "--port", "0", "--seed", "5", "--verbose"]
    arguments = ["--data", str(data), "--sfdx", str(FORCE_APP), "--now", "2026-11-22T10:00:00Z"]
    with subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] is True
        with grpc.insecure_channel(ready["pubsub"]) as channel:
            grpc.channel_ready_future(channel).result(timeout=10)
        health = requests.get(f"{ready['base_url']}/__sandbox__/health", timeout=10).json()
        assert health["records"]["Lead"] == 1
        assert health["now"].startswith("2026-11-22T10:00:")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        assert process.stderr.read().startswith("GET /__sandbox__/health 200 ")
        assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("option", "content", "says"),
    [
        ("--faults", "[fault", "cannot be read as TOML"),
        ("--accounts", "id,name\n", "column 'city' is missing"),
        ("--data", "{}\n", "line 1: None is not an object of this org"),
    ],
)
def test_a_file_that_cannot_be_used_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, content: str, says: str
) -> None:
    file = tmp_path / "file"
    file.write_text(content)
    assert main([option, str(file)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("sandbox.salesforce: ")
    assert says in told.err
    assert told.out == ""


def test_a_folder_that_is_no_sfdx_project_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--sfdx", str(tmp_path)]) == 2
    assert "no 'objects' folder below it" in capsys.readouterr().err


def test_the_help_names_every_option_and_the_door() -> None:
    from sandbox.salesforce.cli import parser

    told = parser().format_help()
    for word in ("--sfdx", "--accounts", "--token-ttl", "--faults", "/__sandbox__/", "lost_cursor", "ready"):
        assert word in told
