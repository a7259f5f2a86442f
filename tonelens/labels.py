"""The three tones, the two voices, the six cells that the model predicts, and how they combine.

Column order of every probability array, the tie rule and the derivation of a tone live here alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LABELS = ("reporting", "opinion", "speculation")
VOICES = ("author", "source")

# content x voice, content fastest: the author's three, then the source's three
CELLS = tuple(f"{content}/{voice}" for voice in VOICES for content in LABELS)

Floats = NDArray[np.float32]


def tone_probabilities(cells: Floats) -> Floats:
    """Probabilities of the tones (n, 3), in `LABELS` order, from those of the cells (n, 6).

    Whatever a source says is reporting: that it was said.

    >>> cells = np.array([[0.25, 0.125, 0.125, 0.25, 0.25, 0.0]], np.float32)
    >>> tone_probabilities(cells).tolist()
    [[0.75, 0.125, 0.125]]
    """
    tones = cells[:, :3].copy()
    tones[:, 0] = np.minimum(tones[:, 0] + source_probability(cells), 1)  # not by one bit above
    return tones


def source_probability(cells: Floats) -> Floats:
    """Probability (n,) that the main claim is a source's, from those of the cells (n, 6)."""
    total: Floats = np.minimum(cells[:, 3] + cells[:, 4] + cells[:, 5], 1)
    return total


def tone_index(tones: NDArray[np.floating]) -> NDArray[np.int64]:
    """Column of the most probable tone (n,); the first in `LABELS` order wins a tie."""
    return tones.argmax(1)


def voice_index(source: NDArray[np.floating]) -> NDArray[np.int64]:
    """Number in `VOICES` (n,) of each voice; "source" where its probability is above one half."""
    return (source > 0.5).astype(np.int64)


def voice_name(source: float) -> str:
    """Name of the voice: "source" where its probability is above one half.

    >>> voice_name(0.5), voice_name(0.6)
    ('author', 'source')
    """
    return VOICES[source > 0.5]
