"""The model that a process scores with: loaded once, and told from every other."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from os import PathLike, fspath

import tonelens.model
from tonelens.features import SCHEMA
from tonelens.model import ToneModel

Model = ToneModel | str | PathLike[str] | None
"""A model, the folder or name of one as `tonelens.load` takes it, or none for the shipped one."""


def loaded(model: Model) -> ToneModel:
    """The model itself; one that is named is loaded once in a process.

    >>> loaded(None) is loaded(None)
    True
    """
    if model is None or isinstance(model, str | PathLike):
        return _load(None if model is None else fspath(model))
    return model


@lru_cache(maxsize=2)
def _load(model: str | None) -> ToneModel:
    return tonelens.model.load(model)


def identity(model: ToneModel) -> str:
    """What the model's card, which holds the checksum of its weights, and its features sum up to.

    >>> identity(loaded(None)) == identity(loaded(None))
    True
    """
    card = json.dumps([SCHEMA, model.card], sort_keys=True, default=str)
    return hashlib.sha256(card.encode()).hexdigest()
