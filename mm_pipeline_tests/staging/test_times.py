"""When a message was: its ts, cut to milliseconds, one of its own for each message of a channel."""

from hypothesis import given
from hypothesis import strategies as st

from mm_pipeline.staging.slack_id import microseconds, ts_of
from mm_pipeline.staging.timeline import Timeline, ascending, repeated

from .conftest import message


def test_a_ts_is_cut_not_rounded():
    assert microseconds("1517436010.000999") // 1000 == 1517436010000
    # as a float this one becomes ...209999
    assert microseconds("1612687732.210000") // 1000 == 1612687732210
    assert microseconds("1517436010") == 1517436010_000000
    assert microseconds("7.5") == 7_500000


def test_what_tells_no_time_is_no_ts():
    assert [
        ts_of(v) for v in (None, "", "x", "-1.0", "0.0", True, [], {}, "1.2.3", "9" * 400, "1e5", "१.0", float("nan"))
    ] == [None] * 13
    assert ts_of(1517436010) == "1517436010"


def test_messages_of_one_millisecond_follow_each_other_in_ts_order(base, files, write):
    stamps = ["1714550400.000200", "1714550400.000100", "1714550400.001000", "1714550400.000300", "1714550400.009000"]
    files["garden/2024-05-01.json"] = [message(ts) for ts in stamps[:2]]
    files["garden/2024-04-30.json"] = [message(ts) for ts in stamps[2:]]
    base.stage(write(files))
    times = sorted((row["slack_id"][-6:], row["create_at"] - 1714550400000) for row in base.rows("message").values())
    assert times == [("000100", 0), ("000200", 1), ("000300", 2), ("001000", 3), ("009000", 9)]


def test_the_same_message_twice_is_one_row_and_another_with_its_ts_is_a_second(base, files, write):
    files["garden/2024-05-01.json"] = [
        message("1.0", "one"),
        message("1.0", "two"),
        message("1.0", "one"),
        message("1.000500", "three"),
    ]
    files["garden/copy.json"] = [message("1.0", "two")]
    staged = base.stage(write(files))
    rows = base.rows("message")
    assert {k: (r["raw_data"]["text"], r["create_at"]) for k, r in rows.items()} == {
        "C0GARDEN:1.0": ("one", 1000),
        "C0GARDEN:1.0#2": ("two", 1001),
        "C0GARDEN:1.000500": ("three", 1002),
    }
    assert staged.seen["message"] == 3
    assert any("C0GARDEN:1.0#2" in warning for warning in staged.warnings)


def test_a_newer_export_takes_free_milliseconds_and_moves_nobody(base, files, write):
    day = "garden/2024-05-01.json"
    files[day] = [message("1.000200"), message("1.001100")]
    base.stage(write(files))
    base.execute(
        "INSERT INTO derived_posts (workspace, slack_id, part, create_at) VALUES ('T0FERN', 'C0GARDEN:1.001100', 1, 1002)"
    )
    files[day] += [message("1.000100"), message("1.000300")]
    base.stage(write(files))
    assert {row["slack_id"][9:]: row["create_at"] for row in base.rows("message").values()} == {
        "1.000200": 1000,
        "1.001100": 1001,
        "1.000100": 1003,
        "1.000300": 1004,
    }


@given(st.lists(st.integers(1, 9000), max_size=60), st.sets(st.integers(0, 9)))
def test_every_message_has_its_own_millisecond_in_order_and_none_that_is_taken(stamps, taken):
    ordered = ascending(stamps)
    times = Timeline(ordered, {us: 2 for us in repeated(ordered)}, {}, taken)
    given_out = [
        times.ms(us, copy) for us in sorted(set(stamps)) for copy in ((1, 2) if stamps.count(us) > 1 else (1,))
    ]
    assert given_out == sorted(set(given_out))
    assert not taken.intersection(given_out)
    assert all(times.ms(us) >= us // 1000 for us in stamps)
