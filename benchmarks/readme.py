"""Print every benchmark's tables into benchmarks/README.md.

``python -m benchmarks.readme`` runs the scripts one after another, each with ``--write-readme``;
name some of them (``python -m benchmarks.readme quality speed``) to run those alone. A script's
tables stand between ``<!-- name -->`` and ``<!-- /name -->``; nothing else of the file is touched.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

README = Path(__file__).parent / "README.md"
SCRIPTS = ("quality", "speed", "splitting")


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


def main() -> None:
    """Run the scripts, each in a process of its own: one of them binds itself to a core."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scripts", nargs="*", default=SCRIPTS, metavar="script")
    for name in parser.parse_args().scripts:
        if name not in SCRIPTS:
            parser.error(f"no script is called {name!r}; choose from {', '.join(SCRIPTS)}")
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", "--write-readme"], check=True)


if __name__ == "__main__":
    main()
