"""Posts that came and are not shown: hidden by a licence, deleted by data retention. They are never sent again as if missing."""

import json
from collections.abc import Callable, Iterator

import msgspec
import pytest

from mm_pipeline.errors import DELETED_BY_RETENTION, AbortRun
from mm_pipeline.finding import warnings
from mm_pipeline.mattermost.allowances import allowances
from mm_pipeline.mattermost.on_server import WantedPost
from mm_pipeline.mattermost.preflight import ask_server
from mm_pipeline_tests.mattermost.threads import thread
from mm_pipeline_tests.mattermost.world import MORNING, World, by_key
from mm_pipeline_tests.mattermost_server.proxy import Answer, Proxy, Request
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server


class Licence:
    """A rule of the proxy, for what takes a licence that no test has: posts before `before` (ms) are not shown.

    As filterInaccessiblePosts of 11.4 does it; where the posts are `deleted`, nothing says that there were any.
    """

    def __init__(self) -> None:
        self.before = 0
        self.deleted = False

    def __call__(self, request: Request, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if request.place.endswith("/limits/server") and self.before and not self.deleted:
            said = {"postHistoryLimit": 10_000, "lastAccessiblePostTime": self.before}
            return answer._replace(body=json.dumps(json.loads(answer.body) | said).encode())
        if request.place.endswith("/license/client") and self.deleted:
            return answer._replace(body=json.dumps({"IsLicensed": "true", "DataRetention": "true"}).encode())
        if request.method == "GET" and request.place.endswith("/posts") and answer.status == 200:
            return answer._replace(body=self._shown(answer.body))
        return answer

    def _shown(self, body: bytes) -> bytes:
        page = json.loads(body)
        hidden = {key: post["create_at"] for key, post in page["posts"].items() if post["create_at"] < self.before}
        page["order"] = [key for key in page["order"] if key not in hidden]
        page["posts"] = {key: post for key, post in page["posts"].items() if key not in hidden}
        if not self.deleted:
            page["first_inaccessible_post_time"] = max(hidden.values(), default=0)
        return json.dumps(page).encode()


@pytest.fixture(scope="module")
def licence() -> Licence:
    return Licence()


@pytest.fixture(scope="module")
def world(
    mattermost_11_4: RunningServer, licence: Licence, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A world that is seen through the proxy."""
    proxy = Proxy(mattermost_11_4.url, licence)
    made = World(msgspec.structs.replace(mattermost_11_4, url=proxy.url), tmp_path_factory.mktemp("work"))
    made.populate()
    yield made
    made.http.close()
    proxy.close()


def test_what_a_licence_hides_stops_the_run_and_is_found_without_it(world: World, licence: Licence) -> None:
    """The limit is worked out anew every 30 minutes: here it begins while the job runs."""
    threads = [thread(world.post(n, at=n * 1000), channel=world.room) for n in (1, 2, 3)]
    wanted = [WantedPost(key=n, create_at=MORNING + n * 1000, user_id=world.ids[world.ada]) for n in (1, 2, 3)]
    licence.before, licence.deleted = MORNING + 2500, False
    try:
        assert ask_server(world.rest, world.running.url).hidden_before == licence.before
        with pytest.raises(AbortRun, match="The server hides its posts up to 2023-11-14"):
            list(world.sender.send_threads(threads))
        jobs = world.import_jobs()
        again = world.new_sender()  # as the next run finds it: it reads back first
        with pytest.raises(AbortRun, match="nothing is sent again"):
            list(again.find_posts(world.room, wanted))
        assert world.import_jobs() == jobs
    finally:
        licence.before = 0
    assert {seen.key for seen in world.sender.find_posts(world.room, wanted)} == {1, 2, 3}
    assert len(world.posts_in(world.room)) == 3


def test_a_reply_to_a_root_that_a_licence_hides_does_not_bring_the_root_again(world: World) -> None:
    """POST /posts/ids leaves hidden posts out, as it does those that are gone."""
    jobs = world.import_jobs()
    sender = world.new_sender(hidden_before=MORNING + 60_000)
    hidden = world.post(1, at=50, id="z" * 26)
    with pytest.raises(AbortRun, match="The server hides its posts"):
        list(sender.send_threads([thread(hidden, world.post(2, at=90_000), channel=world.attic)]))
    assert world.import_jobs() == jobs


def test_what_data_retention_deleted_is_said_and_left_to_people(world: World, licence: Licence) -> None:
    """It deletes at night: here between the job and the reading back."""
    licence.before, licence.deleted = MORNING + 10**9, True
    try:
        world.rest.patch_config({"DataRetentionSettings": {"EnableMessageDeletion": True, "MessageRetentionDays": 30}})
        server = ask_server(world.rest, world.running.url)
        assert server.retention_hours == 30 * 24
        (warned,) = warnings(allowances(server, None))
        assert "deletes messages older than 30 days every night" in warned.sentence
        sender = world.new_sender(retention_hours=server.retention_hours)
        threads = [thread(world.post(n, at=n * 1000), channel=world.dm) for n in (1, 2)]
        arrived, refused = by_key(sender.send_threads(threads))
        assert arrived == {}
        assert refused == dict.fromkeys(
            (1, 2), f"{DELETED_BY_RETENTION}: it came and is gone. Switch that off, then try again."
        )
    finally:
        licence.before, licence.deleted = 0, False
        world.rest.patch_config({"DataRetentionSettings": {"EnableMessageDeletion": False}})
