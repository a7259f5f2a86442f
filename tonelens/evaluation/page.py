"""An evaluation as one HTML file that holds all it shows: tables, and plots in SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from tonelens.evaluation.evaluation import Evaluation
from tonelens.evaluation.intervals import short
from tonelens.evaluation.markup import figure, framed, html_page, html_table
from tonelens.evaluation.plots import calibration_plot, risk_coverage_plot
from tonelens.evaluation.table import (
    coverage_rows,
    notes,
    share_rows,
    slice_rows,
    summary_rows,
    tone_rows,
)
from tonelens.labels import LABELS


def page(evaluation: Evaluation, *, name: str) -> str:
    """A page without scripts, fonts or pictures from elsewhere.

    Parameters
    ----------
    evaluation : Evaluation
    name : str
        Of the labelled file.

    Returns
    -------
    str
        The page; everything that comes from the file is escaped.
    """
    body = [*_figures(evaluation), *_plots(evaluation), *_groups(evaluation)]
    return html_page(f"Evaluation on {name}", body)


def _figures(evaluation: Evaluation) -> Iterator[str]:
    overall = evaluation.overall
    yield (
        f"<p>{overall.sentences:,} sentences of {overall.articles:,} articles. Fractions of 1; "
        "brackets hold 95% intervals over resamples of whole articles.</p>"
    )
    for warning in evaluation.warnings:
        yield f'<p class="warning">{escape(warning)}</p>'
    yield html_table(tone_rows(overall))
    yield html_table(share_rows(overall))
    yield html_table([("figure", "value", ""), *summary_rows(evaluation)])
    yield "<h2>Labels and answers</h2>"
    yield _confusion(evaluation)


def _plots(evaluation: Evaluation) -> Iterator[str]:
    trust = (
        "Top probability against the share of right answers, in bins of equally many sentences. "
        "Below the diagonal, it is too sure."
    )
    risk = (
        "Share of wrong answers where only the surest are given, against the share of sentences "
        "that are answered."
    )
    yield "<h2>Whether to believe its probabilities</h2>"
    yield '<div class="plots">'
    yield figure(calibration_plot(evaluation.calibration), trust)
    yield figure(risk_coverage_plot(evaluation.risk_coverage), risk)
    yield "</div>"
    yield html_table(coverage_rows(evaluation))


def _groups(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.slices:
        yield "<h2>By group</h2>"
        yield html_table(slice_rows(evaluation))
    for note in notes(evaluation):
        yield f"<p>{escape(note)}</p>"


def _confusion(evaluation: Evaluation) -> str:
    """A table of weighted counts; the fuller a cell of its row, the darker."""
    rows = []
    for tone, counts in zip(LABELS, evaluation.confusion, strict=True):
        cells = "".join(_shaded(count, count / max(sum(counts), 1e-12)) for count in counts)
        rows.append(f'<tr><th scope="row">{tone}</th>{cells}</tr>\n')
    heads = "".join(f'<th scope="col">answered {tone}</th>' for tone in LABELS)
    return framed(f"<th>label</th>{heads}", "".join(rows))


def _shaded(count: float, share: float) -> str:
    tint = f"background: rgb(74 127 181 / {share * 0.6:.2f})"
    return f'<td style="{tint}">{count:,.0f} ({short(share)})</td>'
