"""Print every benchmark's tables into benchmarks/README.md.

``python -m benchmarks.readme`` runs the scripts one after another, each with ``--write-readme``;
name some of them (``python -m benchmarks.readme quality speed``) to run those alone. A script's
tables stand between ``<!-- name -->`` and ``<!-- /name -->``; nothing else of the file is touched.
Last, the front page (README.md of the repository) gets its extracts: the first tables of quality
and speed, and the blocks of `benchmarks.front`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

README = Path(__file__).parent / "README.md"
FRONT = README.parent.parent / "README.md"
SCRIPTS = ("quality", "compare", "behaviour", "speed", "splitting", "corpus")
EXTRACTS = {"quality": 2, "speed": 1}  # how many of a section's tables stand on the front page


def replaced(text: str, name: str, section: str) -> str:
    r"""Give the text with another section between the two marks of this name.

    >>> replaced("Speed:\n<!-- speed -->\nold\n<!-- /speed -->\n", "speed", "new")
    'Speed:\n<!-- speed -->\n\nnew\n\n<!-- /speed -->\n'

    Raises
    ------
    ValueError
        Where the text lacks either mark.
    """
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(opening)
    _, ended, after = rest.partition(closing)
    if not (found and ended):
        raise ValueError(f"The README lacks {opening} … {closing}. Add both, each on its own line.")
    return f"{before}{opening}\n\n{section.strip()}\n\n{closing}{after}"


def publish(name: str, lines: Iterable[str], *, write: bool) -> None:
    """Print the lines as they come; with `write`, put them in the README's section as well."""
    kept = []
    for line in lines:
        print(line, flush=True)
        kept.append(line)
    if write:
        text = README.read_text(encoding="utf-8")
        README.write_text(replaced(text, name, "\n".join(kept)), encoding="utf-8")


def section(text: str, name: str) -> str:
    r"""Give what stands between the two marks of this name.

    >>> section("<!-- a -->\n\nso\n\n<!-- /a -->", "a")
    'so'
    """
    return text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0].strip()


def tables(text: str, count: int) -> str:
    r"""Give the first tables of a text.

    >>> tables("One:\n\n| a |\n| - |\n\nTwo:\n\n| b |\n| - |", 1)
    '| a |\n| - |'
    """
    paragraphs = [p.strip() for p in text.split("\n\n")]
    return "\n\n".join([p for p in paragraphs if p.startswith("|")][:count])


def markdown(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, whose first row is its heading.

    >>> list(markdown([["a", "b"], ["1", "2"]]))
    ['| a | b |', '| --- | --- |', '| 1 | 2 |']
    """
    head, *body = rows
    for row in (head, ["---"] * len(head), *body):
        yield f"| {' | '.join(row)} |"


def fronted(text: str, source: str) -> str:
    """Give the front page with its extracts of the benchmarks' README anew."""
    from benchmarks.front import blocks  # which takes this module's tables

    for name, count in EXTRACTS.items():
        text = replaced(text, name, tables(section(source, name), count))
    for name, block in blocks().items():
        text = replaced(text, name, block)
    return text


def main() -> None:
    """Run the scripts, each in a process of its own: one of them binds itself to a core."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scripts", nargs="*", metavar="script")
    parser.add_argument("--front-only", action="store_true", help="run none; renew the front page")
    options = parser.parse_args()
    for name in () if options.front_only else options.scripts or SCRIPTS:
        if name not in SCRIPTS:
            parser.error(f"no script is called {name!r}; choose from {', '.join(SCRIPTS)}")
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", "--write-readme"], check=True)
    source = README.read_text(encoding="utf-8")
    FRONT.write_text(fronted(FRONT.read_text(encoding="utf-8"), source), encoding="utf-8")


if __name__ == "__main__":
    main()
