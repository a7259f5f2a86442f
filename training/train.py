"""Train the default model: what `tonelens.features` sees, taught by labels and soft labels.

``python -m training.train`` makes the shipped model, in two passes over the same settings, side by
side. The first leaves out the outlets that no teacher saw: its figures on them go into the card,
every setting was chosen by them, and the temperature is fitted on them. The second trains on
everything and is written, with its card, to ``tonelens/models/default``. The author's opinion and
speculation, which are rare, are lifted by .6 of log-odds: that raises macro-F1 on the outlets left
out, and costs little calibration. ``--only-held-out FOLDER`` stops after the first and writes it
there.

The labels are those of `training.labels`; the soft labels, a teacher's probabilities for unlabelled
sentences, are kept in ``training/soft/`` (`training.soft`). Targets are not smoothed, and what the
teacher's smoothing spread is taken out of the soft labels: else the model is less sure of plain
sentences than it ought to be, which no temperature mends. Documents are cut at random into runs
of 1 to 16 sentences before features are extracted, so that the model meets sentences with and
without their neighbours.

A word that is listed as a cue (`tonelens.cues`) shares weights with the other cues of its type:
they are added to its own while training, and part of them in the shipped model.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from joblib import Parallel, delayed
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from tonelens.cues import TYPES, cue_types
from tonelens.features import BUCKETS, SHAPE, Features, extract, word_buckets
from tonelens.labels import CELLS
from tonelens.model import DEFAULT, ToneModel
from tonelens.network import AROUND, TOP, Layer, Network, quantize_embedding, softmax
from training.card import measured, provenance, write
from training.data import text_rows
from training.labels import (
    Labelled,
    folder_labels,
    targets,
    training_labels,
    unsmoothed,
)
from training.measure import describe, figures, fit_temperature
from training.soft import held_out_outlets, read_soft, soft_summary

RUNS = (1, 1, 2, 3, 5, 8, 16)
KINDS = ("word", "pair")
# An n-gram that is met once or twice must stay near nothing: it starts there, and Adam, which moves
# every weight by as much however seldom it is met, is held back by a large epsilon.
SPREAD, EPSILON, FASTER = 0.01, 1e-4, 4.0


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
        parts.append(extract(texts[low:high], run[low:high], kinds=KINDS, cues=False))
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
    return Features(
        np.concatenate([p.bucket for p in parts], 1),
        np.concatenate([*offset, [start[-1]]]),
        np.concatenate([p.style for p in parts]),
        np.concatenate([p.begin + s for p, s in zip(parts, shift, strict=False)]),
        np.concatenate([p.end + s for p, s in zip(parts, shift, strict=False)]),
    )


def cue_rows() -> torch.Tensor:
    """Which rows of the embedding are words of which type of cue, quoted or not: sparse 0 and 1."""
    rows, columns = [], []
    key, bits = (np.array(list(part)) for part in zip(*cue_types().items(), strict=True))
    for quoted in (False, True):
        bucket = word_buckets(key.astype(np.uint64), quoted=quoted)
        for k in range(len(TYPES)):
            hit = bucket[(bits >> k & 1) == 1]
            rows += hit.tolist()
            columns += [k + quoted * len(TYPES)] * len(hit)
    shape = (len(KINDS) * BUCKETS, 2 * len(TYPES))
    return torch.sparse_coo_tensor(
        torch.tensor([rows, columns]), torch.ones(len(rows)), shape
    ).coalesce()


class Student(nn.Module):
    """The network of `tonelens.network`, in real numbers."""

    def __init__(self, width: int, mixed: int, layers: int, drop: float) -> None:
        super().__init__()
        self.own = nn.Parameter(torch.randn(len(KINDS) * BUCKETS, width) * SPREAD)
        self.shared = nn.Parameter(torch.zeros(2 * len(TYPES), width))
        self.cues = cue_rows()
        self.style = nn.Linear(len(SHAPE), width)
        widths = [width] + [mixed] * layers
        self.mix = nn.ModuleList([nn.Linear(4 * w, mixed) for w in widths[:-1]])
        self.out = nn.Linear(sum(widths), len(CELLS))
        self.drop = nn.Dropout(drop)

    def embedding(self) -> torch.Tensor:
        """Rows of all buckets, those of cues with what they share."""
        return self.own + torch.sparse.mm(self.cues, self.shared)

    def forward(self, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """Logits (n, 6)."""
        bucket, offset, style, *context = batch
        count = (offset[1:] - offset[:-1]).float()
        total = functional.embedding_bag(bucket, self.embedding(), offset[:-1], mode="sum")
        total = total / count.sqrt()[:, None] + self.style(style)
        found = [self.drop(torch.clamp(total, 0, TOP))]
        for layer in self.mix:
            found.append(torch.clamp(layer(in_context(found[-1], *context)), 0, TOP))
        return self.out(torch.cat(found, 1))


def in_context(
    own: torch.Tensor,
    before: torch.Tensor,
    after: torch.Tensor,
    low: torch.Tensor,
    high: torch.Tensor,
) -> torch.Tensor:
    """What `tonelens.network.in_context` gives, in real numbers."""
    nothing = torch.zeros(1, own.shape[1])
    padded, total = torch.cat((own, nothing)), torch.cat((nothing, own.cumsum(0)))
    mean = (total[high] - total[low]) / (high - low)[:, None]
    return torch.cat((own, padded[before], padded[after], mean), 1)


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
    place = np.arange(offset[-1]) + np.repeat(f.offset[rows] - offset[:-1], size)
    bucket = f.bucket.T[place] + BUCKETS * np.arange(len(KINDS))
    at = np.arange(len(rows))
    begin, end = at - (rows - f.begin[rows]), at + (f.end[rows] - rows)
    before = np.where(at > begin, at - 1, len(rows))
    after = np.where(at + 1 < end, at + 1, len(rows))
    low, high = np.maximum(begin, at - AROUND), np.minimum(end, at + AROUND + 1)
    arrays = (bucket.ravel(), offset * len(KINDS), f.style[rows], before, after, low, high)
    return tuple(torch.from_numpy(np.ascontiguousarray(a)) for a in arrays)


def train(
    model: Student, sets: list[tuple[Examples, int]], *, epochs: int, rate: float, seed: int
) -> None:
    """Adam with one-cycle rates over all sets together; a set with factor k is seen k times."""
    rng = np.random.default_rng(seed)
    optimiser = adam(model, rate)
    rates = [group["lr"] for group in optimiser.param_groups]
    steps = epochs * sum(k * -(-len(d.run) // 512) for d, k in sets)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, total_steps=steps, cycle_momentum=False
    )
    began, total, seen = time.time(), 0.0, 0
    for epoch in range(epochs):
        plan = [(d, rows) for d, k in sets for _ in range(k) for rows in batches(d, 512, rng)]
        for i in rng.permutation(len(plan)).tolist():
            mean = loss(model, *plan[i])
            if mean is None:
                continue
            optimiser.zero_grad(set_to_none=True)
            mean.backward()
            optimiser.step()
            schedule.step()
            total, seen = total * 0.99 + float(mean.detach()) * 0.01, seen + 1
        print(f"  epoch {epoch + 1}: loss {total / (1 - 0.99**seen):.4f}, "
              f"{time.time() - began:.0f} s", flush=True)  # fmt: skip


def adam(model: Student, rate: float) -> torch.optim.AdamW:
    """Two groups of weights: the embedding's, and the rest."""
    seldom = [model.own, model.shared]
    rest = [part for name, part in model.named_parameters() if name not in ("own", "shared")]
    groups: list[dict[str, Any]] = [
        {"params": seldom, "lr": FASTER * rate, "eps": EPSILON},
        {"params": rest},
    ]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, fused=True)


def loss(model: Student, data: Examples, rows: NDArray[np.int64]) -> torch.Tensor | None:
    """Mean cross-entropy of some sentences, weighted; none where all weigh nothing."""
    weight = torch.from_numpy(data.weight[rows])
    if not weight.any():
        return None
    logits = torch.log_softmax(model(tensors(data.features, rows)), 1)
    each = -(torch.from_numpy(data.target[rows]) * logits).sum(1)
    return (each * weight).sum() / weight.sum()


def network(model: Student) -> Network:
    """The trained student in 8-bit weights."""
    rows, scale = quantize_embedding(model.embedding().detach().numpy(), len(KINDS))
    style, *mix, out = (
        Layer.quantized(layer.weight.detach().numpy().T, layer.bias.detach().numpy())
        for layer in (model.style, *model.mix, model.out)
    )
    return Network(KINDS, rows, scale, style, tuple(mix), out, 1.0)


def labelled_examples(rows: list[Labelled], rng: np.random.Generator | None) -> Examples:
    """Features and targets of labelled passages."""
    cell = np.array([row.cell for row in rows])
    passages = {name: i for i, name in enumerate(dict.fromkeys(row.passage for row in rows))}
    document = np.array([passages[row.passage] for row in rows])
    weight = np.array([row.weight for row in rows], np.float32)
    return examples([row.text for row in rows], document, targets(cell), weight, rng)


def soft_examples(rng: np.random.Generator, held: set[str]) -> Examples:
    """Features and teachers' probabilities of the softened text, but of the held-out outlets."""
    soft = read_soft()
    where = {row: i for i, row in enumerate(soft.rows.tolist())}
    texts, documents, places = [], [], []
    names: dict[tuple[str, str], int] = {}
    for number, row in enumerate(text_rows()):
        if number in where and (row["outlet"] or row["source"]) not in held:
            texts.append(row["text"])
            documents.append(names.setdefault((row["source"], row["doc"]), len(names)))
            places.append(where[number])
    target = unsmoothed(soft.probabilities[places])
    return examples(texts, np.array(documents), target, np.ones(len(texts), np.float32), rng)


def fitted(rows: list[Labelled], held: set[str], args: argparse.Namespace) -> Network:
    """Train on all but the held-out outlets, in one thread: more would add up in another order."""
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)
    labelled = labelled_examples([r for r in rows if r.outlet not in held], rng)
    sets = [(labelled, args.gold), (soft_examples(rng, held), 1)]
    print([(len(data.run), times) for data, times in sets], flush=True)
    model = Student(args.width, args.mixed, args.layers, args.drop)
    train(model, sets, epochs=args.epochs, rate=args.rate, seed=args.seed)
    return network(model.eval())


def judged(net: Network, rows: list[Labelled]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits and cells of labelled passages, each sentence in its passage."""
    logits = net.logits(labelled_examples(rows, None).features)
    return logits, np.array([row.cell for row in rows])


def calibrated(net: Network, temperature: float, lift: float) -> Network:
    """The network with its temperature, and with rarer tones of the author lifted by log-odds."""
    if net.out is None:
        raise ValueError("a linear network has no output layer to lift")
    bias = net.out.bias.copy()
    bias[1:3] += lift * temperature
    return replace(net, out=replace(net.out, bias=bias), temperature=temperature)


def card(
    rows: list[Labelled], args: argparse.Namespace, measured: dict[str, Any]
) -> dict[str, Any]:
    """What the model says of itself."""
    soft = {k: v for k, v in soft_summary().items() if k in ("sentences", "teachers")}
    said = provenance(rows)
    said["trained_on"]["soft_labels"] = soft
    return {
        "name": "tonelens default",
        **said,
        "settings": {k: v for k, v in vars(args).items() if type(v) in (int, float)},
        "figures": measured,
    }


def report(name: str, net: Network, rows: list[Labelled]) -> None:
    """Print the main figures."""
    logits, gold = judged(net, rows)
    print(name, describe(figures(softmax(logits), gold)), "temperature", net.temperature)


def main() -> None:
    """Parse the command line, train twice, report, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=DEFAULT)
    parser.add_argument("--only-held-out", type=Path, metavar="FOLDER", help="stop after the first")
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--mixed", type=int, default=32)
    parser.add_argument("--layers", type=int, default=2, help="that mix sentences")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--gold", type=int, default=1, help="times the labels are seen an epoch")
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--drop", type=float, default=0.1)
    parser.add_argument("--lift", type=float, default=0.6, help="of opinion and speculation")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rows, held = training_labels(), held_out_outlets()
    passes = [held] if args.only_held_out else [held, set[str]()]
    nets = Parallel(len(passes))(delayed(fitted)(rows, without, args) for without in passes)
    left_out = [row for row in rows if row.outlet in held]
    temperature = round(fit_temperature(*judged(nets[0], left_out)), 4)
    first, *last = [calibrated(net, temperature, args.lift) for net in nets]
    report("held out", first, left_out)
    found = {"held_out_outlets": measured(ToneModel(first, {}), left_out)}
    if args.only_held_out:
        return write(ToneModel(first, card(rows, args, found)), args.only_held_out)
    net = last[0]
    report("test", net, tested := list(folder_labels("test")))
    found["test_labels"] = measured(ToneModel(net, {}), tested)
    return write(ToneModel(net, card(rows, args, found)), args.out)


if __name__ == "__main__":
    main()
