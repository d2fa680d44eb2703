"""What happens between us and a real server: waited out while it may pass, then told in a sentence that names who spoke."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mm_pipeline.errors import PipelineError
from mm_pipeline.http import Http
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

_PAGE = b"<html><body>The gateway has a word to say</body></html>"
_BY = (("Content-Type", "text/html"), ("Via", "1.1 gate.example"))

Ask = Callable[[], Answer]


class Line:
    """A rule of the proxy: does what is next in `faults` and passes on when there is none; the last one stays if `for_ever`."""

    def __init__(self) -> None:
        self.faults: list[Callable[[Ask], Answer | Cut]] = []
        self.for_ever = False
        self.asked_at: list[float] = []

    def __call__(self, request: Request, ask: Ask) -> Answer | Cut:
        self.asked_at.append(time.monotonic())
        if not self.faults:
            return ask()
        fault = self.faults[0] if self.for_ever else self.faults.pop(0)
        return fault(ask)


def _slow(ask: Ask) -> Answer:
    time.sleep(1)
    return ask()


#: What passes by itself.
FAULTS: dict[str, Callable[[Ask], Answer | Cut]] = {
    "429 with Retry-After": lambda ask: Answer(429, b"limit exceeded", (("Retry-After", "1"),)),
    "502": lambda ask: Answer(502, _PAGE, _BY),
    "503 with Retry-After": lambda ask: Answer(503, b"", (("Retry-After", "1"),)),
    "504": lambda ask: Answer(504, _PAGE, _BY),
    "a reset": lambda ask: Cut(),
    "a slow answer": _slow,
    "a page instead of JSON": lambda ask: Answer(200, _PAGE, _BY),
}
#: What does not pass, and the words that the sentence has.
FOR_EVER: dict[str, tuple[Callable[[Ask], Answer | Cut], str]] = {
    "429": (FAULTS["429 with Retry-After"], r"429.*stayed busy or away; run the same command again later"),
    "502": (FAULTS["502"], r"502: a web page came back.*a proxy.*calls itself 1\.1 gate\.example.*stayed busy or away"),
    "503 in plain words": (
        lambda ask: Answer(503, b"no healthy upstream", (("Content-Type", "text/plain"), ("Server", "envoy"))),
        r"503: text/plain came back instead of JSON, from a proxy that calls itself envoy\. The server stayed busy",
    ),
    "a reset": (FAULTS["a reset"], "the connection broke. Check the address and that the server is up"),
    "a page": (FAULTS["a page instead of JSON"], r"calls itself 1\.1 gate\.example.*what lies in between"),
    "a page that forbids": (lambda ask: Answer(403, _PAGE, _BY), r"403: a web page.*calls itself 1\.1 gate\.example"),
}


@pytest.fixture(scope="module")
def line() -> Line:
    return Line()


@pytest.fixture
def http(mattermost_11_4: RunningServer, line: Line) -> Iterator[Http]:
    proxy = Proxy(mattermost_11_4.url, line)
    http = Http(f"{proxy.url}/api/v4", mattermost_11_4.token, away_s=1.5, busy_s=3)
    line.faults, line.for_ever = [], False
    assert http.get("/users/me")["username"] == "sysadmin"
    line.asked_at.clear()
    yield http
    http.close()
    proxy.close()


def test_what_passes_by_itself_is_waited_out(http: Http, line: Line, subtests: pytest.Subtests) -> None:
    for name, fault in FAULTS.items():
        with subtests.test(name):
            line.faults = [fault]
            assert http.get("/users/me")["username"] == "sysadmin"
            assert not line.faults


def test_what_does_not_pass_is_told_within_bounds_in_a_sentence_that_names_who_spoke(
    http: Http, line: Line, subtests: pytest.Subtests
) -> None:
    for name, (fault, words) in FOR_EVER.items():
        with subtests.test(name):
            line.faults, line.for_ever = [fault], True
            began = time.monotonic()
            with pytest.raises(PipelineError, match=words):
                http.get("/users/me")
            assert time.monotonic() - began < 30


def test_those_who_were_refused_together_do_not_come_back_together(http: Http, line: Line) -> None:
    together = 5
    line.faults = [FAULTS["429 with Retry-After"]] * together
    with ThreadPoolExecutor(together) as threads:
        for answer in [threads.submit(http.get, "/users/me") for _ in range(together)]:
            answer.result()
    back_at = line.asked_at[-together:]
    assert min(back_at) - line.asked_at[0] >= 1
    assert max(back_at) - min(back_at) > 0.02
