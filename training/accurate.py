"""The accurate model: a small encoder taught by the teachers on all text, then by the labels.

``python -m training.accurate BACKBONE WORK TEACHER NAME`` needs ``WORK/TEACHER-soft.npy`` and
``WORK/TEACHER-K.npz`` (`training.teachers`); keeps ``WORK/NAME.pt`` and prints test figures.
With ``--hold K`` it learns from the teacher of fold K alone and leaves that fold's outlets out, so
that settings can be chosen on it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tonelens.network import softmax
from training.encoder import CELLS, Encoder, fit, predict
from training.measure import figures
from training.teachers import load_passages, targets


def soft_targets(args: argparse.Namespace) -> NDArray[np.float32]:
    """The teachers' probabilities (n, 6) for the unlabelled text."""
    if args.hold is not None:
        return np.load(args.work / f"{args.teacher}-soft-{args.hold}.npy").astype(np.float32)
    root = np.load(args.work / f"{args.teacher}-soft.npy").astype(np.float32)
    p = (root / 255) ** 2
    return p / p.sum(1, keepdims=True)


def held_out_teacher(args: argparse.Namespace, fold: NDArray[np.int8]) -> NDArray[np.float32]:
    """For each labelled row, the probabilities of the teacher that did not see it."""
    out = np.zeros((len(fold), CELLS), np.float32)
    for k in np.unique(fold):
        path = args.work / f"{args.teacher}-{k}.npz"
        out[fold == k] = softmax(np.load(path)["train"][fold == k])
    return out


def main() -> None:
    """Teach, fine-tune, report."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("backbone", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("teacher")
    parser.add_argument("name")
    parser.add_argument("--hold", type=int)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--tune-rate", type=float, default=2e-5)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--tune-epochs", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=12_000)
    parser.add_argument("--share", type=float, default=1.0, help="of the text that is read")
    args = parser.parse_args()
    torch.manual_seed(0)
    model = Encoder(args.backbone)
    kind = model.backbone.config.model_type
    text, _ = load_passages(args.work / "text.npz", kind)
    train, data = load_passages(args.work / "train.npz", kind)
    test, test_data = load_passages(args.work / "test.npz", kind)
    held = data["fold"] == args.hold if args.hold is not None else np.zeros(len(data["fold"]), bool)

    def report(stage: str) -> None:
        print(stage, "test", figures(softmax(predict(model, test)), test_data["cell"]), flush=True)
        if held.any():
            found = softmax(predict(model, train))[held]
            print(stage, "held out", figures(found, data["cell"][held]), flush=True)

    began = time.time()
    weight = np.ones(len(text.ids), np.float32)
    if args.share < 1:
        chosen = np.random.default_rng(0).random(text.doc.max() + 1) < args.share
        weight = chosen[text.doc].astype(np.float32)
    fit(
        model, text, soft_targets(args), weight, epochs=args.epochs, rate=args.rate,
        tokens=args.tokens,
    )  # fmt: skip
    report(f"taught ({time.time() - began:.0f} s)")
    torch.save(
        {k: v.half() for k, v in model.state_dict().items()}, args.work / f"{args.name}-0.pt"
    )
    mixed = 0.6 * targets(data["cell"]) + 0.4 * held_out_teacher(args, data["fold"])
    weight = data["weight"] * ~held
    fit(model, train, mixed, weight, epochs=args.tune_epochs, rate=args.tune_rate, tokens=3_000)
    report("tuned")
    torch.save({k: v.half() for k, v in model.state_dict().items()}, args.work / f"{args.name}.pt")


if __name__ == "__main__":
    main()
