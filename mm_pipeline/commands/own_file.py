"""Files that a command writes for whoever calls it. Names and addresses of people stand in them: nobody else reads them."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from mm_pipeline.errors import PipelineError


@contextmanager
def own_file(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """Open a file to be written anew, lines as they come, its owner's alone. Raises PipelineError: it cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding=encoding, newline="") as file:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):  # /dev/stdout may be named, too
                os.fchmod(descriptor, 0o600)  # of a file that was there
            yield file
    except OSError as error:
        raise PipelineError(f"{path} cannot be written: {error.strerror}.") from error
