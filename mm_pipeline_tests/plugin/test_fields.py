"""Each field of each body, with a value of a wrong type, with nothing, and with SQL in it."""

import copy
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.plugin.test_access import ask, state_of

pytestmark = pytest.mark.server

SQL = "'; DROP TABLE posts; --"
PATHS = ("threads", "accounts", "channels", "read", "attached", "texts", "files")
#: A value of each type that JSON has but null.
_TYPES: tuple[Any, ...] = ("5", 5, True, {}, [])
#: Name of a field, or place in a list, one behind the other.
Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def world(mattermost_with_plugin: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(mattermost_with_plugin, tmp_path_factory.mktemp("work"))
    world.populate()
    return world


def whole(world: World, path: str) -> dict[str, Any]:
    """A body that is taken, with each of its fields set and an item in each of its lists; another one at each call."""
    name, ada, room = f"n{secrets.token_hex(6)}", world.ids[world.ada], world.room.id
    post = {
        "identity": name,
        "user_id": ada,
        "message": "hello",
        "create_at": MORNING,
        "edit_at": MORNING + 1,
        "type": "",
        "is_pinned": False,
        "props": {"slack": "yes"},
        "reactions": [{"user_id": ada, "emoji_name": "tada", "create_at": MORNING + 9}],
        "file_ids": ["x" * 26],
    }
    reply = post | {"identity": f"{name}:1", "file_ids": ["y" * 26]}
    known = {"id": "z" * 26}
    person = {
        "identity": name,
        "username": name,
        "email": f"{name}@people.invalid",
        "first_name": "Fern",
        "last_name": "Green",
        "nickname": "Ferny",
        "position": "gardener",
        "locale": "en",
        "roles": "system_user",
        "delete_at": 0,
        "auth_service": "gitlab",
        "auth_data": name,
        "time_zone": "Europe/Berlin",
        "is_outside": False,
        "channel_ids": [room],
    }
    made = {
        "identity": name,
        "type": "O",
        "name": name,
        "display_name": "Room",
        "header": "tea",
        "purpose": "quiet",
        "creator_id": ada,
        "create_at": MORNING,
        "members": [ada],
    }
    fresh = {
        "type": "O",
        "display_name": "Room",
        "header": "tea",
        "purpose": "quiet",
        "creator_id": ada,
        "create_at": MORNING,
        "archive": False,
    }
    pair = {"channel_id": room, "user_id": ada}
    return {
        "threads": {
            "threads": [
                {"channel_id": room, "root": post, "replies": [reply], "followers": [ada]},
                {"channel_id": room, "root": known},
            ]
        },
        "accounts": {"team_id": world.server.team_id, "accounts": [person]},
        "channels": {
            "team_id": world.server.team_id,
            "homes": [room],
            "channels": [made, {"id": room, "members": [ada], "set": fresh}],
        },
        "read": {"channel_ids": [room], "threads_in": [room], "besides": [pair], "keep": [pair]},
        "attached": {"posts": [{"id": "z" * 26, "file_ids": ["x" * 26]}]},
        "texts": {"texts": [{"id": "z" * 26, "old": "a", "new": "b", "edit_at": 1, "edited_at": 2}]},
        "files": {
            "identity": name,
            "channel_id": room,
            "user_id": ada,
            "name": "notes.txt",
            "size": 5,
            "create_at": MORNING,
        },
    }[path]


def places(value: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield the place of each field and of each item, with what stands there; of props the whole."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*at, name), one
        if name != "props":
            yield from places(one, (*at, name))


def changed(body: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """The body with another value at a place."""
    copied = copy.deepcopy(body)
    inner: Any = copied
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return copied


def without(body: dict[str, Any], place: Place) -> dict[str, Any]:
    """The body without what stands at a place."""
    copied = copy.deepcopy(body)
    inner: Any = copied
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return copied


@pytest.mark.parametrize("path", PATHS)
def test_a_field_of_a_wrong_type_has_the_whole_body_refused(world: World, path: str) -> None:
    body = whole(world, path)
    before, tried = state_of(world), 0
    for place, there in places(body):
        for wrong in (one for one in _TYPES if type(one) is not type(there)):
            said = ask(world.running, "POST", path, changed(body, place, wrong))
            assert (said.status_code, said.json()["id"]) == (400, "com.mm-pipeline.importer.body.error"), (place, wrong)
            tried += 1
        if type(there) is int:
            for wrong in (1.5, 1 << 63):
                assert ask(world.running, "POST", path, changed(body, place, wrong)).status_code == 400, (place, wrong)
    assert tried >= 4 * 5
    assert state_of(world) == before


@pytest.mark.parametrize("path", PATHS)
def test_a_field_that_is_null_is_one_that_is_absent(world: World, path: str) -> None:
    for place, _ in places(whole(world, path)):
        if not isinstance(place[-1], str):
            continue
        told = []
        for make in (without(whole(world, path), place), changed(whole(world, path), place, None)):
            said = ask(world.running, "POST", path, make)
            told.append((said.status_code, sorted(said.json())))
        assert told[0] == told[1], place
        assert told[0][0] in {200, 400, 404}, place
    assert ask(world.running, "GET", "hello").json()["objections"] == []


@pytest.mark.parametrize("path", PATHS)
def test_sql_in_a_field_is_a_value_like_another(world: World, path: str) -> None:
    posts = world.rows("SELECT count(*) AS n FROM posts")
    tried = 0
    for place, there in places(whole(world, path)):
        if not isinstance(there, str):
            continue
        said = ask(world.running, "POST", path, changed(whole(world, path), place, SQL))
        assert said.status_code in {200, 400}, (place, said.text)
        tried += 1
    assert tried >= 2
    # Tables that are gone, or have lost a column, would be told.
    assert ask(world.running, "GET", "hello").json()["objections"] == []
    assert world.rows("SELECT count(*) AS n FROM posts")[0]["n"] >= posts[0]["n"]


def test_a_file_that_is_called_like_sql_is_called_so(world: World) -> None:
    body = whole(world, "files") | {"identity": SQL + secrets.token_hex(4), "name": SQL}
    begun = ask(world.running, "POST", "files", body).json()
    assert ask(world.running, "POST", f"files/{begun['id']}?offset=0", b"hello").json()["is_done"]
    assert world.rows("SELECT name FROM fileinfo WHERE id = %(id)s", id=begun["id"]) == [{"name": SQL}]
    (known,) = world.rows("SELECT id FROM mm_pipeline_files WHERE identity = %(name)s", name=body["identity"])
    assert known["id"] == begun["id"]


@pytest.mark.parametrize(
    "page",
    [
        *(
            {name: value}
            for name in ("since", "before", "most")
            for value in ("-1", "x", "", "1.5", "1e3", str(1 << 63), SQL)
        ),
        {"most": "0"},
        *({"before": "5", "before_id": value} for value in ("x", "x" * 27, SQL)),
    ],
    ids=str,
)
def test_a_page_that_cannot_be_is_refused(world: World, page: dict[str, str]) -> None:
    query = urlencode(page)
    said = ask(world.running, "GET", f"channels/{world.room.id}/posts?{query}")
    assert (said.status_code, said.json()["id"]) == (400, "com.mm-pipeline.importer.page.error")


@pytest.mark.parametrize("channel_id", ["x", "x" * 27, quote(SQL), "%00"])
def test_posts_are_told_of_a_channel_alone(world: World, channel_id: str) -> None:
    assert ask(world.running, "GET", f"channels/{channel_id}/posts").status_code == 400
    assert ask(world.running, "GET", f"channels/{world.room.id}/posts?since=0&most=1").status_code == 200
