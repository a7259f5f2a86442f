"""Teachers: encoders fine-tuned on the labels, one a fold.

``python -m training.teachers BACKBONE WORK NAME [--start PT] [--rate R] [--epochs E]
[--folds K ...] [--replay SHARE]``
trains on all folds but one, keeps the weights, the held-out logits and the test logits in
``WORK/NAME-K.*`` and prints figures on what was held out. A fold that is there already is kept.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tonelens.network import softmax
from training.encoder import Encoder, fit, predict
from training.labels import smoothed
from training.measure import describe, figures
from training.passages import Passages

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


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
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
    fit_folds(parser.parse_args())


if __name__ == "__main__":
    main()
