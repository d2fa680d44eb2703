"""Class: answers to a download that lie about size or type, or never end."""

import gzip
from collections.abc import Iterator

from werkzeug import Response

from mm_pipeline_tests.hostile.case import Case, Fate, HostileClass
from mm_pipeline_tests.hostile.fetching import LIMIT, download

_PAGE = b"<!DOCTYPE html><html><head><title>Sign in to Slack</title></head><body>redir=</body></html>"


def _endless(_: object) -> Response:
    def chunks() -> Iterator[bytes]:
        while True:
            yield bytes(65536)

    return Response(chunks())


def _says(content: bytes, status: int = 200, **headers: str) -> Response:
    return Response(content, status, {name.replace("_", "-"): value for name, value in headers.items()})


CLASS = HostileClass(
    "Downloads",
    "What comes instead of a file's bytes.",
    (
        Case(
            "fewer bytes than were promised",
            Fate.FAILED,
            "3 bytes came from Slack, 4 were promised: not the file. `mm-pipeline retry` fetches it again",
            download(_says(b"pla"), size=4),
        ),
        Case(
            "more bytes than were promised",
            Fate.FAILED,
            "13 bytes came from Slack, 4 were promised: not the file. `mm-pipeline retry` fetches it again",
            download(_says(b"plan and more"), size=4),
        ),
        Case(
            "bytes without end, 1,000 promised",
            Fate.FAILED,
            "262,144 bytes came from Slack, 1,000 were promised: not the file. `mm-pipeline retry` fetches it",
            download(_endless, size=1_000),
        ),
        Case(
            "bytes without end, nothing promised",
            Fate.SKIPPED,
            "larger than the server takes: at least 1,310,720 bytes, the server takes 1,048,576. Raise",
            download(_endless),
        ),
        Case(
            "2 MiB where the server takes one",
            Fate.SKIPPED,
            "larger than the server takes: at least 1,310,720 bytes, the server takes 1,048,576. Raise",
            download(_says(bytes(2 * LIMIT))),
        ),
        Case(
            "2 MiB, as was promised",
            Fate.SKIPPED,
            "larger than the server takes: 2,097,152 bytes, the server takes 1,048,576. Raise",
            download(_says(bytes(2 * LIMIT)), size=2 * LIMIT),
        ),
        Case(
            "nothing",
            Fate.FAILED,
            "0 bytes came from Slack, 4 were promised: not the file. `mm-pipeline retry` fetches it again",
            download(_says(b""), size=4),
        ),
        Case(
            "a sign-in page",
            Fate.FAILED,
            "Slack does not give it out (a sign-in page came instead of the file): SLACK_TOKEN must be valid,",
            download(_says(_PAGE, Content_Type="text/html"), name="photo.png"),
        ),
        Case(
            "a sign-in page that says it is a picture",
            Fate.FAILED,
            "Slack does not give it out (a sign-in page came instead of the file): SLACK_TOKEN must be valid,",
            download(_says(_PAGE, Content_Type="image/png"), name="photo.png"),
        ),
        Case(
            "a sign-in page where a canvas was meant",
            Fate.FAILED,
            "Slack's sign-in page came instead of it: SLACK_TOKEN must be valid, have the scope files:read and",
            download(_says(_PAGE + b"slack /signin", Content_Type="text/html"), mode="quip"),
        ),
        Case(
            "a packed answer, 10 MiB of zeros in 10 KB",
            Fate.SKIPPED,
            "larger than the server takes: at least 1,310,720 bytes, the server takes 1,048,576. Raise",
            download(_says(gzip.compress(bytes(10 << 20)), Content_Encoding="gzip")),
        ),
        Case(
            "a part that nobody asked for",
            Fate.FAILED,
            "4 bytes came from Slack, 1,000 were promised: not the file. `mm-pipeline retry` fetches it again",
            download(_says(b"part", 206, Content_Range="bytes 900-903/1000"), size=1_000),
        ),
        Case(
            "`no` (403)",
            Fate.FAILED,
            "Slack does not give it out (status 403): SLACK_TOKEN must be valid, have the scope files:read and",
            download(_says(b"no", 403)),
        ),
        Case(
            "`gone` (410)",
            Fate.SKIPPED,
            "the file's bytes are nowhere to be had: Slack has it no more",
            download(_says(b"gone", 410)),
        ),
        Case(
            "an error page of a proxy (500)",
            Fate.FAILED,
            "GET http://localhost:PORT/file: 500: a web page came back instead of JSON, so something else",
            download(_says(_PAGE, 500, Content_Type="text/html")),
        ),
        Case(
            "a server that stays busy (503)",
            Fate.FAILED,
            "GET http://localhost:PORT/file: 503: text/plain came back instead of JSON. It may work later.",
            download(_says(b"", 503)),
        ),
        Case(
            "a teapot (418) with a token in its words",
            Fate.FAILED,
            "GET http://localhost:PORT/file: 418: text/plain came back instead of JSON. Trying again will not",
            download(_says(b'{"error": "xoxb-1234567890-secret"}', 418)),
        ),
        Case(
            "a header of 60,000 characters",
            Fate.KEPT,
            "4 bytes: b'plan'",
            download(_says(b"plan", X_Long="x" * 60_000), size=4),
        ),
    ),
)
