"""One row on its way to Mattermost. Knows how a row is settled; knows no HTTP, no SQL, and nothing of the other types."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar, Protocol, Self, TypeVar

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.db.status_writer import StatusChange
from mm_pipeline.errors import PipelineError, RowFailed, RowSkipped
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.model import Entity, EntityType, Origin, Status

if TYPE_CHECKING:
    from mm_pipeline.export.run import Run

Made = TypeVar("Made")


class Statuses(Protocol):
    """Where statuses go: the status writer, or an archive's list of what it leaves out."""

    def put(self, change: StatusChange) -> None:
        """Hand over a change; returns at once."""


class ExporterBase:
    """A row and the one way to settle it. Subclasses turn it into what the seam takes."""

    entity_type: ClassVar[EntityType]

    def __init__(self, entity: Entity, statuses: Statuses) -> None:
        self.entity = entity
        self._statuses = statuses

    @classmethod
    def from_entity(cls, entity: Entity, statuses: Statuses, run: "Run") -> Self:
        """Make the exporter of one row; subclasses take from the run what only they need."""
        return cls(entity, statuses)

    @classmethod
    def export(cls, run: "Run", share: Partitions, statuses: Statuses) -> None:
        """Export the pending rows of a share of the work: all are sent as one batch, each is settled by its outcome."""
        rows = run.store.rows(cls.entity_type, [Status.PENDING], share)
        exporters = {row.id: cls.from_entity(row, statuses, run) for row in rows}
        for outcome in cls.send(list(exporters.values()), run):
            exporters[outcome.key].settle(outcome)

    @classmethod
    def export_changed(cls, run: "Run", share: Partitions, statuses: Statuses) -> None:
        """Take note of rows that a newer export told otherwise after they were sent. Types that can follow do so here."""
        for row in run.store.rows(cls.entity_type, share=share, changed=True):
            exporter = cls.from_entity(row, statuses, run)
            exporter.keep(exporter.left_to_people)

    @property
    def left_to_people(self) -> str:
        """What changed in Slack after the row was sent and is not changed on the server, or ""."""
        return ""

    @classmethod
    def send(cls, exporters: list[Self], run: "Run") -> Iterator[Done | Refused]:
        """Hand the rows to the seam in one operation; one outcome per row."""
        raise NotImplementedError

    def set_status(
        self,
        status: Status,
        error: str | None = None,
        *,
        mattermost_id: str | None = None,
        origin: Origin | None = None,
        target_name: str | None = None,
        content_sha256: str | None = None,
    ) -> None:
        """Hand the row's new status to the status writer; returns at once."""
        if status is Status.FAILED:
            backend_logger.warning("%s %s failed: %s", self.entity_type.value, self.entity.slack_id, error)
        self._statuses.put(
            StatusChange(
                id=self.entity.id,
                status=status,
                error=error,
                mattermost_id=mattermost_id,
                origin=origin,
                target_name=target_name,
                content_sha256=content_sha256,
            )
        )

    def settle(self, outcome: Done | Refused) -> None:
        """Set the status that an outcome means."""
        if isinstance(outcome, Refused):
            self.refuse(outcome.error)
        else:
            origin = Origin.CREATED if outcome.answer is Answer.CREATED else Origin.MATCHED
            self.set_status(Status.SUCCESS, mattermost_id=outcome.id or None, origin=origin)

    def keep(self, note: str = "") -> None:
        """Leave a changed row a success: what is told of it by now counts as sent; the note says what stays as it was."""
        self.set_status(Status.SUCCESS, note or None)

    def refuse(self, error: PipelineError) -> None:
        """Set failed or skipped, with the reason."""
        self.set_status(Status.SKIPPED if isinstance(error, RowSkipped) else Status.FAILED, str(error))


def build_all(exporters: Iterable[ExporterBase], build: Callable[..., Made]) -> Iterator[Made]:
    """Yield what `build` makes of each row; a row that cannot be built is settled here, and the others go on."""
    for exporter in exporters:
        try:
            made = build(exporter)
        except (RowFailed, RowSkipped) as error:
            exporter.refuse(error)
        else:
            yield made
