"""The most memory that a process has held."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def most() -> float:
    """The most memory that this process has held since it began to run its program, in MiB.

    Linux's `ru_maxrss` would do, if it didn't begin with what the process's parent held.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
