"""A real learning record store from the npm registry, on this machine's loopback only, or a reason why there is none.

xapi-statements is the engine of Learning Locker: a real product that others have written. It is installed into the folder
that TANDEM_LRS names, else into the user's cache, by npm as it is set up here; no script of a package is run.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.support.ports import free_port

VERSION = "5.0.1"
SERVER = "node_modules/xapi-statements/dist/server.js"
BIND = Path(__file__).with_name("bind.js")
INSTALLING_S, STARTING_S = 300, 30
# Everything in this process: no database, no broker, and any key is taken.
SETTINGS = {
    "AUTH_REPO": "test",
    "EVENTS_REPO": "test",
    "MODELS_REPO": "memory",
    "STORAGE_REPO": "local",
    "SERVICE_AWAIT_UPDATES": "true",
}


class NoStore(Exception):
    """Why there is no real store here."""


def folder() -> Path:
    """Where it is installed."""
    named = os.environ.get("TANDEM_LRS")
    return Path(named) if named else Path.home() / ".cache" / "tandem" / "xapi-lrs"


def installed() -> Path:
    """The folder with the store in it. Raises `NoStore`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoStore("there is no node or no npm on this machine")
    place = folder()
    if not (place / SERVER).is_file():
        place.mkdir(parents=True, exist_ok=True)
        command = [
            npm,
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-save",
            f"xapi-statements@{VERSION}",
        ]
        try:
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=INSTALLING_S, check=False)
        except subprocess.TimeoutExpired:
            raise NoStore(f"npm did not install xapi-statements in {INSTALLING_S} s") from None
        if done.returncode != 0:
            raise NoStore(f"npm could not install xapi-statements {VERSION}: {done.stderr.strip()[-300:]}")
    return place


@contextmanager
def real_store(data: Path) -> Iterator[str]:
    """The address of a running store, empty at the start; `data` is a folder of its own. Raises `NoStore`."""
    server = installed() / SERVER
    (data / "storage" / "accessLogs").mkdir(parents=True)
    port = free_port()
    environment = {**os.environ, **SETTINGS, "EXPRESS_PORT": str(port)}
    with (data / "store.log").open("w") as log:
        running = subprocess.Popen(
            ["node", "-r", str(BIND), str(server)], cwd=data, env=environment, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}/xAPI"
            _await(running, url, data / "store.log")
            yield url
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def _await(running: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + STARTING_S
    while time.monotonic() < end:
        try:
            if requests.get(f"{url}/about", timeout=1).ok:
                return
        except requests.RequestException:
            if running.poll() is not None:
                break
        time.sleep(0.1)
    raise AssertionError(f"the store did not start: {log.read_text()[-500:]}")
