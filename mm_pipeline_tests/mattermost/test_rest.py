"""REST calls on the real servers: what the preflight says, what is found, what is left alone."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from mm_pipeline.errors import AbortRun
from mm_pipeline.http import ApiError, Http
from mm_pipeline.mattermost.custom_emoji import create_emoji, emoji_names
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewEmoji
from mm_pipeline.mattermost.preflight import ask_server
from mm_pipeline.mattermost.rest import Rest, name_of_channel_of
from mm_pipeline_tests.mattermost.people_of import http_of, new_channel, new_person, notices_in, session_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@pytest.fixture
def rest(mattermost: Any, team: str) -> Iterator[Rest]:
    http = http_of(mattermost.url, mattermost.token)
    yield Rest(http, team)
    http.close()


def rest_with(mattermost: Any, token: str, team: str) -> Rest:
    return Rest(http_of(mattermost.url, token), team)


class TestPreflight:
    def test_a_server_says_who_it_is_and_what_it_allows(self, mattermost: Any, rest: Rest, team: str) -> None:
        server = ask_server(rest, mattermost.url)
        assert ".".join(map(str, server.version)) == mattermost.version
        assert (server.team_name, server.team_id) == (team, rest.team_id)
        assert server.max_post_runes == 16383
        assert server.max_file_bytes > 1 << 20
        assert len(server.server_id) == 26

    def test_it_counts_the_teams_own_channels_but_no_archived_and_no_direct_ones(
        self, mattermost: Any, rest: Rest, team: str
    ) -> None:
        def channels() -> int:
            return ask_server(rest, mattermost.url).team_channels

        before, person = channels(), new_person(rest.http)
        rest.http.post("/channels/direct", [rest.me.id, person["id"]])
        rooms = [new_channel(rest.http, rest.team_id, kind)["id"] for kind in "OPO"]
        assert channels() == before + 3
        rest.archive(rooms[0])
        assert channels() == before + 2
        assert ask_server(rest, mattermost.url).max_channels_per_team == 2000

    def test_a_wrong_token_is_named(self, mattermost: Any, team: str) -> None:
        with pytest.raises(AbortRun, match="refuses MM_TOKEN") as refused:
            ask_server(rest_with(mattermost, "m" * 26, team), mattermost.url)
        assert "m" * 26 not in str(refused.value)

    def test_a_token_without_rights_is_named(self, mattermost: Any, rest: Rest, team: str) -> None:
        person = new_person(rest.http)
        theirs = Rest(session_of(mattermost.url, person), team)
        with pytest.raises(AbortRun, match=rf"belongs to {person['username']}, who is no system administrator"):
            ask_server(theirs, mattermost.url)

    def test_a_missing_team_is_answered_with_those_there_are(self, mattermost: Any, team: str) -> None:
        with pytest.raises(AbortRun, match=rf"no team named nowhere\. It has .*\b{team}\b.*MM_TEAM"):
            ask_server(rest_with(mattermost, mattermost.token, "nowhere"), mattermost.url)

    def test_no_team_is_chosen_where_there_are_several(self, mattermost: Any, rest: Rest) -> None:
        name = f"{rest.team_name[:20]}-too"
        rest.http.post("/teams", {"name": name, "display_name": "Too", "type": "O"})
        with pytest.raises(AbortRun, match="MM_TEAM names none"):
            ask_server(rest_with(mattermost, mattermost.token, ""), mattermost.url)

    def test_a_server_that_runs_no_jobs_is_named_unless_others_of_its_cluster_may(
        self, mattermost: Any, rest: Rest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only a start obeys the setting, so the server goes on running jobs; REST does not make a cluster of it."""
        rest.patch_config({"JobSettings": {"RunJobs": False}})
        try:
            with pytest.raises(AbortRun, match=r"runs no jobs.*JobSettings\.RunJobs"):
                ask_server(rest, mattermost.url)
            config = rest.config()
            config["ClusterSettings"]["Enable"] = True
            monkeypatch.setattr(rest, "config", lambda: config)
            assert ask_server(rest, mattermost.url).team_name == rest.team_name
        finally:
            rest.patch_config({"JobSettings": {"RunJobs": True}})

    def test_a_website_that_is_no_mattermost_is_named(self, httpserver: HTTPServer) -> None:
        httpserver.expect_request("/api/v4/config/client").respond_with_data(
            "<html>Shop</html>", content_type="text/html"
        )
        with pytest.raises(AbortRun, match="There is no Mattermost server at"):
            ask_server(Rest(Http(httpserver.url_for("/api/v4"), "t" * 26), "team"), httpserver.url_for(""))

    @pytest.mark.parametrize(("body", "status"), [('{"ok": true}', 200), ("Not Found", 404), ("[]", 200)])
    def test_an_api_that_is_no_mattermost_is_named(self, httpserver: HTTPServer, body: str, status: int) -> None:
        httpserver.expect_request("/api/v4/config/client").respond_with_data(body, status, content_type="text/plain")
        with pytest.raises(AbortRun, match="There is no Mattermost server at"):
            ask_server(Rest(Http(httpserver.url_for("/api/v4"), "t" * 26), "team"), httpserver.url_for(""))

    def test_a_server_that_is_too_old_is_named(self, httpserver: HTTPServer) -> None:
        said = {"Version": "9.8.1", "DiagnosticId": "d" * 26}
        httpserver.expect_request("/api/v4/config/client").respond_with_json(said)
        httpserver.expect_request("/api/v4/users/me").respond_with_json({"username": "boss", "roles": "system_admin"})
        with pytest.raises(AbortRun, match=r"runs Mattermost 9\.8, and 9\.9 or newer is needed"):
            ask_server(Rest(Http(httpserver.url_for("/api/v4"), "t" * 26), "team"), "http://chat.invalid")

    def test_the_only_team_needs_no_name(self, httpserver: HTTPServer) -> None:
        teams = [{"name": "gone", "delete_at": 5, "id": "a"}, {"name": "works", "delete_at": 0, "id": "b"}]
        httpserver.expect_request("/api/v4/teams").respond_with_json(teams)
        assert Rest(Http(httpserver.url_for("/api/v4"))).team_id == "b"


class TestLookUps:
    def test_people_are_found_by_name_and_e_mail_and_nobody_else(self, rest: Rest) -> None:
        person = new_person(rest.http)
        by_name, by_email = rest.account_named(person["username"]), rest.account_with_email(person["email"])
        assert by_name is not None
        assert by_name == by_email
        assert by_name.id == person["id"]
        assert rest.account_named("nobody.at.all") is None
        assert rest.account_with_email("nobody+at/all?x=#y@people.invalid") is None
        assert rest.accounts_named(["nobody.at.all", person["username"]]).keys() == {person["username"]}
        assert rest.accounts_named([]) == {}

    def test_accounts_come_with_bots_and_deactivated_ones(self, rest: Rest) -> None:
        person = new_person(rest.http)
        rest.http.delete(f"/users/{person['id']}")
        bot = rest.http.post("/bots", {"username": f"bot.{person['username']}"})["user_id"]
        accounts = {account.id: account for account in rest.accounts()}
        assert accounts[person["id"]].delete_at > 0
        assert accounts[bot].is_bot

    @pytest.mark.parametrize("others", [0, 1, 2, 7])
    def test_direct_and_group_channels_are_found_by_their_people(self, rest: Rest, others: int) -> None:
        ids = [rest.me.id, *(new_person(rest.http)["id"] for _ in range(others))]
        assert rest.channel_of(ids) is None
        kind, wish = ("group", ids) if others > 1 else ("direct", [ids[0], ids[-1]])
        made = rest.http.post(f"/channels/{kind}", wish)
        assert made["name"] == name_of_channel_of(ids)
        found = rest.channel_of(list(reversed(ids)))
        assert found is not None
        assert found["id"] == made["id"]

    def test_an_archived_private_channel_is_found_by_name(self, rest: Rest) -> None:
        made = new_channel(rest.http, rest.team_id, "P")
        rest.archive(made["id"])
        rest.archive(made["id"])
        found = rest.channel_named(made["name"])
        assert found is not None
        assert found["delete_at"] > 0
        assert rest.channel_named("no-such-room") is None

    def test_many_names_are_looked_up_at_once_and_found_as_one_by_one(self, rest: Rest, monkeypatch: Any) -> None:
        made = [new_channel(rest.http, rest.team_id, kind) for kind in "OPOPOPO"]
        for one in made[:2]:
            rest.archive(one["id"])
        names = ["town-square", "no-such-room", *(one["name"] for one in made)]
        one_by_one = {name: found for name in names if (found := rest.channel_named(name))}
        assert rest.channels_named(names) == one_by_one
        monkeypatch.setattr(rest, "channel_named", None)
        monkeypatch.setattr("mm_pipeline.mattermost.rest._LISTING_PAYS", len(names) // 3)
        for per_page in (200, 4):  # four of these are on three pages
            monkeypatch.setattr("mm_pipeline.mattermost.rest.PAGE", per_page)
            many = rest.channels_named(names)
            assert {
                name: {field: found[field] for field in one_by_one[name]} for name, found in many.items()
            } == one_by_one

    def test_members_are_those_who_are_there_now(self, rest: Rest) -> None:
        stays, left, never = (new_person(rest.http)["id"] for _ in range(3))
        room = new_channel(rest.http, rest.team_id)["id"]
        assert rest.add_to_team([stays, left]) == {}
        assert rest.add_to_channel(room, [stays, left], in_one_call=False) == {}
        assert set(rest.all_members_of(room)) == {stays, left, rest.me.id}
        rest.http.delete(f"/teams/{rest.team_id}/members/{left}")
        assert rest.members_of_team([stays, left, never]) == {stays}
        assert rest.members_of(room, [stays, left, never]) == {stays}


class TestEmoji:
    def test_an_emoji_is_made_once_and_never_replaced(self, rest: Rest, tmp_path: Path) -> None:
        picture = tmp_path / "picture"
        picture.write_bytes(PIXEL)
        name = f"party_{rest.team_name}"[:64]
        wish = NewEmoji(key=3, name=name, creator_id=rest.me.id, image=picture, filename="party.png")
        first, again = create_emoji(rest, wish), create_emoji(rest, wish)
        assert isinstance(first, Done)
        assert isinstance(again, Done)
        assert (first.answer, again.answer) == (Answer.CREATED, Answer.EXISTED)
        assert first.id == again.id
        assert name in emoji_names(rest)

    @pytest.mark.parametrize(("name", "content"), [("smile", PIXEL), ("no_picture_at_all", b"<svg/>")])
    def test_what_the_server_refuses_is_that_emojis_failure(
        self, rest: Rest, tmp_path: Path, name: str, content: bytes
    ) -> None:
        picture = tmp_path / "picture"
        picture.write_bytes(content)
        wish = NewEmoji(key=3, name=name, creator_id=rest.me.id, image=picture, filename="x.png")
        outcome = create_emoji(rest, wish)
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.error, ApiError)
        assert outcome.error.status == 400


class TestPosts:
    def test_a_deleted_post_is_gone_and_may_be_deleted_again(self, rest: Rest) -> None:
        room = new_channel(rest.http, rest.team_id)["id"]
        post = rest.http.post("/posts", {"channel_id": room, "message": "to be gone"})
        assert post["id"] in {one["id"] for one in rest.posts_since(room, post["create_at"])}
        rest.delete_post(post["id"])
        rest.delete_post(post["id"])
        assert post["id"] not in {one["id"] for one in rest.posts_since(room, 0)}

    def test_posts_are_looked_up_by_id_also_where_there_is_none_of_them(self, rest: Rest) -> None:
        room = new_channel(rest.http, rest.team_id)["id"]
        there = rest.http.post("/posts", {"channel_id": room, "message": "there"})["id"]
        assert rest.posts_there(["n" * 26]) == set()
        assert rest.posts_there(["n" * 26, there]) == rest.posts_shown(["n" * 26, there]) == {there}

    def test_a_deleted_post_is_there_for_the_server_and_not_for_people(self, rest: Rest) -> None:
        room = new_channel(rest.http, rest.team_id)["id"]
        kept, gone = (rest.http.post("/posts", {"channel_id": room, "message": "hello"})["id"] for _ in range(2))
        rest.delete_post(gone)
        assert rest.posts_there([kept, gone]) == {kept, gone}
        assert rest.posts_shown([kept, gone]) == {kept}

    def test_the_clock_is_the_servers(self, rest: Rest) -> None:
        room = new_channel(rest.http, rest.team_id)["id"]
        before = rest.now()
        post = rest.http.post("/posts", {"channel_id": room, "message": "now"})
        assert before <= post["create_at"] <= rest.now() + 1000

    def test_reading_stops_at_the_time_asked_for(self, rest: Rest) -> None:
        room = new_channel(rest.http, rest.team_id)["id"]
        for number in range(3):
            rest.http.post("/posts", {"channel_id": room, "message": "old", "create_at": 1_600_000_000_000 + number})
        assert [post["create_at"] for post in rest.posts_since(room, 1_600_000_000_001)][-1] == 1_600_000_000_001
        assert notices_in(rest.http, room) == ["system_join_channel"]
