"""Runs a deployment as one process tree: starts, watches, restarts and stops the processes; it never does their work.

Why not a library: honcho ends all processes when one ends, circus and supervisord want a configuration file and a daemon
of their own (docs/decisions/0006).
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tandem.errors import NEEDS_A_PERSON
from tandem.platform import dies_with_parent

log = logging.getLogger(__name__)

STOP_PATIENCE_S = 15.0
FIRST_BACKOFF_S, MOST_BACKOFF_S = 0.5, 30.0
STEADY_S = 30.0  # a process that ran this long starts its backoff anew


@dataclass
class Child:
    """One process of the tree. `after_exit` is when it may start again, None when it shall not."""

    name: str
    command: Sequence[str]
    log_file: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    backoff: float = FIRST_BACKOFF_S
    after_exit: float | None = 0.0
    restarts: int = -1
    exit_code: int | None = None

    @property
    def state(self) -> str:
        """In a word, for people."""
        if self.process is not None:
            return "running"
        return "stopped" if self.after_exit is None else "restarting"


@dataclass
class Supervisor:
    """The process tree of a deployment. Children are stopped in the reverse order of their start."""

    children: list[Child] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    def add(self, name: str, arguments: Sequence[str], log_file: Path | None = None) -> Child:
        """A child that runs `tandem ARGUMENTS` in this interpreter."""
        child = Child(name, [sys.executable, "-m", "tandem", *arguments], log_file)
        self.children.append(child)
        return child

    def tend(self) -> None:
        """Start what may start, note what has ended. To be called a few times a second."""
        now = self.clock()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._ended(child, child.process.returncode, now)
            if child.process is None and child.after_exit is not None and child.after_exit <= now:
                self._start(child, now)

    def _start(self, child: Child, now: float) -> None:
        child.process = launch(child.command, child.log_file)
        child.started, child.restarts = now, child.restarts + 1
        log.info("%s started (pid %d)", child.name, child.process.pid)

    def _ended(self, child: Child, code: int, now: float) -> None:
        child.process, child.exit_code = None, code
        if code == NEEDS_A_PERSON:
            child.after_exit = None
            log.error(
                "%s stopped with code %d and needs a person; the rest goes on. %s", child.name, code, _words(child)
            )
            return
        if now - child.started > STEADY_S:
            child.backoff = FIRST_BACKOFF_S
        child.after_exit = now + child.backoff
        log.warning(
            "%s ended with code %d, starting again in %.1f s. %s", child.name, code, child.backoff, _words(child)
        )
        child.backoff = min(MOST_BACKOFF_S, child.backoff * 2)

    @property
    def given_up(self) -> list[Child]:
        """Children that need a person."""
        return [child for child in self.children if child.process is None and child.after_exit is None]

    def stop(self) -> None:
        """Ask each to end, last started first, and wait; one that does not is killed."""
        for child in reversed(self.children):
            child.after_exit = None
            if child.process is not None:
                end(child.process)
                child.exit_code, child.process = child.process.returncode, None


def launch(
    command: Sequence[str], log_file: Path | None = None, env: Mapping[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    """Start a process in a session of its own, so that Ctrl-C reaches only us; its output goes to the file, or to stderr."""
    if log_file is None:
        return _open(command, sys.stderr.fileno(), env)
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as output:
        return _open(command, output.fileno(), env)


def _open(command: Sequence[str], output: int, env: Mapping[str, str] | None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  only our own commands
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env={**os.environ, **(env or {})},
        start_new_session=True,
        preexec_fn=dies_with_parent,  # noqa: PLW1509  a single prctl call
    )


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end and wait for it; kill it when patience is over."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _words(child: Child) -> str:
    """The last line that the process wrote, which says why it ended."""
    if child.log_file is None or not child.log_file.exists():
        return ""
    lines = child.log_file.read_text(errors="replace").strip().splitlines()
    return f"It said: {lines[-1]}" if lines else ""
