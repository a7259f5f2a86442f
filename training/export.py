"""Turn a teacher into the accurate model: 7-bit weights, calibrated, with its card.

``python -m training.export BACKBONE WORK NAME-FOLD`` reads the weights that `training.teachers`
kept in ``WORK/NAME-FOLD.pt`` and writes ``training/accurate/tonelens_accurate``. Temperature and
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
from training.graph import write_graph
from training.labels import HELD_OUT, Labelled, fold_of, folder_labels, training_labels
from training.measure import fit_bias, fit_temperature

OUT = Path(__file__).parent / "accurate" / "tonelens_accurate"


def write_tokenizer(backbone: Path, folder: Path) -> None:
    """The backbone's tokenizer without limits or padding, which are the reader's affair."""
    settings = json.loads((backbone / TOKENIZER).read_text(encoding="utf-8"))
    settings |= {"truncation": None, "padding": None}
    text = json.dumps(settings, ensure_ascii=False)
    (folder / TOKENIZER).write_text(text, encoding="utf-8")


def write_encoder(backbone: Path, weights: Path, folder: Path) -> None:
    """Every file of the encoder but its card."""
    settings = json.loads((backbone / "config.json").read_text(encoding="utf-8"))
    state = torch.load(weights, weights_only=True)
    arrays = {name: part.float().numpy() for name, part in state.items()}
    write_tokenizer(backbone, folder)
    write_graph(
        arrays, folder,
        layers=settings["num_hidden_layers"], heads=settings["num_attention_heads"],
    )  # fmt: skip


def judged(folder: Path, rows: list[Labelled]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits of labelled passages, each sentence in its passage, and their cells."""
    document = document_numbers([row.passage for row in rows])
    files = encoder_files(folder)
    encoder = Encoder(folder, files=files, temperature=1.0, bias=[0.0] * len(CELLS))
    logits = encoder.logits([row.text for row in rows], document)
    return logits, np.array([row.cell for row in rows])


def card(rows: list[Labelled], args: argparse.Namespace) -> dict[str, Any]:
    """What the model says of itself, but for its figures."""
    return {
        "name": "tonelens accurate",
        **provenance(row for row in rows if fold_of(row.outlet) != HELD_OUT),
        "calibrated_on": f"the outlets of fold {HELD_OUT}, which it wasn't trained on",
        "encoder": "all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0), fine-tuned",
        "made": args.made,
    }


def main() -> None:
    """Export, calibrate, measure, write the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("backbone", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("teacher", help="NAME-FOLD")
    parser.add_argument("--made", required=True, help="how it was trained, in words")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    if not args.teacher.endswith(f"-{HELD_OUT}"):
        raise SystemExit(
            f"{args.teacher} saw the held-out outlets; take the one of fold {HELD_OUT}."
        )
    with TemporaryDirectory() as folder:
        write_encoder(args.backbone, args.work / f"{args.teacher}.pt", Path(folder))
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
