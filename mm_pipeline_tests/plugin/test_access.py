"""The plugin answers system administrators alone, and takes nothing that is not as it must be."""

import secrets
from typing import Any

import pytest
import requests

from mm_pipeline.mattermost.importer import PLUGIN_ID
from mm_pipeline_tests.mattermost.world import MORNING, World
from mm_pipeline_tests.mattermost_server.running import RunningServer

pytestmark = pytest.mark.server

_CALLS = [
    ("GET", "hello"),
    ("POST", "threads"),
    ("GET", f"channels/{'x' * 26}/posts"),
    ("POST", "files"),
    ("POST", "files/x"),
    ("DELETE", "stored"),
    ("POST", "anything"),
]
_SQL = "'; DROP TABLE posts; --"


@pytest.fixture(scope="module")
def world(mattermost_with_plugin: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(mattermost_with_plugin, tmp_path_factory.mktemp("work"))
    world.populate()
    return world


def ask(
    server: RunningServer, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
) -> requests.Response:
    """Send one request to the plugin, as the administrator if no token is given; bytes go as they are."""
    if token is None:
        token = server.token
    sent: dict[str, Any] = {"data": body} if isinstance(body, bytes) else {"json": body}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(
        method, f"{server.url}/plugins/{PLUGIN_ID}/api/v1/{path}", headers=headers, timeout=60, **sent
    )


def thread(world: World, **root: Any) -> dict[str, Any]:
    """A body with one post by ada in the room, with fields of it changed."""
    post = {
        "identity": secrets.token_hex(8),
        "user_id": world.ids[world.ada],
        "message": "hello",
        "create_at": MORNING,
    }
    return {"threads": [{"channel_id": world.room.id, "root": post | root}]}


def token_of(server: RunningServer, user_id: str) -> str:
    return str(server.call("POST", f"/users/{user_id}/tokens", {"description": "of a test"})["token"])


def test_nobody_but_a_system_admin_is_answered(world: World) -> None:
    server, before = world.running, len(world.posts_in(world.room))
    team_admin, member, guest = world.ids[world.bo], world.ids[world.cy], world.ids[world.di]
    server.call(
        "PUT",
        f"/teams/{world.server.team_id}/members/{team_admin}/schemeRoles",
        {"scheme_admin": True, "scheme_user": True},
    )
    refused = {
        "": 401,
        "x" * 26: 401,
        token_of(server, member): 403,
        token_of(server, team_admin): 403,
        token_of(server, guest): 403,
    }
    # Without a licence nobody is made a guest by REST.
    world.execute("UPDATE users SET roles = 'system_guest' WHERE id = %(id)s", id=guest)
    world.rest.invalidate_caches()
    for token, status in refused.items():
        for method, path in _CALLS:
            # A header that names somebody else is not believed.
            said = ask(server, method, path, thread(world), token, **{"Mattermost-User-Id": world.rest.me.id})
            assert (said.status_code, said.json()["status_code"]) == (status, status), (method, path)
    world.execute("UPDATE users SET roles = 'system_user' WHERE id = %(id)s", id=guest)
    world.rest.invalidate_caches()
    assert len(world.posts_in(world.room)) == before
    assert ask(server, "GET", "hello").json()["objections"] == []


def test_rights_that_are_taken_away_are_gone_at_the_next_call(world: World) -> None:
    user_id = world.ids[world.di]
    world.running.call("PUT", f"/users/{user_id}/roles", {"roles": "system_user system_admin"})
    token = token_of(world.running, user_id)
    assert ask(world.running, "GET", "hello", token=token).status_code == 200
    world.running.call("PUT", f"/users/{user_id}/roles", {"roles": "system_user"})
    assert ask(world.running, "GET", "hello", token=token).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"threads": [{"root": {"identity": 5}}]}', 400),
        (b'{"threads": [], "more": 1}', 400),
        (b'{"threads": [{"root": {"identity": "\xff"}}]}', 400),
        (b"[" * 1_000_000, 400),
        (b'{"threads": [' + b" " * (16 << 20) + b"]}", 413),
    ],
    ids=["empty", "cut", "list", "type", "field", "bytes", "deep", "large"],
)
def test_a_body_that_is_not_as_it_must_be_is_refused(world: World, body: bytes, status: int) -> None:
    said = ask(world.running, "POST", "threads", body)
    assert (said.status_code, said.json()["status_code"]) == (status, status)
    assert ask(world.running, "GET", "hello").status_code == 200


def test_sql_in_a_field_is_refused_or_stands_there_as_text(world: World) -> None:
    for field in ("user_id", "type"):
        said = ask(world.running, "POST", "threads", thread(world, **{field: _SQL}))
        assert said.status_code == 200
        assert set(said.json()["threads"][0][0]) == {"reason"}, field
    body = thread(world)
    body["threads"][0]["channel_id"] = _SQL
    assert set(ask(world.running, "POST", "threads", body).json()["threads"][0][0]) == {"reason"}
    assert set(
        ask(
            world.running, "POST", "threads", {"threads": [{"channel_id": world.room.id, "root": {"id": _SQL}}]}
        ).json()["threads"][0][0]
    ) == {"reason"}
    taken = thread(
        world,
        identity=_SQL,
        message=_SQL,
        props={_SQL: _SQL},
        reactions=[{"user_id": world.ids[world.bo], "emoji_name": _SQL, "create_at": MORNING}],
    )
    answer = ask(world.running, "POST", "threads", taken).json()["threads"][0][0]
    again = ask(world.running, "POST", "threads", taken).json()["threads"][0][0]
    assert again["id"] == answer["id"]
    post = next(one for one in world.posts_in(world.room) if one["message"] == _SQL)
    assert post["props"] == {_SQL: _SQL}
    assert [emoji for _, emoji in post["reactions"]] == [_SQL]


def test_a_character_that_no_database_takes_costs_its_thread_alone(world: World) -> None:
    good, bad = thread(world, message="good"), thread(world, message="bad", props={"a": "\0"})
    said = ask(world.running, "POST", "threads", {"threads": good["threads"] + bad["threads"]}).json()["threads"]
    assert set(said[0][0]) == {"id"}
    assert "U+0000" in said[1][0]["reason"]
