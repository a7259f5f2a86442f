"""What the documents show is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.front import blocks
from benchmarks.readme import EXTRACTS, FRONT, README, section, tables

ROOT = Path(__file__).parent.parent


def test_the_front_page_shows_what_the_model_does():
    front = FRONT.read_text(encoding="utf-8")
    for name, block in blocks().items():
        assert section(front, name) == block


def test_the_figures_of_the_front_page_are_those_of_the_benchmarks():
    front, source = (path.read_text(encoding="utf-8") for path in (FRONT, README))
    for name, count in EXTRACTS.items():
        shown = section(front, name)
        assert shown.count("|") > 10
        assert shown == tables(section(source, name), count)


def test_the_front_page_has_the_two_commands():
    front = FRONT.read_text(encoding="utf-8")
    assert "pip install . && tonelens score examples/" in section(front, "first-command")
    assert "pip install '.[test]' && python -m pytest" in section(front, "second-command")


def test_files_that_the_documents_name_exist():
    for page in ("README.md", "CONTRIBUTING.md", "training/README.md", "benchmarks/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        named = re.findall(
            r"`((?:tonelens|training|tests|benchmarks|examples)/[\w./-]+\.\w+)`", text
        )
        missing = [name for name in named if not (ROOT / name).exists()]
        assert not missing, f"{page} names {missing}"


def test_modules_that_the_documents_run_exist():
    for page in ("CONTRIBUTING.md", "training/README.md", "benchmarks/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        named = set(re.findall(r"python -m ((?:training|benchmarks)\.\w+)", text))
        assert named
        for module in named:
            assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists(), module
