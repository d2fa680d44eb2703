"""Frames for Dagster's metadata: what people have to do something about stands first."""

from mm_pipeline.finding import ok, stop, warning
from mm_pipeline.model import EntityType, Status
from mm_pipeline.report.frames import findings_frame, reasons_of

_REASONS = {
    EntityType.USER: [(Status.SKIPPED, "deleted in Slack", 40), (Status.FAILED, "no seat is left", 2)],
    EntityType.MESSAGE: [(Status.FAILED, "the server is full", 7)],
}


def test_failures_stand_before_what_was_skipped_and_the_most_frequent_first() -> None:
    assert [(one["type"], one["rows"], one["why"]) for one in reasons_of(_REASONS)] == [
        ("message", 7, "the server is full"),
        ("user", 2, "no seat is left"),
        ("user", 40, "deleted in Slack"),
    ]


def test_the_reasons_of_one_type_do_not_name_it() -> None:
    assert reasons_of(_REASONS, EntityType.MESSAGE) == [{"status": "failed", "rows": 7, "why": "the server is full"}]


def test_the_list_begins_with_what_stops_and_keeps_its_order_else() -> None:
    found = [ok("token", "fine"), warning("guests", "few", "do"), stop("team", "none", "make one"), ok("team", "fine")]
    assert [*findings_frame(found)["level"]] == ["stop", "warning", "ok", "ok"]
    assert [*findings_frame(found)["subject"]] == ["team", "guests", "token", "team"]
