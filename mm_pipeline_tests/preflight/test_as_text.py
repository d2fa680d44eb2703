"""The list as a terminal shows it, and the rule that cuts a sentence into what is and what to do."""

from mm_pipeline.finding import Finding, Level, ok, stop, told, warning
from mm_pipeline.preflight.as_text import coloured, list_text, verdict

LIST = [
    ok("server", "It runs."),
    warning("emoji", "Custom emoji are off.", "Switch them on in the System Console."),
    stop("jobs", "It runs no jobs.", "Switch JobSettings.RunJobs on."),
]


def test_where_a_program_reads_each_sentence_is_one_line() -> None:
    assert list_text(LIST).splitlines() == [
        "ok       server  It runs.",
        "warning  emoji   Custom emoji are off.",
        "                 -> Switch them on in the System Console.",
        "stop     jobs    It runs no jobs.",
        "                 -> Switch JobSettings.RunJobs on.",
    ]


def test_where_somebody_reads_it_is_as_wide_as_the_terminal() -> None:
    text = list_text(LIST, width=60)
    assert max(len(one) for one in text.splitlines()) <= 60
    assert "-> Switch them on in the System Console." in text
    assert "\x1b[" not in text
    of_a_command = [warning("x", "It is so.", "See to it that it is otherwise soon, then `mm-pipeline retry`.")]
    assert all("`mm-pipeline" in list_text(of_a_command, width) for width in range(40, 100))
    assert coloured(text).count("\x1b[1m") == len(LIST)


def test_the_verdict_says_what_it_comes_to() -> None:
    assert "What stands in the way: 1." in verdict(LIST)
    assert verdict(LIST[:2]).startswith("Nothing stands in the way. 1 line warns")
    assert verdict(LIST[:1]) == "Nothing stands in the way."


def test_an_error_is_cut_into_what_is_wrong_and_what_to_do() -> None:
    assert told("x", "It is so. Do this, then that.") == Finding(Level.STOP, "x", "It is so.", "Do this, then that.")
    assert told("x", "MM_X is none: say one.") == Finding(Level.STOP, "x", "MM_X is none.", "Say one.")
    assert told("x", "It is so") == Finding(Level.STOP, "x", "It is so")
