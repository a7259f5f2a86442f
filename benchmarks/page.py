"""All that was found, in order and explained; printed as Markdown or as one HTML page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from html import escape

from benchmarks import tables
from benchmarks.duplicates import FEWEST, NEAR
from benchmarks.models import REFERENCE
from benchmarks.readme import markdown
from benchmarks.tables import Found, Rows
from benchmarks.verdicts import ToneVerdict
from tonelens.evaluation.markup import figure, html_page, html_table
from tonelens.evaluation.plots import calibration_plot, risk_coverage_plot

Block = str | Rows
"""A table, or a paragraph; one that begins with ``###`` is a heading."""

COMPARED = (
    "Brackets: 95% intervals over resamples of whole articles. p: of no difference in macro-F1, by "
    "the same resamples, which can't tell less than a thousandth for each model; McNemar's: of "
    "being right equally often, clustered by article; both by Holm's rule over all models. The "
    "last but one column is the true difference that these sentences would have shown with a "
    "probability of .8. † came trained on this very file."
)
ASKED = (
    f"AUC. + and −: surely better or worse than {REFERENCE} on the same sentences (paired "
    "resamples, level .05 by Holm's rule over the column); neither: can't be told. Models trained "
    "on labels/train, and those that came trained, have seen none of these people's labels: they "
    "answer with the sum of the probabilities named below. Those trained on the rest of the set "
    "have learnt its own definition, from folds that share no group. – has no answer: it tells "
    "no voices, or is too slow for a set of this size."
)
NEARLY = (
    f"Near-duplicates: sentences of {FEWEST} words or more whose pairs of words are the same to "
    f"{NEAR:.0%} or more (Jaccard; found by MinHash) as those of a sentence trained on; in "
    "brackets the exact ones. They are counted and stay in. Larger sets are cut to whole articles "
    "drawn by hash; articles that labels/train holds sentences of are left out."
)
SPLIT = (
    "Trained and tested in folds of labels/train, by the split asked for, and by a random one: how "
    "much a random split flatters is how much a model learns of the outlet and the article instead "
    "of the tone. A tonelens that came trained on these labels can't be asked."
)
COST = (
    "Rates: one core, one thread, the models taking turns, medians of rounds. Memory: the peak of "
    "a process that trains the model, or loads it, and scores. Start: of a process to its first "
    "answer; those that learn do so from 60 sentences of each tone, so that it is mostly imports. "
    "Same bits: when trained and asked again, and when the sentences come in another order, each "
    "standing alone."
)


def blocks(found: Found) -> Iterator[Block]:
    """Yield all there is to show."""
    yield from found.notes
    yield "### The test labels"
    yield tables.tone_rows(found)
    yield COMPARED
    yield tables.confidence_rows(found)
    yield "### Sets labelled by people, and the voice"
    yield tables.question_rows(found)
    yield ASKED
    yield tables.task_rows(found)
    yield NEARLY
    yield [["task", "licence", "what it leaves open"], *map(tables.limits, found.tasks.values())]
    yield "### What a split is worth"
    yield tables.fold_rows(found)
    yield SPLIT
    yield "### Robustness"
    yield tables.behaviour_rows(found)
    yield tables.kind_rows(found)
    yield "### Costs"
    yield tables.cost_rows(found)
    yield COST


def as_markdown(found: Sequence[Block]) -> Iterator[str]:
    """Yield lines; a blank one after each block."""
    for block in found:
        yield from markdown(block) if isinstance(block, list) else wrapped(block)
        yield ""


def wrapped(paragraph: str) -> list[str]:
    """Give a paragraph's lines; headings stay in one."""
    return [paragraph] if paragraph.startswith("#") else textwrap.wrap(paragraph, 98)


def as_page(found: Sequence[Block], tones: Sequence[ToneVerdict]) -> str:
    """Give one self-contained page, with every model's calibration and risk–coverage plots."""
    return html_page("Models compared", [*map(html_block, found), *plots(tones)])


def html_block(block: Block) -> str:
    """Give one block."""
    if isinstance(block, list):
        return html_table(block)
    if block.startswith("### "):
        return f"<h2>{escape(block[4:])}</h2>"
    return f"<p>{escape(block)}</p>"


def plots(tones: Sequence[ToneVerdict]) -> Iterator[str]:
    """Yield the plots of the test labels, a heading and a pair a model."""
    yield "<h2>Whether to believe their probabilities</h2>"
    for one in tones:
        name = escape(one.prediction.model)
        yield f'<h3>{name}</h3><div class="plots">'
        yield figure(calibration_plot(one.calibration), "Top probability against right answers.")
        yield figure(risk_coverage_plot(one.risk_coverage), "Wrong answers among the surest.")
        yield "</div>"
