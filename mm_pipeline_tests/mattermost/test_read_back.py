"""What is read back is recognised by millisecond and author, however the server pages it."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import Http
from mm_pipeline.mattermost.on_server import SeenFile, WantedPost
from mm_pipeline.mattermost.read_back import PAGE, read_back
from mm_pipeline.mattermost.shown import everything_in
from mm_pipeline_tests.mattermost.world import World
from mm_pipeline_tests.mattermost_server.running import RunningServer

ADA, BO = "a" * 26, "b" * 26
MORNING = 1_700_000_000_000
#: What else the server says of a post.
SHOWN = {"message": "m", "root_id": "", "edit_at": 0, "delete_at": 0, "type": "", "is_pinned": False, "props": None}


class Channel:
    """A channel that pages as Mattermost does (facts: 11.4, section 8): a chain drops posts of the last one's ms."""

    def __init__(
        self, http_server: HTTPServer, posts: Iterable[dict[str, Any]], *, hidden_before: int | None = None
    ) -> None:
        self._posts = sorted(posts, key=lambda post: -post["create_at"])
        self._hidden_before = MORNING + (hidden_before or 0) if hidden_before else 0
        self.asked: list[dict[str, str]] = []
        http_server.expect_request("/api/v4/channels/room/posts").respond_with_handler(self._page)
        self.http = Http(http_server.url_for("/api/v4"))

    def _page(self, request: Request) -> Response:
        args = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        self.asked.append(args)
        posts, size = self._posts, int(args["per_page"])
        if before := args.get("before"):
            ms = next(post["create_at"] for post in posts if post["id"] == before)
            posts = [post for post in posts if post["create_at"] < ms]
        page = posts[int(args.get("page", 0)) * size :][:size]
        hidden = [post["create_at"] for post in page if post["create_at"] < self._hidden_before]
        page = [post for post in page if post["create_at"] >= self._hidden_before]
        answer = {
            "order": [post["id"] for post in page],
            "posts": {post["id"]: post for post in page},
            "first_inaccessible_post_time": max(hidden, default=0),
        }
        return Response(json.dumps(answer), content_type="application/json")


def there(number: int, user_id: str = ADA, *, at: int | None = None, **more: Any) -> dict[str, Any]:
    return {"id": f"post{number}", "user_id": user_id, "create_at": MORNING + (number if at is None else at), **more}


def wanted(key: int, user_id: str = ADA, *, at: int | None = None) -> WantedPost:
    return WantedPost(key=key, user_id=user_id, create_at=MORNING + (key if at is None else at))


def test_posts_come_with_their_reactions_and_files(httpserver: HTTPServer) -> None:
    metadata = {
        "reactions": [{"user_id": BO, "emoji_name": "tada", "post_id": "post1"}],
        "files": [{"id": "f1", "name": "a.txt", "size": 3}],
    }
    channel = Channel(httpserver, [there(1, metadata=metadata), there(2, metadata={})])
    one, two = sorted(read_back(channel.http, "room", [wanted(1), wanted(2)]), key=lambda seen: seen.key)
    assert (one.id, one.reactions, one.files) == ("post1", ((BO, "tada"),), (SeenFile(id="f1", name="a.txt", size=3),))
    assert (two.id, two.reactions, two.files) == ("post2", (), ())


def test_another_author_or_another_ms_is_another_post(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(1, BO), there(5)])
    assert not list(read_back(channel.http, "room", [wanted(1, ADA), wanted(6, ADA)]))


def test_two_authors_in_one_ms_are_told_apart(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(1, ADA, at=7), there(2, BO, at=7)])
    seen = read_back(channel.http, "room", [wanted(10, BO, at=7), wanted(20, ADA, at=7)])
    assert {one.key: one.id for one in seen} == {10: "post2", 20: "post1"}


def test_one_post_is_taken_for_one_wanted_post_only(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(1)])
    assert len(list(read_back(channel.http, "room", [wanted(1), wanted(2, at=1)]))) == 1


def test_reading_ends_when_all_are_found(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(n) for n in range(5 * PAGE)])
    assert len(list(read_back(channel.http, "room", [wanted(5 * PAGE - 1), wanted(4 * PAGE - 1)]))) == 2
    assert len(channel.asked) == 2


def test_reading_ends_where_everything_is_older(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(n) for n in range(5 * PAGE)])
    assert not list(read_back(channel.http, "room", [wanted(9_999), wanted(4 * PAGE + 10, BO)]))
    assert len(channel.asked) == 1


def test_a_whole_channel_is_found_once_each(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(n) for n in range(3 * PAGE)])
    keys = [seen.key for seen in read_back(channel.http, "room", [wanted(n) for n in range(3 * PAGE)])]
    assert sorted(keys) == list(range(3 * PAGE))
    assert all("page" not in args for args in channel.asked)


def test_posts_that_share_a_ms_across_pages_are_found_by_the_slow_way(httpserver: HTTPServer) -> None:
    people = [f"{n:026}" for n in range(PAGE + 5)]
    channel = Channel(httpserver, [there(n, user, at=50) for n, user in enumerate(people)] + [there(999, at=1)])
    seen = list(read_back(channel.http, "room", [wanted(n, user, at=50) for n, user in enumerate(people)]))
    assert sorted(one.key for one in seen) == list(range(PAGE + 5))
    assert any("page" in args for args in channel.asked)


def test_a_post_that_is_missing_for_another_reason_is_not_looked_for_twice(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(n) for n in range(2 * PAGE)])
    assert not list(read_back(channel.http, "room", [wanted(-5)]))
    assert all("page" not in args for args in channel.asked)


@pytest.mark.parametrize("hidden_before", [5, 3 * PAGE - 7, 4 * PAGE], ids=["the oldest", "most", "all"])
def test_posts_that_the_server_hides_are_not_taken_for_missing(httpserver: HTTPServer, hidden_before: int) -> None:
    channel = Channel(httpserver, [there(n) for n in range(3 * PAGE)], hidden_before=hidden_before)
    seen = []
    with pytest.raises(AbortRun, match=r"The server hides its posts up to 2023-11-14.*nothing is sent again"):
        seen += read_back(channel.http, "room", [wanted(n) for n in (1, 3 * PAGE - 1)])


def test_posts_that_the_server_hides_are_no_concern_where_all_that_is_wanted_is_newer(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(n) for n in range(3 * PAGE)], hidden_before=2 * PAGE)
    found = list(read_back(channel.http, "room", [wanted(2 * PAGE), wanted(3 * PAGE - 1), wanted(3 * PAGE)]))
    assert len(found) == 2


@pytest.mark.parametrize("number", [0, 1, PAGE, 2 * PAGE, 3 * PAGE - 7])
@pytest.mark.parametrize("alike", [1, 9, 2 * PAGE + 30])
def test_what_a_channel_shows_is_told_once_each(httpserver: HTTPServer, number: int, alike: int) -> None:
    # Some of one ms on both sides of each cut: there a chain of last posts loses some.
    channel = Channel(httpserver, [there(n, metadata={}, at=n // alike, **SHOWN) for n in range(number)])
    ids = [post.id for post in everything_in(channel.http, "room")]
    assert len(ids) == number
    assert set(ids) == {f"post{n}" for n in range(number)}


def test_nothing_wanted_is_nothing_asked(httpserver: HTTPServer) -> None:
    channel = Channel(httpserver, [there(1)])
    assert not list(read_back(channel.http, "room", []))
    assert not channel.asked


def test_a_channel_that_is_gone_holds_nothing(httpserver: HTTPServer) -> None:
    gone = {"id": "app.channel.get.existing.app_error", "message": "gone", "status_code": 404}
    httpserver.expect_request("/api/v4/channels/room/posts").respond_with_json(gone, status=404)
    assert not list(read_back(Http(httpserver.url_for("/api/v4")), "room", [wanted(1)]))


@pytest.mark.server
def test_real_servers_page_as_these_tests_say(mattermost: RunningServer, tmp_path: Any) -> None:
    world = World(mattermost, tmp_path)
    town = world.http.get(f"/teams/{world.server.team_id}/channels/name/town-square")["id"]
    me = world.http.get("/users/me")["id"]
    posts = [{"channel_id": town, "message": f"m{n}", "create_at": MORNING + n // 230} for n in range(240)]
    ids = [world.http.post("/posts", post)["id"] for post in posts]
    seen = list(read_back(world.http, town, [wanted(n, me, at=n // 230) for n in range(240)]))
    assert {one.id for one in seen} == set(ids)
    counted = [post.id for post in everything_in(world.http, town)]
    assert len(counted) == len(set(counted))
    assert set(counted) >= set(ids)
