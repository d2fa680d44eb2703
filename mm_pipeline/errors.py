"""Errors, named by what happens next. Holds no policy: http.py maps answers to these, the runner catches them.

PipelineError
    AbortRun       the token is refused, the server is away: stop; rows stay pending, the same command goes on later
        Paused     people want it to rest: the run stops at its next safe point
    Retryable      429, 502-504, a broken connection: http.py waits and tries again, then it becomes AbortRun
    RowFailed      Mattermost (or a check of ours before it) said no to this row: failed, with the reason
    RowSkipped     there is nothing to export, for one reason of SkipReason: skipped, with the reason
"""

from enum import StrEnum


class PipelineError(Exception):
    """Something a person has to read. Its text is one sentence: what was tried, what came back, what to do."""


class AbortRun(PipelineError):
    """Nothing further can succeed now. The run stops and rows stay pending."""


class Paused(AbortRun):
    """Somebody wants the work to rest. The run stops at a safe point and rows stay pending."""


class Retryable(PipelineError):
    """The same request may succeed later."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RowFailed(PipelineError):
    """This row was refused; the others go on."""


class SkipReason(StrEnum):
    """Everything that may be skipped, and why. Closed: a message that people could read in Slack is never skipped."""

    NO_BYTES = "the file's bytes are nowhere to be had"
    NO_PICTURE = "the emoji's picture is nowhere to be had"
    TOO_LARGE = "larger than the server takes"
    HIDDEN_BY_LIMIT = "hidden by Slack's plan limit"
    DELETED_IN_SLACK = "deleted in Slack, and nothing hangs on it"
    LEFT_OUT = "chosen to be left out"
    PARENT = "its parent failed or was skipped"  #: for another reason than being left out, which its children share


#: How the reason of a row begins that comes home only when people switch something off: nothing tries it by itself.
DELETED_BY_RETENTION = "The server's data retention deletes posts of this age"


class RowSkipped(PipelineError):
    """Nothing to export. `reason` is of the closed list, `detail` tells a person what to do."""

    def __init__(self, reason: SkipReason, detail: str = "") -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
