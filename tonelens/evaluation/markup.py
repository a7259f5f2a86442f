"""Pieces of a self-contained HTML page: its frame and style, tables, figures with captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

_STYLE = """
:root { color-scheme: light dark; --mark: #4a7fb5; --faint: #8888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--faint); }
.wide { overflow-x: auto; }
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


def html_page(title: str, body: Iterable[str]) -> str:
    """A page without scripts, fonts or pictures from elsewhere.

    Parameters
    ----------
    title : str
        As plain text: it is escaped.
    body : iterable of str
        HTML, a piece a line.
    """
    name = escape(title)
    lines = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{name}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{name}</h1>\n{lines}\n</body>\n</html>\n"
    )


def html_table(rows: Sequence[Sequence[str]]) -> str:
    """A table of cells of plain text; the first row is its heading.

    >>> html_table([["a"], ["1 < 2"]]).splitlines()[-2]
    '<tr><td>1 &lt; 2</td></tr>'
    """
    head, *body = [[escape(cell) for cell in row] for row in rows]
    heading = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in body)
    return framed(heading, lines)


def framed(heading: str, lines: str) -> str:
    """A table of a row of heading cells and further rows, given as HTML."""
    table = f"<table>\n<thead><tr>{heading}</tr></thead>\n<tbody>\n{lines}</tbody></table>"
    return f'<div class="wide">{table}</div>'


def figure(svg: str, caption: str) -> str:
    """A drawing and what it shows, as plain text."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
