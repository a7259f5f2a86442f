"""Turn a fine-tuned encoder into the accurate model: few bits, calibrated, with its card.

``python -m training.export BACKBONE TOKENIZER WORK NAME-FOLD`` reads the weights that
`training.teachers` kept in ``WORK/NAME-FOLD.pt``, and of the word pieces those of the tokenizer
(`training.vocabulary`), and writes ``training/accurate/tonelens_accurate``. Temperature and
bias are fitted on the outlets of the fold that the teacher never saw, and the card's figures of
``held_out_outlets`` are on them: all with the rounded weights, as they ship.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tonelens.encoder import TOKENIZER, Encoder
from tonelens.features import document_numbers
from tonelens.labels import CELLS
from tonelens.model import ToneModel
from tonelens.storage import encoder_files
from training.card import held_out, measured, provenance, write
from training.graph import WORDS, Shape, write_graph
from training.labels import HELD_OUT, Labelled, folder_labels, training_labels
from training.measure import fit_bias, fit_temperature
from training.passages import backbone_pieces
from training.teachers import wanted

OUT = Path(__file__).parent / "accurate" / "tonelens_accurate"


def write_tokenizer(tokenizer: Path, folder: Path) -> list[int]:
    """Write it with its pieces numbered anew, from 0; give the numbers that they had.

    Limits and padding, which are the reader's affair, are left out.
    """
    settings = json.loads(tokenizer.read_text(encoding="utf-8"))
    settings |= {"truncation": None, "padding": None, "post_processor": None}
    vocabulary = settings["model"]["vocab"]
    words = sorted(vocabulary, key=vocabulary.__getitem__)
    settings["model"]["vocab"] = {word: number for number, word in enumerate(words)}
    for added in settings["added_tokens"]:
        added["id"] = settings["model"]["vocab"][added["content"]]
    text = json.dumps(settings, ensure_ascii=False)
    (folder / TOKENIZER).write_text(text, encoding="utf-8")
    return [vocabulary[word] for word in words]


def write_encoder(backbone: Path, tokenizer: Path, weights: Path, folder: Path) -> None:
    """Every file of the encoder but its card."""
    settings = json.loads((backbone / "config.json").read_text(encoding="utf-8"))
    state = torch.load(weights, weights_only=True)
    arrays = {name: part.float().numpy() for name, part in state.items()}
    pieces = write_tokenizer(tokenizer, folder)
    arrays[WORDS] = arrays[WORDS][backbone_pieces(pieces, settings["model_type"])]
    write_graph(arrays, folder, Shape.of(settings, arrays))


def judged(folder: Path, rows: list[Labelled]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits of labelled passages, each sentence in its passage, and their cells."""
    document = document_numbers([row.passage for row in rows])
    files = encoder_files(folder)
    encoder = Encoder(folder, files=files, temperature=1.0, bias=[0.0] * len(CELLS))
    logits = encoder.logits([row.text for row in rows], document)
    return logits, np.array([row.cell for row in rows])


def card(rows: list[Labelled], args: argparse.Namespace) -> dict[str, Any]:
    """What the model says of itself, but for its figures."""
    prepared = dict(np.load(args.work / "train.npz"))
    trained_on = wanted(prepared, HELD_OUT, 0, args.pieces)
    return {
        "name": "tonelens accurate",
        **provenance(row for row, learnt in zip(rows, trained_on, strict=True) if learnt),
        "calibrated_on": f"the outlets of fold {HELD_OUT}, which it wasn't trained on",
        "encoder": f"{args.encoder}, fine-tuned",
        "made": args.made,
    }


def main() -> None:
    """Export, calibrate, measure, write the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("backbone", type=Path)
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("teacher", help="NAME-FOLD")
    parser.add_argument("--encoder", required=True, help="what the backbone is, and its licence")
    parser.add_argument("--made", required=True, help="how it was trained, in words")
    parser.add_argument("--pieces", type=float, default=np.inf, help="as given to `teachers fit`")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    if not args.teacher.endswith(f"-{HELD_OUT}"):
        raise SystemExit(
            f"{args.teacher} saw the held-out outlets; take the one of fold {HELD_OUT}."
        )
    with TemporaryDirectory() as folder:
        weights = args.work / f"{args.teacher}.pt"
        write_encoder(args.backbone, args.tokenizer, weights, Path(folder))
        write(measured_model(Path(folder), args), args.out)


def measured_model(folder: Path, args: argparse.Namespace) -> ToneModel:
    """The model of an encoder's folder, calibrated, with its card."""
    rows = training_labels()
    left_out = held_out(rows)
    logits, gold = judged(folder, left_out)
    temperature = fit_temperature(logits, gold)
    bias = fit_bias(logits / np.float32(temperature), gold)
    files = encoder_files(folder)
    encoder = Encoder(folder, files=files, temperature=temperature, bias=bias)
    model = ToneModel(encoder, card(rows, args))
    model.card["figures"] = {
        "held_out_outlets": measured(model, left_out),
        "test_labels": measured(model, folder_labels("test")),
    }
    return model


if __name__ == "__main__":
    main()
