"""The wire around the functions: tokens, permissions, faults, webhooks, the door and the command line."""

import json
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import requests

from tests.contract.sandbox.moodle.conftest import code, learner, rows

INFO, CREATE = "core_webservice_get_site_info", "core_user_create_users"


def test_the_site_says_who_it_is_and_what_the_token_may_call(call):
    info = call(INFO)
    assert info["release"].startswith("4.5.6")
    assert {"name", "version"} == set(info["functions"][0])


@pytest.mark.parametrize(
    ("function", "token", "refusal"),
    [(INFO, "guessed", "invalidtoken"), ("core_user_shave_users", None, "invalidrecord")],
)
def test_who_or_what_is_unknown_is_refused_with_200(call, function, token, refusal):
    answer = call.raw(function, token)
    assert (answer.status_code, code(answer.json())) == (200, refusal)
    assert set(answer.json()) == {"exception", "errorcode", "message"}


def test_a_function_outside_the_service_and_a_missing_capability_are_told_apart(call):
    call.running.allow(functions=[INFO])
    assert code(call(CREATE)) == "accessexception"
    call.running.allow(functions=[CREATE], capabilities=[])
    assert code(call(CREATE)) == "nopermissions"


def test_faults_are_armed_at_the_door_by_function(call):
    plan = [{"kind": "refuse", "code": "dmlreadexception", "path": "get_site_info$", "nth": [2]}]
    assert call.door("faults", "PUT", plan).status_code == 200
    assert [code(call(INFO)) for _ in range(3)] == [None, "dmlreadexception", None]
    assert call.door("faults", "GET").json()[0]["fired"] == 1
    assert call.door("faults", "PUT", [{"kind": "explode"}]).status_code == 400


def test_a_site_without_web_services_answers_nothing_and_a_broken_plugin_500(call):
    call.door("faults", "PUT", [{"kind": "disabled", "nth": [1]}, {"kind": "crash", "nth": [1]}])
    first, second = call.raw(INFO), call.raw(CREATE, **rows("users", learner("ada")))
    assert (first.status_code, first.content) == (200, b"")
    call.door("faults", "PUT", [{"kind": "crash", "nth": [1]}])
    second = call.raw(CREATE, **rows("users", learner("bo")))
    assert (second.status_code, second.content) == (500, b"")
    assert [each.username for each in call.running.site.living()] == ["ada"]


def test_a_connection_breaks_before_or_after_the_work(call):
    for kind, users in (("reset_before", 0), ("reset_after", 1)):
        call.door("faults", "PUT", [{"kind": kind, "nth": [1]}])
        with pytest.raises(requests.ConnectionError):
            call(CREATE, **rows("users", learner(kind)))
        assert len(call.running.site.living()) == users


def test_webhooks_carry_ghosts_and_holes(call):
    bodies = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(
                (self.headers["X-Tandem-Secret"], json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            )
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        target = f"http://127.0.0.1:{server.server_port}/hook"
        call.door("hooks", "PUT", {"target_url": target, "headers": {"X-Tandem-Secret": "s"}})
        call(CREATE, **rows("users", learner("ada"), learner("Bo")))
        (ada,) = call.make("ada")
        call.door("award", body={"user": ada, "badge": 1})
        assert call.door("hooks/deliver").json() == {"statuses": [200, 200, 200]}
    finally:
        server.shutdown()
        server.server_close()
    ghost, made, badge = (body for _, body in bodies)
    assert {secret for secret, _ in bodies} == {"s"}
    assert (ghost["dateexpire"], ghost["relateduserid"]) == ("{other_dateexpire}", "3")
    assert (made["relateduserid"], badge["dateexpire"]) == (str(ada), "1826877600")


def test_the_door_moves_time_counts_calls_dumps_and_starts_anew(call):
    (ada,) = call.make("ada")
    assert call.door("clock", body={"seconds": 3600}).json()["now"].startswith("2026-11-22T11")
    call(INFO)
    assert call.door("calls", "GET").json() == {"total": 1, "by_function": {INFO: 1}}
    call.door("member", body={"cohort": "partner-technical", "user": ada})
    assert '"method":"cohort 1"' in call.door("dump?kind=enrolments", "GET").text
    assert call.door("reset").json()["users"] == 0
    assert call.door("award", body={"user": 99, "badge": 1}).status_code == 400


def test_the_command_line_says_when_it_is_ready_and_stops_when_told():
    command = [sys.executable, "-m", "sandbox.moodle", "--token", "t", "--now", "2026-11-22T10:00:00Z"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        ready = json.loads(process.stdout.readline())
        health = requests.get(f"{ready['base_url']}/__sandbox__/health", timeout=5).json()
        assert (ready["ready"], health["ok"], health["now"][:10]) == (True, True, "2026-11-22")
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        process.stdout.close()


def test_a_fault_plan_that_cannot_be_read_is_named(tmp_path, capsys):
    from sandbox.moodle.cli import main

    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\nkind = "explode"\n')
    assert main(["--faults", str(plan)]) == 2
    assert "kind" in capsys.readouterr().err
