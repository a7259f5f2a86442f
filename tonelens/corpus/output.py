"""Where a run's files lie, and the lock that one run at a time holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tonelens.errors import InputError, OutputError

FORMATS = (".parquet", ".jsonl", ".csv")


class Output(NamedTuple):
    """The files of a run."""

    path: Path

    @classmethod
    def checked(cls, path: Path) -> Output:
        """The files of a run that writes here.

        Raises
        ------
        InputError
            Where the ending says of no format.
        OutputError
            Where the folder is missing.
        """
        if path.suffix.lower() not in FORMATS:
            raise InputError(
                f"the output {path.name} is of no kind that is written here. End its name in "
                f"{', '.join(FORMATS)}."
            )
        if not path.parent.is_dir():
            raise OutputError(f"there is no folder {path.parent}. Make it first.")
        return cls(path)

    @property
    def format(self) -> str:
        """One of `FORMATS`."""
        return self.path.suffix.lower()

    @property
    def rejects(self) -> Path:
        """A JSON line for each row that wasn't scored."""
        return self._beside(".rejects.jsonl")

    @property
    def manifest(self) -> Path:
        """What was read, with which model, and what came of it."""
        return self._beside(".manifest.json")

    @property
    def parts(self) -> Path:
        """The folder of finished parts, while the run goes on."""
        return self._beside(".parts")

    @property
    def lock(self) -> Path:
        """Held while the run goes on."""
        return self._beside(".lock")

    @property
    def files(self) -> tuple[Path, ...]:
        """All but the parts."""
        return (self.path, self.rejects, self.manifest, self.lock)

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file that no other run can hold at the same time; the system frees it on any death.

    Raises
    ------
    OutputError
        Where another run holds it.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(handle)
        except OSError as error:
            os.close(handle)
            if not isinstance(error, BlockingIOError | PermissionError):
                raise
            raise OutputError(
                f"another run is writing {path.with_suffix('')}. Wait for it, or name another "
                "output."
            ) from None
        if _is_at(handle, path):  # else its last holder took it away between the two calls
            break
        os.close(handle)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(handle)


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _lock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
