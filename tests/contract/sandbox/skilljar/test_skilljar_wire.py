"""What surrounds both APIs: limits, faults, webhooks, the door and the command line."""

import base64
import json
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import requests

from sandbox.skilljar.testing import emulator, standing_still
from tests.contract.sandbox.skilljar.conftest import DOMAIN, Caller


def test_the_limits_of_a_minute_and_an_hour_hold():
    with emulator(standing_still(per_minute=3, per_hour=5)) as running:
        call = Caller(running)
        assert [call.first("GET", "ping").status_code for _ in range(4)] == [200, 200, 200, 429]
        call.door("clock", body={"seconds": 60})
        assert [call.first("GET", "ping").status_code for _ in range(3)] == [200, 200, 429]
        call.door("clock", body={"seconds": 3600})
        assert call.first("GET", "ping").status_code == 200


def test_faults_are_armed_at_the_door(call):
    plan = [
        {"kind": "too_many_requests", "nth": [1], "retry_after": 20},
        {"kind": "refuse", "code": "x", "status": 422, "nth": [2]},
    ]
    assert call.door("faults", "PUT", plan).status_code == 200
    first, second = call.first("GET", "ping"), call.first("GET", "ping")
    assert (first.status_code, first.headers["Retry-After"]) == (429, "20")
    assert (second.status_code, second.json()["errors"][0]["code"]) == (422, "x")
    assert [each["fired"] for each in call.door("faults", "GET").json()] == [1, 1]
    assert call.door("faults", "PUT", [{"kind": "explode"}]).status_code == 400


def test_a_connection_breaks_before_or_after_the_work(call):
    for kind, users in (("reset_before", 0), ("reset_after", 1)):
        call.door("faults", "PUT", [{"kind": kind, "nth": [1]}])
        with pytest.raises(requests.ConnectionError):
            call.first("POST", f"{DOMAIN}/users", {"user": {"email": f"{kind}@partner.example"}})
        assert len(call.running.academy.data.learners) == users


@pytest.fixture
def receiver():
    got = []

    class Receiver(BaseHTTPRequestHandler):
        status = 200

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((dict(self.headers), body))
            self.send_response(Receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", got, Receiver
    server.shutdown()
    server.server_close()


def test_webhooks_carry_what_their_owner_wrote_and_no_event_id(call, receiver):
    url, got, _ = receiver
    call.door("webhook", "PUT", {"target_url": url, "headers": {"X-Tandem-Secret": "s"}, "basic": ["u", "p"]})
    ada = call.learner("ada")
    made = call.door("enroll", body={"learner": ada, "published": call.published[0]}).json()
    call.door("complete", body={"enrollment": made["id"]})
    assert call.door("webhook/deliver").json() == {"statuses": [200, 200, 200]}
    headers, body = got[-1]
    assert (headers["User-Agent"], headers["X-Tandem-Secret"]) == ("skilljar", "s")
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"u:p").decode()
    assert (body["event_type"], body["user"]["id"], body["course"]["title"]) == (
        "COURSE_COMPLETION", ada, "Robot Fleet Basics",
    )  # fmt: skip
    assert "id" not in body


def test_a_webhook_that_fails_too_often_is_switched_off(call, receiver):
    url, got, handler = receiver
    handler.status = 500
    call.door("webhook", "PUT", {"target_url": url})
    for number in range(7):
        call.learner(f"u{number}")
    assert call.door("webhook/deliver").json() == {"statuses": [500] * 5}
    hook = call.door("webhook", "GET").json()
    assert (hook["active"], hook["deactivate_reason"]) == (False, "too many delivery failures")
    assert (call.door("webhook/deliver").json(), len(got)) == ({"statuses": []}, 5)


def test_the_door_moves_time_counts_calls_dumps_and_starts_anew(call):
    call.learner("ada")
    assert call.door("clock", body={"seconds": 3600}).json()["now"].startswith("2026-11-22T11")
    call.first("GET", "ping")
    assert call.door("calls", "GET").json() == {"total": 1, "by_endpoint": {"GET /v1/ping": 1}}
    assert '"email":"ada@partner.example"' in call.door("dump?kind=learners", "GET").text
    assert call.door("make", body={"path": "Partner sales path"}).json()["title"] == "Partner sales path"
    assert call.door("reset").json()["learners"] == 0
    assert call.door("enroll", body={"learner": "nobody"}).status_code == 400


def test_the_command_line_says_when_it_is_ready_and_stops_when_told():
    command = [sys.executable, "-m", "sandbox.skilljar", "--domain", "learn.example", "--now", "2026-11-22T10:00:00Z"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready = json.loads(process.stdout.readline())
        health = requests.get(f"{ready['base_url']}/__sandbox__/health", timeout=5).json()
        assert (ready["ready"], health["domain"], health["now"][:10]) == (True, "learn.example", "2026-11-22")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        process.stdout.close()


def test_a_fault_plan_that_cannot_be_read_is_named(tmp_path, capsys):
    from sandbox.skilljar.cli import main

    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nkind = "explode"\n')
    assert main(["--faults", str(plan)]) == 2
    assert "kind" in capsys.readouterr().err
