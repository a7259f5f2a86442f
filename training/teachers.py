"""Teachers, and the encoder that ships: pretrained encoders fine-tuned on the labels, one a fold.

``python -m training.teachers fit BACKBONE WORK NAME [--folds K …]`` trains on all folds but one,
keeps the weights in ``WORK/NAME-K.pt`` and the logits of what was held out, and of the test labels,
in ``WORK/NAME-K.npz``, and prints figures on what was held out. A fold that is there is kept.
``--start PT`` goes on from other weights, ``--layers`` keeps some layers alone, ``--frozen N``
leaves the first N as they are, ``--pieces N`` takes no more than that many word pieces, of the
passages that are labelled most densely, and ``--after N`` passes over the first N of these.

``python -m training.teachers judge BACKBONE WORK NAME [--share K N]`` has a teacher judge all
passages of the other folds, shard by shard, each kept in ``WORK/NAME-K/``; N processes may share
the work, K from 0. ``fit --teacher NAME`` then learns from the labels and its answers alike.

``python -m training.teachers average WORK NAME OF…`` keeps in ``WORK/NAME-K.pt`` the mean of the
weights of several that went on from each other.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tonelens.files import write_whole
from tonelens.network import softmax
from training.encoder import Encoder, fit, predict
from training.labels import smoothed, targets, unsmoothed
from training.measure import describe, figures
from training.passages import SPECIAL, Passages
from training.soft import shards

SHARD = 1_500  # sentences, a minute's work
TAUGHT = 0.5  # what a teacher's answer weighs where there is a label
UNLABELLED = 0.6  # what it weighs, beside 1 for a sure label, where there is none

Arrays = dict[str, NDArray]


def load_passages(path: Path, backbone: Path) -> tuple[Passages, Arrays]:
    """Passages of one prepared file for an encoder of this kind, and its other arrays."""
    data = dict(np.load(path))
    settings = json.loads((backbone / "config.json").read_text(encoding="utf-8"))
    first, separator, pad, _, shift = SPECIAL[settings["model_type"]]
    length = data["length"].astype(np.int64)
    flat = data["ids"] + np.uint16(shift)
    ids = np.split(flat, np.cumsum(length)[:-1])
    return Passages(ids, data["doc"].astype(np.int64), first, separator, pad), data


def fit_folds(args: argparse.Namespace) -> None:
    """Train the wanted folds and report."""
    passages, data = load_passages(args.work / "train.npz", args.backbone)
    tested, test_data = load_passages(args.work / "test.npz", args.backbone)
    for fold in args.folds:
        path, out = args.work / f"{args.name}-{fold}.npz", np.flatnonzero(data["fold"] == fold)
        if not path.exists():
            model = fitted(args, fold, passages, data)
            held = predict(model, passages.where(out))
            write_whole(path, partial(np.savez, held=held, test=predict(model, tested)))
        kept = np.load(path)
        for name, gold in (("held", data["cell"][out]), ("test", test_data["cell"])):
            print(f"fold {fold} {name}", describe(figures(softmax(kept[name]), gold)), flush=True)


def fitted(args: argparse.Namespace, fold: int, passages: Passages, data: Arrays) -> Encoder:
    """An encoder trained on all folds but one, its weights kept."""
    began, path = time.time(), args.work / f"{args.name}-{fold}.pt"
    torch.manual_seed(fold)
    model = Encoder(args.backbone)
    if args.start:
        model.load(args.start)
    if args.layers:
        model.keep_layers(args.layers)
    model.freeze(args.frozen)
    rows = np.flatnonzero(wanted(data, fold, args.after, args.after + args.pieces))
    target, weight = taught(data, args.work / f"{args.teacher}-{fold}" if args.teacher else None)
    fit(
        model, passages.where(rows), target[rows], weight[rows], epochs=args.epochs,
        rate=args.rate, tokens=args.tokens, rounded=args.rounded, seed=fold,
        checkpoint=path.with_suffix(".checkpoint"),
    )  # fmt: skip
    torch.save({name: part.half() for name, part in model.state_dict().items()}, path)
    print(f"{path.stem}: {len(rows):,} sentences, {time.time() - began:.0f} s", flush=True)
    return model


def wanted(data: Arrays, fold: int, low: float, high: float) -> NDArray[np.bool_]:
    """Sentences of other folds, word pieces `low` to `high`, densely labelled passages first."""
    doc, other = data["doc"], data["fold"] != fold
    count = np.bincount(doc[other], minlength=doc.max() + 1)
    labelled = np.bincount(doc[other & (data["weight"] > 0)], minlength=len(count))
    size = np.bincount(doc[other], data["length"][other] + 1, minlength=len(count))
    density = labelled / np.maximum(count, 1) + np.random.default_rng(0).random(len(count)) / 10
    order = np.argsort(-density)
    end = np.cumsum(size[order])
    return other & np.isin(doc, order[(end > low) & (end <= high)])


def taught(data: Arrays, answers: Path | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Targets (n, 6) and weights (n,): the labels, smoothed, or a teacher's answers beside them.

    What learns from a teacher needs no smoothing, which is taken out of the answers, too.
    """
    weight = data["weight"].copy()
    if answers is None:
        return smoothed(data["cell"]), weight
    target = targets(data["cell"])
    for path in sorted(answers.glob("*.npz")):
        part = np.load(path)
        rows, said = part["rows"], unsmoothed(softmax(part["logits"]))
        known = weight[rows] > 0
        share = np.where(known, TAUGHT, 1).astype(np.float32)[:, None]
        target[rows] = (1 - share) * target[rows] + share * said
        weight[rows] = np.where(known, weight[rows], UNLABELLED)
    return target, weight


def judge(args: argparse.Namespace) -> None:
    """Keep a teacher's logits of all passages of other folds, shard by shard."""
    model, (share, shares) = Encoder(args.backbone), args.share
    passages, data = load_passages(args.work / "train.npz", args.backbone)
    for fold in args.folds:
        model.load(args.work / f"{args.name}-{fold}.pt")
        folder = args.work / f"{args.name}-{fold}"
        folder.mkdir(exist_ok=True)
        for number, every in enumerate(shards(data["doc"], SHARD)):
            path, rows = folder / f"{number:03d}.npz", every[data["fold"][every] != fold]
            if number % shares != share or path.exists() or not len(rows):
                continue
            began = time.time()
            logits = predict(model, passages.where(rows))
            write_whole(path, partial(np.savez, rows=rows, logits=logits))
            print(f"{path}: {len(rows) / (time.time() - began):.0f} sentences/s", flush=True)


def average(args: argparse.Namespace) -> None:
    """Keep the mean of several's weights."""
    for fold in args.folds:
        each = [torch.load(args.work / f"{name}-{fold}.pt", weights_only=True) for name in args.of]
        mean = {
            name: torch.stack([one[name].float() for one in each]).mean(0).half()
            for name in each[0]
        }
        torch.save(mean, args.work / f"{args.name}-{fold}.pt")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    steps = parser.add_subparsers(dest="step", required=True)
    for name in ("fit", "judge", "average"):
        step: Any = steps.add_parser(name)
        if name != "average":
            step.add_argument("backbone", type=Path)
        step.add_argument("work", type=Path)
        step.add_argument("name")
        step.add_argument("--folds", type=int, nargs="+", default=[0])
    steps.choices["average"].add_argument("of", nargs="+", help="NAMEs of these")
    steps.choices["judge"].add_argument("--share", type=int, nargs=2, default=(0, 1))
    add = steps.choices["fit"].add_argument
    add("--start", type=Path, help="weights to go on from: WORK/NAME-K.pt")
    add("--layers", type=int, nargs="+", help="numbers of those kept; all by default")
    add("--frozen", type=int, default=0, help="layers that stay as they are, as embeddings do")
    add("--teacher", help="NAME of one whose answers are learnt beside the labels")
    add("--rate", type=float, default=5e-5)
    add("--epochs", type=int, default=1)
    add("--tokens", type=int, default=2_000, help="word pieces a step")
    add("--rounded", type=float, default=0, help="share of the steps with coarse weights, the last")
    add("--pieces", type=float, default=np.inf, help="word pieces an epoch")
    add("--after", type=float, default=0, help="word pieces passed over")
    args = parser.parse_args()
    {"fit": fit_folds, "judge": judge, "average": average}[args.step](args)


if __name__ == "__main__":
    main()
