"""What the connectors spend of a vendor's quota, as `benchmarks/api_cost.py` counts it on a small scale."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JOBS = ("create_200", "update_200_90_equal", "backfill_2000")
CASES = [f"{vendor}.{job}" for vendor in ("salesforce", "hubspot") for job in JOBS]
# Asked once by a process, whatever the number of records: what an object is like, what the stream carries, which bulk
# jobs are under way, what was deleted, and that nothing more has come.
AT_START = 5


@pytest.fixture(scope="module")
def measured() -> dict:
    command = [sys.executable, "benchmarks/api_cost.py", "--json", "--records", "200"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_job_is_measured_at_every_vendor(measured):
    assert list(measured) == CASES


@pytest.mark.parametrize("case", CASES)
def test_a_job_takes_at_most_twice_the_fewest_calls_beside_what_a_process_asks_once(measured, case):
    figures = measured[case]
    assert figures["floor"] <= figures["calls"] <= 2 * figures["floor"] + AT_START, figures["by_endpoint"]


@pytest.mark.parametrize("case", CASES)
def test_a_job_takes_far_fewer_calls_than_records(measured, case):
    assert measured[case]["calls"] * 10 < measured[case]["per_record"], measured[case]["by_endpoint"]
