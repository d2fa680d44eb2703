"""What happens to a message once it is said: reactions, edits, files, attachments. Knows no conversation."""

from story.cast import BOTS, DOMAIN, TEAM, Json, short_profile, user_id
from story.scene import Mark, Scene


def react(*given: str) -> Mark:
    """`react("tada rosa mei", "+1::skin-tone-3 noah")`: a name and who gave it."""

    def mark(message: Json) -> None:
        for name, *people in (words.split() for words in given):
            users = [user_id(key) for key in people]
            message.setdefault("reactions", []).append({"name": name, "users": users, "count": len(users)})

    return mark


def edited(by: str = "", seconds: int = 95) -> Mark:
    """The text was changed, `by` the author unless a bot id is named."""

    def mark(message: Json) -> None:
        editor = BOTS.get(by) or message["user"]
        message["edited"] = {"user": editor, "ts": f"{int(message['ts'][:10]) + seconds}.000000"}

    return mark


def files(*shared: Json) -> Mark:
    """Files that came with the message. Such messages have neither `team` nor `user_profile`."""

    def mark(message: Json) -> None:
        for key in ("team", "user_team", "source_team", "user_profile"):
            message.pop(key, None)
        created = int(message["ts"][:10]) - 2
        known = [file | ({"created": created, "timestamp": created} if "name" in file else {}) for file in shared]
        message |= {"files": known, "upload": False, "display_as_bot": False}

    return mark


def fields(**more: object) -> Mark:
    """Add or replace keys. None is kept: some exporters write `"blocks": null`."""
    return lambda message: message.update(more)


def only_blocks(*blocks: Json) -> Mark:
    """The words stand in blocks alone and `text` is empty."""
    return fields(text="", blocks=[block | {"block_id": f"b{number}"} for number, block in enumerate(blocks, 1)])


def broadcast(root: Json) -> Mark:
    """A reply that was also sent to the channel: it carries a copy of its root."""
    copy = {key: root[key] for key in ("type", "user", "text", "ts") if key in root} | {"thread_ts": root["ts"]}
    return fields(subtype="thread_broadcast", root=copy)


def unfurl(url: str, title: str, text: str, service: str) -> Mark:
    """The preview that Slack makes of a link in the text."""

    def mark(message: Json) -> None:
        made = {"from_url": url, "original_url": url, "title_link": url, "title": title, "text": text}
        made |= {"service_name": service, "fallback": f"{service}: {title}"}
        message.setdefault("attachments", []).append(made | {"id": len(message["attachments"]) + 1})

    return mark


def permalink(scene: Scene, message: Json) -> str:
    """Return the address of a message in the workspace."""
    return f"https://{DOMAIN}.slack.com/archives/{scene.id}/p{message['ts'].replace('.', '')}"


def share(scene: Scene, shared: Json, who: str) -> Mark:
    """Another message shown below this one, from wherever: a direct message's channel_id stays in it."""
    url = permalink(scene, shared)
    made = {
        "ts": shared["ts"],
        "author_id": user_id(who),
        "channel_id": scene.id,
        "channel_team": TEAM,
        "is_msg_unfurl": True,
        "is_share": True,
        "message_blocks": [
            {"team": TEAM, "channel": scene.id, "ts": shared["ts"], "message": {"blocks": shared.get("blocks", [])}}
        ],
        "author_name": short_profile(who)["real_name"],
        "author_subname": short_profile(who)["display_name"],
        "text": shared["text"],
        "fallback": f"{short_profile(who)['name']}: {shared['text']}",
        "from_url": url,
        "original_url": url,
        "mrkdwn_in": ["text"],
        "footer": "Posted in a direct message" if scene.kind == "dms" else f"Posted in #{scene.folder}",
        "id": 1,
    }
    return lambda message: message.setdefault("attachments", []).append(made)


def mrkdwn(text: str) -> Json:
    """Return a text object of Block Kit."""
    return {"type": "mrkdwn", "text": text, "verbatim": False}


def plain(text: str) -> Json:
    """Return a text object of Block Kit that knows no formatting."""
    return {"type": "plain_text", "text": text, "emoji": True}
