"""The model that a process scores with: loaded once, and told from every other."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from os import PathLike, fspath
from pathlib import Path

import tonelens.model
from tonelens.errors import InputError
from tonelens.features import SCHEMA
from tonelens.inputs import path_name
from tonelens.model import ToneModel
from tonelens.storage import CARD

Model = ToneModel | str | PathLike[str] | None
"""A model, the folder or name of one as `tonelens.load` takes it, or none for the shipped one."""


def loaded(model: Model) -> ToneModel:
    """The model itself; one that is named is loaded once in a process, until it is saved anew.

    >>> loaded(None) is loaded(None)
    True
    """
    if model is None or isinstance(model, str | PathLike):
        name = None if model is None else fspath(model)
        return _load(name, _state(name) if name else None)
    return model


@lru_cache(maxsize=2)
def _load(model: str | None, _state: tuple[int, int] | None) -> ToneModel:
    return tonelens.model.load(model)


def _state(model: str) -> tuple[int, int] | None:
    """What changes where a model is saved anew in its folder; none of a model with a name."""
    try:
        card = (Path(model) / CARD).stat()
    except OSError:
        return None
    return card.st_mtime_ns, card.st_size


def model_name(model: object) -> str | None:
    """What other processes load a model by.

    Raises
    ------
    InputError
        Where it isn't one that is named.
    """
    if isinstance(model, ToneModel):
        raise InputError(
            "score_files() takes a model by its folder, as each process loads it; got a ToneModel. "
            "Save it with model.save('folder') and use model='folder'."
        )
    return None if model is None else path_name(model, call="score_files", name="model")


def identity(model: ToneModel) -> str:
    """What the model's card, which holds the checksum of its weights, and its features sum up to.

    >>> identity(loaded(None)) == identity(loaded(None))
    True
    """
    card = json.dumps([SCHEMA, model.card], sort_keys=True, default=str)
    return hashlib.sha256(card.encode()).hexdigest()
