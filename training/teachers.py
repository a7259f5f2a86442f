"""Teachers: encoders fine-tuned on the labels, one a fold, and their soft labels for all text.

``python -m training.teachers fit BACKBONE WORK NAME [--start PT] [--rate R] [--epochs E]
[--folds K ...] [--replay SHARE]``
trains on all folds but one, keeps the weights, the held-out logits and the test logits in
``WORK/NAME-K.*`` and prints figures on what was held out. A fold that is there already is kept.

``python -m training.teachers soften BACKBONE WORK NAME`` averages the probabilities of the kept
folds over the unlabelled text, document by document in random order (or in that of
``WORK/draw.npy``), into ``WORK/NAME-soft/NNN.npz``: ``rows`` of the text and ``root``, uint8
(n, 6), 255 times the square root of the probabilities. Stop it when there is enough; it goes on
where it was.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tonelens.labels import CELLS
from tonelens.network import softmax
from training.encoder import DEVICE, Encoder, fit, predict
from training.labels import smoothed
from training.measure import describe, figures
from training.passages import Passages

SHARD = 10_000
# Word pieces are BERT's; MPNet numbers the same pieces four higher.
SPECIAL = {"bert": (101, 102, 0, 0), "mpnet": (0, 2, 1, 4)}


def load_passages(path: Path, kind: str) -> tuple[Passages, dict[str, NDArray]]:
    """Passages of one prepared file for an encoder of this kind, and its other arrays."""
    data = dict(np.load(path))
    first, separator, pad, shift = SPECIAL[kind]
    length = data["length"].astype(np.int64)
    flat = data["ids"] + np.uint16(shift)
    ids = np.split(flat, np.cumsum(length)[:-1])
    return Passages(ids, data["doc"].astype(np.int64), first, separator, pad), data


def fit_folds(args: argparse.Namespace) -> None:
    """Train the wanted folds and report."""
    model = Encoder(args.backbone)
    kind = model.backbone.config.model_type
    train, data = load_passages(args.work / "train.npz", kind)
    test, test_data = load_passages(args.work / "test.npz", kind)
    held: list[NDArray] = []
    rows: list[NDArray] = []
    for fold in args.folds:
        path = args.work / f"{args.name}-{fold}.npz"
        if not path.exists():
            began = time.time()
            torch.manual_seed(fold)
            model = Encoder(args.backbone)
            if args.start:
                model.load(args.start)
            weight = data["weight"] * (data["fold"] != fold) * wanted(data, args.replay)
            fit(
                model, train, smoothed(data["cell"]), weight, epochs=args.epochs, rate=args.rate,
                tokens=args.tokens, seed=fold, checkpoint=path.with_suffix(".checkpoint"),
            )  # fmt: skip
            torch.save(
                {k: v.half() for k, v in model.state_dict().items()}, path.with_suffix(".pt")
            )
            np.savez(path, train=predict(model, train), test=predict(model, test))
            print(f"{args.name} fold {fold}: {time.time() - began:.0f} s", flush=True)
        kept = np.load(path)
        out = data["fold"] == fold
        held.append(kept["train"][out])
        rows.append(np.flatnonzero(out))
        measured = figures(softmax(held[-1]), data["cell"][out])
        print(f"fold {fold} held out", describe(measured), flush=True)
    order, logits = np.concatenate(rows), np.concatenate(held)
    print("all held out", describe(figures(softmax(logits), data["cell"][order])))
    kept = [np.load(args.work / f"{args.name}-{k}.npz")["test"] for k in args.folds]
    mean = np.mean([softmax(logits) for logits in kept], 0)
    print("test, mean of folds", describe(figures(mean, test_data["cell"])), flush=True)


def wanted(data: dict[str, NDArray], replay: float) -> NDArray[np.bool_]:
    """Sentences to train on: every passage with a fresh label, and a share of the others."""
    drawn = np.random.default_rng(0).random(data["doc"].max() + 1) < replay
    drawn[data["doc"][data["fresh"]]] = True
    return drawn[data["doc"]]


def soften(args: argparse.Namespace) -> None:
    """Average the folds' probabilities over whole documents drawn at random, shard by shard."""
    model = Encoder(args.backbone).to(DEVICE)
    text, _ = load_passages(args.work / "text.npz", model.backbone.config.model_type)
    weights = [args.work / f"{args.name}-{k}.pt" for k in args.folds]
    folder = args.work / f"{args.name}-soft"
    folder.mkdir(exist_ok=True)
    for number, rows in enumerate(shards(text, args.work / "draw.npy")):
        path = folder / f"{number:03d}.npz"
        if path.exists():
            continue
        began = time.time()
        part = text.select(rows)
        mean = np.zeros((len(rows), len(CELLS)), np.float32)
        for path_of_weights in weights:
            model.load(path_of_weights)
            mean += softmax(predict(model, part, tokens=args.tokens)) / len(weights)
        np.savez(path, rows=rows, root=np.round(255 * np.sqrt(mean)).astype(np.uint8))
        print(f"shard {number}: {len(rows) / (time.time() - began):.0f} sentences/s", flush=True)


def shards(text: Passages, draw: Path) -> Iterator[NDArray[np.int64]]:
    """Rows of about 10,000 sentences at a time: whole documents, in the order drawn."""
    documents = list(text.documents())
    order = np.load(draw) if draw.exists() else np.random.default_rng(0).permutation(len(documents))
    rows: list[int] = []
    for k in order.tolist():
        rows += documents[k]
        if len(rows) >= SHARD:
            yield np.array(rows)
            rows = []
    if rows:
        yield np.array(rows)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("step", choices=("fit", "soften"))
    parser.add_argument("backbone", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("name")
    parser.add_argument("--start", type=Path, help="weights to go on from: WORK/NAME-K.pt")
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=3_000)
    parser.add_argument(
        "--replay", type=float, default=1.0, help="share of the passages without a fresh label"
    )
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    args = parser.parse_args()
    {"fit": fit_folds, "soften": soften}[args.step](args)


if __name__ == "__main__":
    main()
