"""A team of a server that was in use before, and a Slack export that meets what is there at every point. Judges nothing."""

import io
from typing import Any

import psycopg
from PIL import Image

from mm_pipeline.http import Http
from mm_pipeline.mattermost.rest import Rest
from mm_pipeline_tests.end_to_end.small_export import Files, message, person
from mm_pipeline_tests.mattermost.people_of import http_of, new_person, session_of
from mm_pipeline_tests.mattermost_server.running import RunningServer

ADA, BEN, CLEO, VERA, WALT, GATE = "U0ADA", "U0BEN", "U0CLEO", "U0VERA", "U0WALT", "U0GATE"


class LivedIn:
    """Vera is in the team, Walt on the server alone. They have a channel, an emoji, a direct channel, unread messages."""

    def __init__(self, server: RunningServer, team: str) -> None:
        self.server, self.team, self.tail = server, team, team.removeprefix("team-")
        self.http: Http = http_of(server.url, server.token)
        self.rest = Rest(self.http, team)
        self.vera, self.walt = new_person(self.http, "vera"), new_person(self.http, "walt")
        self.rest.add_to_team([self.vera["id"]])
        wish = {"team_id": self.rest.team_id, "name": "garden", "display_name": "Garden", "type": "O"}
        self.garden: str = self.http.post("/channels", wish)["id"]
        self.rest.add_to_channel(self.garden, [self.vera["id"]], in_one_call=False)
        vera = session_of(server.url, self.vera)
        root = vera.post("/posts?set_online=false", {"channel_id": self.garden, "message": "who waters the beans?"})
        self.http.post("/posts", {"channel_id": self.garden, "message": "I do", "root_id": root["id"]})
        self.http.post("/reactions", {"user_id": self.rest.me.id, "post_id": root["id"], "emoji_name": "tada"})
        direct: str = self.http.post("/channels/direct", [self.vera["id"], self.walt["id"]])["id"]
        vera.post("/posts?set_online=false", {"channel_id": direct, "message": "are you here?"})
        vera.close()
        self.direct = direct
        self._emoji(f"sprout_{self.tail}")

    def _emoji(self, name: str) -> None:
        about = f'{{"creator_id": "{self.rest.me.id}", "name": "{name}"}}'
        self.http.multipart("/emoji", {"emoji": about}, {"image": ("sprout.png", picture("green"))})

    def name(self, name: str) -> str:
        """Return a name that no other team has."""
        return f"{name}-{self.tail}"

    def id_of(self, channel: str) -> str:
        """Return the id of a channel of the team."""
        found = self.rest.channel_named(channel)
        assert found is not None, channel
        return str(found["id"])

    def post(self, text: str) -> str:
        """Return the id of the post that says this, in the team or between Vera and Walt."""
        with psycopg.connect(self.server.database_url) as connection:
            query = """SELECT p.id FROM posts p JOIN channels c ON c.id = p.channelid
                       WHERE p.message = %s AND (c.teamid = %s OR c.id = %s) AND p.originalid = ''"""
            found = connection.execute(query, (text, self.rest.team_id, self.direct)).fetchall()
        ((post_id,),) = found
        return str(post_id)

    def export(self) -> Files:
        """Return an export: new people and Vera and Walt, channels of before and new ones, files, emoji, threads, a bot."""
        new = [person(one, self.name(one[2:].lower())) for one in (ADA, BEN, CLEO)]
        there = [
            person(one, account["username"], profile={"email": account["email"]})
            for one, account in ((VERA, self.vera), (WALT, self.walt))
        ]
        gate = person(GATE, self.name("gate"), is_bot=True, profile={"email": None, "bot_id": "B0GATE"})
        everybody = [ADA, BEN, CLEO, VERA, WALT, GATE]
        return {
            "users.json": [*new, *there, gate],
            "channels.json": [
                {"id": "C0GARDEN", "name": "garden", "creator": ADA, "members": everybody},
                {"id": "C0POND", "name": self.name("pond"), "creator": ADA, "members": [ADA, BEN, VERA, WALT, GATE]},
                {
                    "id": "C0SHED",
                    "name": self.name("shed"),
                    "creator": BEN,
                    "members": [BEN, WALT],
                    "is_archived": True,
                },
            ],
            "groups.json": [{"id": "G0ATTIC", "name": self.name("attic"), "creator": CLEO, "members": [CLEO, VERA]}],
            "dms.json": [
                {"id": "D0OLD", "members": [VERA, WALT]},
                {"id": "D0NEW", "members": [ADA, VERA]},
                {"id": "D0OURS", "members": [BEN, CLEO]},
            ],
            "mpims.json": [{"id": "G0GROUP", "name": "mpdm-x", "members": [ADA, VERA, WALT]}],
            "garden/2024-05-01.json": [
                *_talk(0, [ADA, VERA, BEN, WALT]),
                message(50, f"see :sprout_{self.tail}:", VERA),
            ],
            f"{self.name('pond')}/2024-05-01.json": [
                *_talk(100, [BEN, ADA]),
                message(150, "beep", GATE, subtype="bot_message", bot_id="B0GATE"),
                message(151, "x" * 20_000, ADA),
            ],
            f"{self.name('shed')}/2024-05-01.json": _talk(200, [WALT, BEN]),
            f"{self.name('attic')}/2024-05-01.json": _talk(300, [CLEO, VERA]),
            "D0OLD/2024-05-01.json": _talk(400, [WALT, VERA]),
            "D0NEW/2024-05-01.json": _talk(500, [ADA, VERA]),
            "D0OURS/2024-05-01.json": _talk(600, [BEN, CLEO]),
            "mpdm-x/2024-05-01.json": _talk(700, [VERA, ADA]),
            f"emojis/sprout_{self.tail}.png": picture("green"),
            f"emojis/leaf_{self.tail}.png": picture("lime"),
        } | {f"__uploads/F0{at}/note.txt": b"a note" for at in range(0, 800, 100)}


def _talk(start: int, people: list[str]) -> list[dict[str, Any]]:
    """Return a thread with reactions and a file, a root without its own message, and a message that links to the first."""
    note = {"id": f"F0{start}", "name": "note.txt", "size": 6, "mode": "hosted"}
    root = message(start, f"the root of {start}", people[0], files=[note])
    root["reactions"] = [{"name": "tada", "users": people, "count": len(people)}]
    replies = [
        message(start + 1 + number, f"reply {number} of {start}", one, thread_ts=root["ts"])
        for number, one in enumerate(people)
    ]
    lost = message(
        start + 20,
        f"to nobody {start}",
        people[1],
        thread_ts=f"{1714550400 + start + 10}.000100",
        parent_user_id=people[0],
    )
    return [
        root | {"thread_ts": root["ts"], "reply_count": len(people)},
        *replies,
        lost,
        message(start + 30, f"the end of {start}", people[1]),
    ]


def picture(color: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(out, "PNG")
    return out.getvalue()
