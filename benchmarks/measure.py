"""What a piece of work takes: time, processor time, memory."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of processor time in all threads of this process."""

    clock: float
    processor: float


def measured(work: Callable[[], object]) -> Cost:
    """What a piece of work takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - clock, time.process_time() - processor)


def most() -> float:
    """The most memory that this process has held since it began to run its program, in MiB.

    Linux's `ru_maxrss` would do, if it didn't begin with what the process's parent held.
    """
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
