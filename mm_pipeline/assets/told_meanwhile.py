"""Says in the run's log how far a step is, while it runs: its metadata comes at its end. Counts nothing itself."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import PipelineError
from mm_pipeline.migration import Migration
from mm_pipeline.model import EntityType
from mm_pipeline.report.at_work import AtWork

#: Seconds between two lines: a step that is over by then needs none.
EVERY_S = 30.0


@contextmanager
def told_meanwhile(entity_type: EntityType, migration: Migration) -> Iterator[None]:
    """Log rate, time left and what the server's import job does, every half minute inside the block."""
    over = threading.Event()
    teller = threading.Thread(target=_tell, args=(entity_type, migration, over), daemon=True, name="told meanwhile")
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _tell(entity_type: EntityType, migration: Migration, over: threading.Event) -> None:
    while not over.wait(EVERY_S):
        try:
            work = AtWork.of(migration.store, migration.journal)
        except PipelineError:
            continue  # the step itself says what is wrong with the database
        for sentence in work.sentences_of(entity_type):
            backend_logger.info("%s", sentence)
