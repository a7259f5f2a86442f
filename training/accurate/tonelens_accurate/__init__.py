"""The weights of tonelens's accurate model: ``tonelens.load("accurate")`` reads them."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the model's files lie."""
