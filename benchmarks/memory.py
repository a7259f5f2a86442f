"""How much memory this process has held at most. It imports nothing of ours, so as to add none."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_memory() -> int:
    """Give the most bytes of memory that this process has held.

    On Linux getrusage won't do: it starts from the size of the process that forked.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return 1024 * next(int(r.split()[1]) for r in status.splitlines() if "VmHWM" in r)
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
