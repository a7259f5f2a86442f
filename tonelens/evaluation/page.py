"""An evaluation as one HTML file that holds all it shows: tables, and plots in SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tonelens.evaluation.evaluation import Evaluation
from tonelens.evaluation.intervals import short
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

_STYLE = """
:root { color-scheme: light dark; --mark: #4a7fb5; --faint: #8888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--faint); }
.plots { display: flex; flex-wrap: wrap; gap: 2rem; }
figure { margin: 0; max-width: 22rem; }
.warning { border-left: 4px solid #b3541e; padding-left: .8rem; }
svg text { fill: CanvasText; font-size: 12px; }
svg .axis { stroke: CanvasText; fill: none; }
svg .ideal { stroke: var(--faint); stroke-dasharray: 4 4; }
svg .line { stroke: var(--mark); stroke-width: 2; fill: none; }
svg .band { fill: var(--mark); opacity: .25; }
svg .bar { stroke: var(--mark); }
svg .dot { fill: var(--mark); }
"""


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
    title = f"Evaluation on {escape(name)}"
    body = [f"<h1>{title}</h1>", *_figures(evaluation), *_plots(evaluation), *_groups(evaluation)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _figures(evaluation: Evaluation) -> Iterator[str]:
    overall = evaluation.overall
    yield (
        f"<p>{overall.sentences:,} sentences of {overall.articles:,} articles. Fractions of 1; "
        "brackets hold 95% intervals over resamples of whole articles.</p>"
    )
    for warning in evaluation.warnings:
        yield f'<p class="warning">{escape(warning)}</p>'
    yield _table(tone_rows(overall))
    yield _table(share_rows(overall))
    yield _table([("figure", "value", ""), *summary_rows(evaluation)])
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
    yield _figure(calibration_plot(evaluation.calibration), trust)
    yield _figure(risk_coverage_plot(evaluation.risk_coverage), risk)
    yield "</div>"
    yield _table(coverage_rows(evaluation))


def _groups(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.slices:
        yield "<h2>By group</h2>"
        yield _table(slice_rows(evaluation))
    for note in notes(evaluation):
        yield f"<p>{escape(note)}</p>"


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [[escape(cell) for cell in row] for row in rows]
    heading = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in body)
    return _framed(heading, lines)


def _confusion(evaluation: Evaluation) -> str:
    """A table of weighted counts; the fuller a cell of its row, the darker."""
    rows = []
    for tone, counts in zip(LABELS, evaluation.confusion, strict=True):
        cells = "".join(_shaded(count, count / max(sum(counts), 1e-12)) for count in counts)
        rows.append(f'<tr><th scope="row">{tone}</th>{cells}</tr>\n')
    heads = "".join(f'<th scope="col">answered {tone}</th>' for tone in LABELS)
    return _framed(f"<th>label</th>{heads}", "".join(rows))


def _shaded(count: float, share: float) -> str:
    tint = f"background: rgb(74 127 181 / {share * 0.6:.2f})"
    return f'<td style="{tint}">{count:,.0f} ({short(share)})</td>'


def _framed(heading: str, lines: str) -> str:
    return f"<table>\n<thead><tr>{heading}</tr></thead>\n<tbody>\n{lines}</tbody>\n</table>"
