"""What goes wrong, said so that the reader knows the next step.

Every message says what was got, what is wanted and the way out, and never echoes a whole article.
"""


class TonelensError(Exception):
    """Base of every error that tonelens raises on purpose."""


class InputError(TonelensError, ValueError):
    """The text, file or argument given can't be scored as it is."""


class ModelError(TonelensError):
    """A model file is missing, damaged, of another format, or not a tonelens model at all."""


class MissingExtraError(TonelensError, ImportError):
    """A feature needs an optional package that is not installed."""


class OutputError(TonelensError):
    """A file can't be written, is there already, or belongs to another run."""
