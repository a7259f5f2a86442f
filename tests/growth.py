"""Whether time grows in line with the length of a text, told on a busy machine too."""

import time
from collections.abc import Callable


def is_linear(call: Callable[[str], object], shape: str, size: int) -> bool:
    """Whether 8 times the text takes less than 24 times as long, in the best of 16 runs.

    Runs are only repeated where the first two disagree. `size` should be so large that the shorter
    text does not fit the processor's cache as a whole, for then the longer one seems slow.
    """
    short, long = (shape * (length // len(shape) + 1) for length in (size, 8 * size))
    best = [float("inf"), float("inf")]
    for _ in range(8):
        for i, text in enumerate((short, long)):
            for _ in range(2):
                start = time.process_time()
                call(text)
                best[i] = min(best[i], time.process_time() - start)
        if best[1] < 24 * best[0]:
            return True
    return False
