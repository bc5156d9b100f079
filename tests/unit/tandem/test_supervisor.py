"""What the process tree promises, with real child processes that end when they are told to; the clock is the test's."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tandem import supervisor as module
from tandem.supervisor import FIRST_BACKOFF_S, MOST_BACKOFF_S, STEADY_S, Child, Supervisor

WAITS = "import signal; signal.pause()"
DEAF = (
    "import signal, os; signal.signal(15, lambda *_: None); os.write({}, b'ready'); [signal.pause() for _ in range(9)]"
)


class Tree:
    """A supervisor with a clock in the test's hand; what a child says goes into its log."""

    def __init__(self, folder: Path) -> None:
        self.now, self._folder = 0.0, folder
        self.supervisor = Supervisor(clock=lambda: self.now)

    def add(self, name: str, program: str) -> Child:
        child = Child(name, [sys.executable, "-S", "-c", program], self._folder / f"{name}.log")
        self.supervisor.children.append(child)
        return child

    def tend(self, later: float = 0.0) -> None:
        self.now += later
        self.supervisor.tend()

    def until_ended(self, *children: Child) -> None:
        """Wait for processes that end by themselves, and let the supervisor see it."""
        for child in children:
            assert child.process is not None
            child.process.wait(30)
        self.tend()


@pytest.fixture
def tree(tmp_path):
    made = Tree(tmp_path)
    yield made
    for child in made.supervisor.children:
        if child.process is not None:
            child.process.kill()
            child.process.wait()


def test_every_child_is_started(tree):
    children = [tree.add(name, WAITS) for name in ("stream-0", "sink-our-crm")]
    assert [child.state for child in children] == ["restarting", "restarting"]
    tree.tend()
    assert [child.state for child in children] == ["running", "running"]
    assert [child.restarts for child in children] == [0, 0]


def test_a_child_is_a_tandem_command_of_this_interpreter(tree):
    child = tree.supervisor.add("source-acme-list", ["source", "acme-list"])
    assert child.command == [sys.executable, "-m", "tandem", "source", "acme-list"]


def test_a_child_that_fails_is_started_again_after_its_backoff_and_the_rest_goes_on(tree):
    failing, other = tree.add("sink-our-crm", "raise SystemExit(1)"), tree.add("stream-0", WAITS)
    tree.tend()
    process = other.process
    tree.until_ended(failing)
    assert (failing.state, failing.exit_code) == ("restarting", 1)
    tree.tend(later=FIRST_BACKOFF_S - 0.1)
    assert failing.process is None
    tree.tend(later=0.1)
    assert (failing.state, failing.restarts) == ("running", 1)
    assert (other.process, other.restarts) == (process, 0)


def test_a_killed_child_is_started_again(tree):
    child = tree.add("stream-0", WAITS)
    tree.tend()
    os.kill(child.process.pid, signal.SIGKILL)
    tree.until_ended(child)
    assert child.exit_code == -signal.SIGKILL
    tree.tend(later=FIRST_BACKOFF_S)
    assert child.state == "running"


def test_the_backoff_doubles_up_to_a_limit_and_starts_anew_after_a_steady_run(tree):
    child = tree.add("sink-our-crm", "pass")
    waits = []
    for _ in range(8):
        tree.tend(later=(child.after_exit or 0) - tree.now)
        tree.until_ended(child)
        waits.append(child.after_exit - tree.now)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, MOST_BACKOFF_S, MOST_BACKOFF_S]
    tree.tend(later=MOST_BACKOFF_S)
    child.process.wait(30)
    tree.tend(later=STEADY_S + 1)
    assert child.after_exit - tree.now == FIRST_BACKOFF_S


def test_a_child_that_was_fenced_is_started_again(tree):
    child = tree.add("stream-0", "import sys; sys.exit(79)")
    tree.tend()
    tree.until_ended(child)
    tree.tend(later=MOST_BACKOFF_S)
    assert (child.restarts, tree.supervisor.given_up) == (1, [])


def test_a_child_that_needs_a_person_stays_down_and_the_rest_goes_on(tree, caplog):
    code = 78
    words = "no field Best_Partner__c Remedy: deploy it"
    stopped = tree.add("sink-our-crm", f"import sys; print('starting'); print({words!r}); sys.exit({code})")
    other = tree.add("stream-0", WAITS)
    tree.tend()
    tree.until_ended(stopped)
    tree.tend(later=3600)
    assert (stopped.state, stopped.exit_code, stopped.restarts) == ("stopped", code, 0)
    assert tree.supervisor.given_up == [stopped]
    assert other.state == "running"
    [said] = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert said == (f"sink-our-crm stopped with code {code} and needs a person; the rest goes on. It said: {words}")


def test_what_a_child_says_is_kept_over_restarts(tree, tmp_path):
    child = tree.add("stream-0", "print('once more')")
    for _ in range(2):
        tree.tend(later=MOST_BACKOFF_S)
        tree.until_ended(child)
    assert (tmp_path / "stream-0.log").read_text() == "once more\nonce more\n"


def test_children_are_stopped_in_the_reverse_order_of_their_start(tree, monkeypatch):
    children = [tree.add(name, WAITS) for name in ("stream-0", "sink-our-crm", "source-acme-list")]
    tree.tend()
    names, ended = {child.process.pid: child.name for child in children}, []
    real = module.end
    monkeypatch.setattr(module, "end", lambda process: (ended.append(names[process.pid]), real(process)))
    tree.supervisor.stop()
    assert ended == ["source-acme-list", "sink-our-crm", "stream-0"]
    assert [child.exit_code for child in children] == [-signal.SIGTERM] * 3


def test_a_stopped_tree_starts_nothing_again(tree):
    child, failing = tree.add("stream-0", WAITS), tree.add("sink-our-crm", "raise SystemExit(1)")
    tree.tend()
    tree.until_ended(failing)
    tree.supervisor.stop()
    tree.tend(later=3600)
    assert (child.process, failing.process) == (None, None)


def test_a_child_that_does_not_end_is_killed_when_patience_is_over(tree, monkeypatch):
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    monkeypatch.setattr(module, "STOP_PATIENCE_S", 0.05)
    program = DEAF.format(writing)
    process = module.subprocess.Popen([sys.executable, "-S", "-c", program], close_fds=False)
    assert os.read(reading, 5) == b"ready"
    module.end(process)
    assert process.returncode == -signal.SIGKILL
    os.close(reading)
    os.close(writing)


def test_a_child_does_not_hear_the_ctrl_c_that_is_meant_for_its_parent(tree):
    child = tree.add("stream-0", WAITS)
    tree.tend()
    assert os.getpgid(child.process.pid) == child.process.pid != os.getpgid(0)
