"""The default model: what `tonelens.features` sees, taught by labels and by teachers' soft labels.

``python -m training.student WORK OUT [--soft NAME] [--hold K]`` trains on the labels, and on
``WORK/NAME-soft`` where a teacher has made it, and writes the model folder OUT. With ``--hold K``
the outlets of fold K are left out and reported on, which is what every setting was chosen by, and
what the temperature is fitted on.

Documents are cut at random into runs of 1 to 16 sentences before features are extracted, so that
the model meets sentences with and without their neighbours.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tonelens.features import BUCKETS, STYLE, Features, extract
from tonelens.network import Layer, Network, quantize
from training.data import text_rows
from training.labels import Labelled, folder_labels, training_labels
from training.measure import figures, fit_temperature
from training.prepare import folds_by_outlet

CELLS = 6
SMOOTHING = 0.05
RUNS = (1, 1, 2, 3, 5, 8, 16)
STEP, TOP = 1 / 32, 255 / 32  # of the activations, as tonelens.network rounds them


@dataclass
class Examples:
    """Features of n sentences in runs, with targets.

    Attributes
    ----------
    features : Features
    run : int64 (n,)
        Number of each sentence's run.
    target : float32 (n, 6)
    weight : float32 (n,)
    """

    features: Features
    run: NDArray[np.int64]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]


def examples(
    texts: list[str],
    document: NDArray[np.int64],
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
    rng: np.random.Generator | None,
) -> Examples:
    """Extract features, of documents cut into random runs, or of whole ones without `rng`."""
    run = document if rng is None else _cut(document, rng)
    parts, low = [], 0
    while low < len(texts):
        high = min(low + 4096, len(texts))
        while high < len(texts) and run[high] == run[high - 1]:
            high += 1
        parts.append(extract(texts[low:high], run[low:high]))
        low = high
    return Examples(_joined(parts), run, target, weight)


def _cut(document: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    change = np.zeros(len(document), np.int64)
    at = 0
    while at < len(document):
        change[at] = 1
        at += int(rng.choice(RUNS))
    change[1:] |= document[1:] != document[:-1]
    return np.cumsum(change)


def _joined(parts: list[Features]) -> Features:
    shift = np.cumsum([0] + [len(p.style) for p in parts])
    start = np.cumsum([0] + [p.offset[-1] for p in parts])
    offset = [p.offset[:-1] + s for p, s in zip(parts, start, strict=False)]
    moved = [
        [np.where(a < 0, -1, a + s) for a, s in zip(arrays, shift, strict=False)]
        for arrays in ([p.before for p in parts], [p.after for p in parts])
    ]
    return Features(
        np.concatenate([p.bucket for p in parts]),
        np.concatenate([*offset, [start[-1]]]),
        np.concatenate([p.style for p in parts]),
        np.concatenate(moved[0]),
        np.concatenate(moved[1]),
    )


class Student(nn.Module):
    """The network of `tonelens.network`, in real numbers."""

    def __init__(self, width: int, mixed: int, drop: float) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(BUCKETS, width, mode="sum")
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.style = nn.Linear(len(STYLE), width)
        self.mix = nn.Linear(3 * width, mixed)
        self.out = nn.Linear(width + mixed, CELLS)
        self.drop = nn.Dropout(drop)

    def own(self, bucket: torch.Tensor, offset: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """Stage one's activations (n, width); `offset` has n + 1 entries."""
        count = (offset[1:] - offset[:-1]).float()
        total = self.embedding(bucket, offset[:-1]) / count.sqrt()[:, None]
        return self.drop(torch.clamp(total + self.style(style), 0, TOP))

    def forward(self, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Logits (n, 6)."""
        bucket, offset, style, before, after = batch
        own = self.own(bucket, offset, style)
        padded = torch.cat((own, torch.zeros(1, own.shape[1])))
        near = torch.cat((own, padded[before], padded[after]), 1)
        return self.out(torch.cat((own, torch.clamp(self.mix(near), 0, TOP)), 1))


def batches(data: Examples, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Sentence numbers of whole runs in random order, about `size` at a time."""
    edge = np.flatnonzero(np.diff(data.run)) + 1
    start, stop = np.concatenate(([0], edge)), np.concatenate((edge, [len(data.run)]))
    rows: list[int] = []
    for k in rng.permutation(len(start)).tolist():
        rows += range(start[k], stop[k])
        if len(rows) >= size:
            yield np.array(rows)
            rows = []
    if rows:
        yield np.array(rows)


def tensors(f: Features, rows: NDArray[np.int64]) -> tuple[torch.Tensor, ...]:
    """The features of some sentences, whole runs of them, as tensors."""
    size = f.offset[rows + 1] - f.offset[rows]
    offset = np.concatenate(([0], np.cumsum(size)))
    flat = np.arange(offset[-1]) + np.repeat(f.offset[rows] - offset[:-1], size)
    place = {int(r): i for i, r in enumerate(rows)}
    before = np.array([place.get(int(j), -1) for j in f.before[rows]])
    after = np.array([place.get(int(j), -1) for j in f.after[rows]])
    arrays = (f.bucket[flat].astype(np.int64), offset, f.style[rows], before, after)
    return tuple(torch.from_numpy(np.ascontiguousarray(a)) for a in arrays)


def train(
    model: Student, sets: list[tuple[Examples, int]], *, epochs: int, rate: float, seed: int
) -> None:
    """Adam with one-cycle rates over all sets together; a set with factor k is seen k times."""
    rng = np.random.default_rng(seed)
    steps = epochs * sum(k * -(-len(d.run) // 512) for d, k in sets)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps + 8)
    began, total, seen = time.time(), 0.0, 0
    for epoch in range(epochs):
        plan = [(d, rows) for d, k in sets for _ in range(k) for rows in batches(d, 512, rng)]
        for i in rng.permutation(len(plan)).tolist():
            data, rows = plan[i]
            weight = torch.from_numpy(data.weight[rows])
            if not weight.any() or seen >= steps + 7:
                continue
            logits = torch.log_softmax(model(tensors(data.features, rows)), 1)
            loss = -(torch.from_numpy(data.target[rows]) * logits).sum(1)
            mean = (loss * weight).sum() / weight.sum()
            optimiser.zero_grad(set_to_none=True)
            mean.backward()
            optimiser.step()
            schedule.step()
            total, seen = total * 0.99 + float(mean.detach()) * 0.01, seen + 1
        print(f"  epoch {epoch + 1}: loss {total / (1 - 0.99**seen):.4f}, "
              f"{time.time() - began:.0f} s", flush=True)  # fmt: skip


def network(model: Student, temperature: float = 1.0) -> Network:
    """The trained student in 8-bit weights."""
    real = {name: p.detach().numpy() for name, p in model.named_parameters()}
    embedding, scale = quantize(real["embedding.weight"])
    layers = [
        Layer.quantized(real[f"{n}.weight"].T, real[f"{n}.bias"]) for n in ("style", "mix", "out")
    ]
    return Network(embedding, scale, *layers, temperature)


def labelled_examples(rows: list[Labelled], rng: np.random.Generator | None) -> Examples:
    """Features and smoothed targets of labelled passages."""
    cell = np.array([row.cell for row in rows])
    hot = np.eye(CELLS, dtype=np.float32)[np.maximum(cell, 0)]
    passages = {name: i for i, name in enumerate(dict.fromkeys(row.passage for row in rows))}
    document = np.array([passages[row.passage] for row in rows])
    weight = np.array([row.weight for row in rows], np.float32)
    target = hot * (1 - SMOOTHING) + SMOOTHING / CELLS
    return examples([row.text for row in rows], document, target, weight, rng)


def soft_examples(folder: Path, rng: np.random.Generator, held: set[str]) -> Examples:
    """Features and teachers' probabilities of the softened text, but of the held-out outlets."""
    shards = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    where = {int(r): i for i, r in enumerate(np.concatenate([s["rows"] for s in shards]))}
    root = np.concatenate([s["root"] for s in shards]).astype(np.float32)
    texts, documents, places = [], [], []
    names: dict[tuple[str, str], int] = {}
    for number, row in enumerate(text_rows()):
        if number in where and (row["outlet"] or row["source"]) not in held:
            texts.append(row["text"])
            documents.append(names.setdefault((row["source"], row["doc"]), len(names)))
            places.append(where[number])
    target = (root[places] / 255) ** 2
    target /= target.sum(1, keepdims=True)
    return examples(texts, np.array(documents), target, np.ones(len(texts), np.float32), rng)


def main() -> None:
    """Parse the command line, train, quantise, report, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--soft")
    parser.add_argument("--hold", type=int)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--mixed", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--gold", type=int, default=2, help="times the labels are seen an epoch")
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    rows = training_labels()
    fold = folds_by_outlet([r.outlet for r in rows], [r.weight for r in rows])
    held = {outlet for outlet, k in fold.items() if k == args.hold}
    gold = labelled_examples([r for r in rows if r.outlet not in held], rng)
    sets = [(gold, args.gold)]
    if args.soft:
        sets.append((soft_examples(args.work / f"{args.soft}-soft", rng, held), 1))
    print([(len(d.run), k) for d, k in sets], flush=True)
    model = Student(args.width, args.mixed, args.drop)
    train(model, sets, epochs=args.epochs, rate=args.rate, seed=args.seed)
    model.eval()
    net = network(model, args.temperature)
    if held:
        out = [r for r in rows if r.outlet in held]
        data = labelled_examples(out, None)
        cell = np.array([r.cell for r in out])
        print("held out", figures(net.probabilities(data.features), cell))
        print("temperature", fit_temperature(net.logits(data.features), cell))
        np.savez(args.work / "held.npz", logits=net.logits(data.features), cell=cell)
    test = list(folder_labels("test"))
    data = labelled_examples(test, None)
    print("test", figures(net.probabilities(data.features), np.array([r.cell for r in test])))
    from tonelens.model import ToneModel

    ToneModel(net, {"settings": json.loads(json.dumps(vars(args), default=str))}).save(args.out)


if __name__ == "__main__":
    main()
