"""What differs between operating systems; nothing else asks which one it is."""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def dies_with_parent() -> None:
    """To be called in a child before it becomes another program: on Linux it then ends when its parent does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
