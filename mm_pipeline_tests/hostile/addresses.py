"""Class: links of an export that lead elsewhere (SSRF), asked with a token of Slack's in hand."""

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.fetching import address

CLASS = HostileClass(
    "Addresses",
    "`url_private` of a file. None of these is asked, and nobody sees the token.",
    (
        Case(
            "`http://169.254.169.254/latest/meta-data`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: only https is asked for files",
            address("http://169.254.169.254/latest/meta-data"),
        ),
        Case(
            "`https://127.0.0.1:PORT/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: 127.0.0.1 is not one of Slack's hosts, nor named in",
            address("https://127.0.0.1:PORT/"),
        ),
        Case(
            "`http://[::1]:PORT/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: only https is asked for files",
            address("http://[::1]:PORT/"),
        ),
        Case(
            "`https://[::ffff:127.0.0.1]:PORT/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: ::ffff:127.0.0.1 is not one of Slack's hosts, nor named in",
            address("https://[::ffff:127.0.0.1]:PORT/"),
        ),
        Case(
            "`http://2130706433:PORT/`, 127.0.0.1 as one number",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: only https is asked for files",
            address("http://2130706433:PORT/"),
        ),
        Case(
            "`http://0x7f.1:PORT/`, 127.0.0.1 in other bases",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: only https is asked for files",
            address("http://0x7f.1:PORT/"),
        ),
        Case(
            "`https://files.slack.com@127.0.0.1:PORT/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: it is no address that can be asked",
            address("https://files.slack.com@127.0.0.1:PORT/"),
        ),
        Case(
            "`https://127.0.0.1:PORT\\@files.slack.com/`, two hosts to two readers",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: it is no address that can be asked",
            address("https://127.0.0.1:PORT\\@files.slack.com/"),
        ),
        Case(
            "`https://me:secret@files.slack.com/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: it is no address that can be asked",
            address("https://me:secret@files.slack.com/"),
        ),
        Case(
            "`https://127.0.0.1:PORT#@files.slack.com/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: 127.0.0.1 is not one of Slack's hosts, nor named in",
            address("https://127.0.0.1:PORT#@files.slack.com/"),
        ),
        Case(
            "`https://files.slack.com.evil.example/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: files.slack.com.evil.example is not one of Slack's hosts,",
            address("https://files.slack.com.evil.example/"),
        ),
        Case(
            "`https://evilslack.com/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: evilslack.com is not one of Slack's hosts, nor named in",
            address("https://evilslack.com/"),
        ),
        Case(
            "`http://files.slack.com/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: only https is asked for files",
            address("http://files.slack.com/"),
        ),
        Case(
            "`https://files.slack.com:8443/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: files.slack.com is asked on its own port alone",
            address("https://files.slack.com:8443/"),
        ),
        Case(
            "`https://files.slack.com:x/`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: it is no address that can be asked",
            address("https://files.slack.com:x/"),
        ),
        Case(
            "`https://[`",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: it is no address that can be asked",
            address("https://["),
        ),
        Case(
            "Slack's name, which leads to 192.168.7.7",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: files.slack.com leads to 192.168.7.7, an address inside a",
            address("https://files.slack.com/x", "8.8.8.8", "192.168.7.7"),
        ),
        Case(
            "Slack's name, which leads to 64:ff9b::a00:1, that is 10.0.0.1",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: files.slack.com leads to 64:ff9b::a00:1, an address inside",
            address("https://files.slack.com/x", "64:ff9b::a00:1"),
        ),
        Case(
            "Slack's name, which leads to fd00::1",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: files.slack.com leads to fd00::1, an address inside a",
            address("https://files.slack.com/x", "fd00::1"),
        ),
    ),
)
