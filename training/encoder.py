"""A pretrained encoder that judges every sentence of a window: six cells, content x voice.

Runs on a CPU; with an accelerator present it is used. Needs torch and transformers, which
tonelens itself does not.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoModel

from tonelens.labels import CELLS
from training.graph import STEP, TOP, is_rounded
from training.passages import Passages, batches

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
# Word pieces, padding included, where nothing is learnt: what the caches of a processor hold.
_AT_ONCE = 48_000 if DEVICE == "cuda" else 4_000
# Where a processor has no 16-bit arithmetic of its own, emulating it is twenty times slower.
HALF = DEVICE == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)


class Encoder(nn.Module):
    """Backbone, mean over each sentence's own tokens, linear layer to the cells."""

    def __init__(self, folder: Path | str) -> None:
        super().__init__()
        # One pass over so many labels learns little by heart, and drop-out takes time.
        plain = {"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0}
        self.backbone = AutoModel.from_pretrained(folder, dtype=torch.float32, **plain)
        self.backbone.pooler = None
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(self.backbone.config.hidden_size, len(CELLS))

    def load(self, path: Path) -> None:
        """Take on the weights that `training.teachers` kept, and as many layers."""
        state = torch.load(path, weights_only=True)
        self.keep_layers(range(len({name.split(".")[3] for name in state if ".layer." in name})))
        self.load_state_dict({name: part.float() for name, part in state.items()})

    def keep_layers(self, numbers: Sequence[int]) -> None:
        """Drop all layers but these."""
        layers = self.backbone.encoder.layer
        self.backbone.encoder.layer = nn.ModuleList([layers[number] for number in numbers])

    def freeze(self, layers: int) -> None:
        """Leave the embeddings, and so many of the first layers, as they are."""
        fixed = [self.backbone.embeddings, *self.backbone.encoder.layer[:layers]]
        for part in fixed:
            part.requires_grad_(requires_grad=False)

    @contextmanager
    def rounded(self) -> Iterator[None]:
        """Weights as coarse as they ship; what is learnt from them is learnt by the exact ones."""
        parts = [part.data for name, part in self.named_parameters() if is_rounded(name)]
        exact = [part.clone() for part in parts]
        for part in parts:
            part.copy_(coarse(part))
        try:
            yield
        finally:
            for part, was in zip(parts, exact, strict=True):
                part.copy_(was)

    def judge(self, passages: Passages, windows: list[range]) -> torch.Tensor:
        """Logits of every sentence of the windows, in order."""
        ids, owner = passages.batch(windows)
        token = torch.from_numpy(ids).to(DEVICE, non_blocking=True)
        whose = torch.from_numpy(owner.ravel()).to(DEVICE, non_blocking=True)
        count = sum(map(len, windows))
        with torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=HALF):
            mask = (token != passages.pad).long()
            hidden = self.backbone(input_ids=token, attention_mask=mask).last_hidden_state
            hidden = hidden.reshape(-1, hidden.shape[-1]).float()
            total = torch.zeros(count + 1, hidden.shape[-1], device=DEVICE)
            total.index_add_(0, torch.where(whose < 0, count, whose), hidden)
            size = torch.bincount(whose + 1, minlength=count + 1)[1:].clamp(min=1)
            pooled = total[:count] / size[:, None]
        return self.head(self.drop(pooled)).float()


def coarse(weight: torch.Tensor) -> torch.Tensor:
    """What `training.graph.quantized` makes of a matrix (out, in), many times as fast."""
    largest = torch.linalg.vector_norm(weight, torch.inf, 1, keepdim=True)
    spread = torch.linalg.vector_norm(weight, 2, 1, keepdim=True) / weight.shape[1] ** 0.5
    scale = torch.maximum(largest / TOP, STEP * spread).clamp(min=1e-9)
    return (weight / scale).round_().mul_(scale)


def loss_of(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Cross-entropy with a distribution over cells, weighted; weight 0 leaves a sentence out."""
    per_row = -(target * torch.log_softmax(logits, 1)).sum(1)
    return (per_row * weight).sum() / weight.sum().clamp(min=1e-6)


def fit(
    model: Encoder,
    passages: Passages,
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
    *,
    epochs: int,
    rate: float,
    tokens: int = 6_000,
    rounded: float = 0,
    seed: int = 0,
    checkpoint: Path | None = None,
) -> Encoder:
    """Train on random windows with AdamW, warm-up and linear decay.

    In the last steps, of which `rounded` is the share, weights are as coarse as they ship.
    With a `checkpoint` the state is kept there every hundred steps, and training goes on from it.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model.to(DEVICE).train()
    plan = [_epoch_batches(passages, weight, rng, tokens) for _ in range(epochs)]
    steps = sum(map(len, plan))
    learnt = [p for p in model.parameters() if p.requires_grad]
    decayed, plain = [p for p in learnt if p.ndim > 1], [p for p in learnt if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate, fused=True)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / (steps - warm + 1)))
    )
    target_t, weight_t = torch.from_numpy(target).to(DEVICE), torch.from_numpy(weight).to(DEVICE)
    began, losses, done = time.time(), [], 0
    if checkpoint and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
        done = state["done"]
    for number, windows in enumerate(batch for epoch in plan for batch in epoch):
        if number < done:
            continue
        rows = torch.tensor([i for w in windows for i in w], device=DEVICE)
        optimiser.zero_grad(set_to_none=True)
        with model.rounded() if number >= steps * (1 - rounded) else nullcontext():
            loss = loss_of(model.judge(passages, windows), target_t[rows], weight_t[rows])
            loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
        if (number + 1) % 100 and number + 1 < steps:
            continue
        mean = float(torch.stack(losses[-100:]).mean())
        print(
            f"  step {number + 1}/{steps} loss {mean:.4f} {time.time() - began:.0f} s", flush=True
        )
        if checkpoint:
            states = {"model": model, "optimiser": optimiser, "schedule": schedule}
            kept = {name: part.state_dict() for name, part in states.items()}
            torch.save({**kept, "done": number + 1}, checkpoint)
    return model.eval()


def _epoch_batches(
    passages: Passages, weight: NDArray[np.float32], rng: np.random.Generator, tokens: int
) -> list[list[range]]:
    windows = [w for w in passages.random_windows(rng) if weight[w.start : w.stop].any()]
    size = [len(ids) for ids in passages.ids]
    cumulative = np.concatenate(([0], np.cumsum(size)))
    out = []
    for low in range(0, len(windows), 4096):  # like lengths together, but not across the epoch
        part = windows[low : low + 4096]
        sizes = [int(cumulative[w.stop] - cumulative[w.start]) + len(w) + 1 for w in part]
        out += [[part[k] for k in b] for b in batches(sizes, tokens)]
    return [out[i] for i in rng.permutation(len(out))]


@torch.no_grad()
def predict(model: Encoder, passages: Passages) -> NDArray[np.float32]:
    """Logits (n, 6) of every sentence, each read with its neighbours."""
    model.to(DEVICE).eval()
    windows = passages.covering_windows()
    sizes = [sum(len(passages.ids[i]) + 1 for i in read) + 1 for read, _ in windows]
    out = np.zeros((len(passages.ids), len(CELLS)), np.float32)
    for batch in batches(sizes, _AT_ONCE):
        logits = model.judge(passages, [windows[k][0] for k in batch]).cpu().numpy()
        at = 0
        for k in batch:
            read, judged = windows[k]
            skip = judged.start - read.start
            out[judged.start : judged.stop] = logits[at + skip : at + skip + len(judged)]
            at += len(read)
    return out
