"""Class: downloads that are sent on to somewhere else (SSRF)."""

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.fetching import redirect

CLASS = HostileClass(
    "Redirects",
    "Where the answer to a download sends it on to. None of these is asked.",
    (
        Case(
            "`http://169.254.169.254/latest/meta-data`",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("http://169.254.169.254/latest/meta-data"),
        ),
        Case(
            "`http://127.0.0.1:PORT/inside`, an allowed place under another name",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("http://127.0.0.1:PORT/inside"),
        ),
        Case(
            "`http://127.0.0.1:1/`",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("http://127.0.0.1:1/"),
        ),
        Case(
            "`https://10.0.0.1/`",
            Fate.FAILED,
            "Slack sent the download on to another place, and 10.0.0.1 is not one of Slack's hosts, nor named in",
            redirect("https://10.0.0.1/"),
        ),
        Case(
            "`//evil.example/x`, without a scheme",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("//evil.example/x"),
        ),
        Case(
            "`https://orchard.example/file`",
            Fate.FAILED,
            "Slack sent the download on to another place, and orchard.example is not one of Slack's hosts, nor",
            redirect("https://orchard.example/file"),
        ),
        Case(
            "`https://files.slack.com.orchard.example/`",
            Fate.FAILED,
            "Slack sent the download on to another place, and files.slack.com.orchard.example is not one of",
            redirect("https://files.slack.com.orchard.example/"),
        ),
        Case(
            "`https://evil.example\\@files.slack.com/`",
            Fate.FAILED,
            "Slack sent the download on to another place, and it is no address that can be asked. Retrying will",
            redirect("https://evil.example\\@files.slack.com/"),
        ),
        Case(
            "`http://files.slack.com/file`",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("http://files.slack.com/file"),
        ),
        Case(
            "`https://files.slack.com:8443/file`",
            Fate.FAILED,
            "Slack sent the download on to another place, and files.slack.com is asked on its own port alone.",
            redirect("https://files.slack.com:8443/file"),
        ),
        Case(
            "`file:///etc/passwd`",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("file:///etc/passwd"),
        ),
        Case(
            "`ftp://files.slack.com/file`",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("ftp://files.slack.com/file"),
        ),
        Case(
            "`gopher://127.0.0.1:PORT/`",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("gopher://127.0.0.1:PORT/"),
        ),
        Case(
            "`https://[`",
            Fate.FAILED,
            "GET http://localhost:PORT/file: 500: a web page came back instead of JSON, so something else",
            redirect("https://["),
        ),
        Case(
            "nowhere: no Location",
            Fate.FAILED,
            "Slack sent the download on and on. `mm-pipeline retry` tries again",
            redirect(""),
        ),
        Case(
            "itself, on and on",
            Fate.FAILED,
            "Slack sent the download on and on. `mm-pipeline retry` tries again",
            redirect("/file"),
        ),
        Case(
            "Slack's name, which leads to 10.0.0.1",
            Fate.FAILED,
            "Slack sent the download on to another place, and files.slack.com leads to 10.0.0.1, an address",
            redirect("https://files.slack.com/file", "10.0.0.1"),
        ),
        Case(
            "`http://localhost:1/`, the allowed host on another port",
            Fate.FAILED,
            "Slack sent the download on to another place, and only https is asked for files. Retrying will not",
            redirect("http://localhost:1/"),
        ),
    ),
)
