"""Real accounts, channels and what people would notice of them, made and read by REST on the throw-away server."""

import secrets
from typing import Any

from mm_pipeline.http import Http

PASSWORD = "Passw0rd-of-nobody!"


def http_of(url: str, token: str) -> Http:
    return Http(f"{url}/api/v4", token)


def new_person(http: Http, first_name: str = "nora") -> dict[str, Any]:
    """Sign an invented person up, in no team."""
    name = f"{first_name}.{secrets.token_hex(4)}"
    wish = {"username": name, "email": f"{name}@people.invalid", "password": PASSWORD}
    made: dict[str, Any] = http.post("/users", wish)
    return made


def session_of(url: str, person: dict[str, Any], device: str = "") -> Http:
    """Log the person in, on a phone that takes pushes where `device` is given."""
    import requests

    wish = {"login_id": person["username"], "password": PASSWORD, "device_id": device}
    answer = requests.post(f"{url}/api/v4/users/login", json=wish, timeout=30)
    answer.raise_for_status()
    return http_of(url, answer.headers["Token"])


def new_channel(http: Http, team_id: str, kind: str = "O") -> dict[str, Any]:
    name = f"room-{secrets.token_hex(4)}"
    wish = {"team_id": team_id, "name": name, "display_name": name.title(), "type": kind, "header": "as it was"}
    made: dict[str, Any] = http.post("/channels", wish)
    return made


def notices_in(http: Http, channel_id: str) -> list[str]:
    """Return the types of the system posts that people see in the channel."""
    answer = http.get(f"/channels/{channel_id}/posts", {"per_page": 200})
    return [post["type"] for post in answer["posts"].values() if post["type"].startswith("system_")]


def unread_of(http: Http, person_id: str, team_id: str) -> list[tuple[str, int, int]]:
    """Return (channel id, unread messages, mentions) of each channel that would not look read to the person, sorted."""
    channels = {one["id"]: one for one in http.get(f"/users/{person_id}/teams/{team_id}/channels")}
    members = http.get(f"/users/{person_id}/teams/{team_id}/channels/members")
    counts = (
        (one["channel_id"], channels[one["channel_id"]]["total_msg_count"] - one["msg_count"], one["mention_count"])
        for one in members
    )
    return sorted(count for count in counts if count[1] or count[2])


def value_of(http: Http, setting: str) -> Any:
    """Return the value of a setting (Section.Key)."""
    section, key = setting.split(".")
    return http.get("/config")[section][key]
