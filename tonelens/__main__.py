"""``python -m tonelens``: the same as the command ``tonelens``."""

import sys

from tonelens.cli import main

if __name__ == "__main__":
    sys.exit(main())
