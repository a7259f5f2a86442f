"""How well tonelens, or another model, does on sentences that somebody labelled.

`Labelled` reads the labels, `evaluate` measures one model on them, `compare` two; `plan` draws the
sentences of a corpus that are worth labelling. All figures but the annotators' agreement heed
sampling weights, and all intervals resample whole articles.

>>> from tonelens.evaluation import Labelled, evaluate
>>> labelled = Labelled.of(["It rained.", "It may rain."], ["reporting", "speculation"])
>>> evaluation = evaluate([[0.75, 0.0, 0.25], [0.25, 0.0, 0.75]], labelled)
>>> evaluation.overall.macro_f1.value
1.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tonelens.evaluation.agreement import Agreement
    from tonelens.evaluation.comparison import Comparison, compare, compare_several
    from tonelens.evaluation.evaluation import Evaluation, evaluate
    from tonelens.evaluation.figures import Figures
    from tonelens.evaluation.intervals import Estimate
    from tonelens.evaluation.labelled import Labelled, LabelledSentence
    from tonelens.evaluation.sampling import ArticleFile, CorpusArticle, Drawn, plan, to_csv

# Imported on first use, so that the command line starts at once.
_HOMES = {
    "Agreement": "agreement",
    "ArticleFile": "sampling",
    "Comparison": "comparison",
    "CorpusArticle": "sampling",
    "Drawn": "sampling",
    "Estimate": "intervals",
    "Evaluation": "evaluation",
    "Figures": "figures",
    "Labelled": "labelled",
    "LabelledSentence": "labelled",
    "compare": "comparison",
    "compare_several": "comparison",
    "evaluate": "evaluation",
    "plan": "sampling",
    "to_csv": "sampling",
}

__all__ = [
    "Agreement",
    "ArticleFile",
    "Comparison",
    "CorpusArticle",
    "Drawn",
    "Estimate",
    "Evaluation",
    "Figures",
    "Labelled",
    "LabelledSentence",
    "compare",
    "compare_several",
    "evaluate",
    "plan",
    "to_csv",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tonelens.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"tonelens.evaluation.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
