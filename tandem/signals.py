"""How a process is told to stop; nothing else installs signal handlers."""

import signal
import threading


def stop_on_signals() -> threading.Event:
    """Set by Ctrl-C and by SIGTERM: what is in hand ends, then the process does."""
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    return stop
