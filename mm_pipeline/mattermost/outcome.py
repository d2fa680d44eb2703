"""What came of one object that was sent, or taken back. Decides nothing: the row's exporter does."""

from enum import StrEnum

import msgspec

from mm_pipeline.errors import PipelineError

#: Why a post keeps its text where people put its channel away: the server takes no edit there.
IN_ARCHIVED = "its channel is archived, and the server lets nobody edit anything in it"


class Answer(StrEnum):
    """What the server said to one object."""

    CREATED = "created"
    EXISTED = "existed"  #: it was there and could be taken as it is
    EMAIL_EXISTS = "email_exists"
    USERNAME_EXISTS = "username_exists"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The object is on the server. `id` is empty for email_exists and username_exists: look the account up."""

    key: int
    answer: Answer
    id: str = ""
    note: str = ""  #: what it lacks all the same


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The object is not on the server: `error` is a RowFailed or RowSkipped that says why."""

    key: int
    error: PipelineError


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that was to be taken back; `error` says why it is still there, "" that it is not."""

    id: str
    error: str = ""
    note: str = ""  #: what it is still in, though it was taken
