"""The files people share: Slack's file objects, and the bytes of those whose bytes came along. Says nothing about messages."""

from hashlib import sha256
from typing import NamedTuple

from story.cast import DOMAIN, TEAM, Json, user_id

#: File id/name -> bytes, to be laid under __uploads/.
UPLOADS: dict[str, bytes] = {}


class Kind(NamedTuple):
    """How Slack calls a kind of file."""

    filetype: str
    pretty_type: str
    mimetype: str


KINDS = {
    "png": Kind("png", "PNG", "image/png"),
    "jpg": Kind("jpg", "JPEG", "image/jpeg"),
    "gif": Kind("gif", "GIF", "image/gif"),
    "pdf": Kind("pdf", "PDF", "application/pdf"),
    "csv": Kind("csv", "CSV", "text/csv"),
    "txt": Kind("text", "Plain Text", "text/plain"),
    "clj": Kind("clojure", "Clojure", "text/plain"),
    "mov": Kind("mov", "QuickTime Movie", "video/quicktime"),
    "heic": Kind("heic", "HEIC", "image/heic"),
}


def _file(name: str, who: str, size: int, salt: str = "") -> Json:
    kind = KINDS[name.rpartition(".")[2]]
    file_id = "F06" + sha256(f"{name} {who} {salt}".encode()).hexdigest()[:8].upper()
    private = f"https://files.slack.com/files-pri/{TEAM}-{file_id}"
    return {
        "id": file_id,
        "created": 0,
        "timestamp": 0,
        "name": name,
        "title": name,
        "mimetype": kind.mimetype,
        "filetype": kind.filetype,
        "pretty_type": kind.pretty_type,
        "user": user_id(who),
        "user_team": TEAM,
        "editable": False,
        "size": size,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": True,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{private}/{name}?t=xoxe-INVENTED",
        "url_private_download": f"{private}/download/{name}?t=xoxe-INVENTED",
        "permalink": f"https://{DOMAIN}.slack.com/files/{user_id(who)}/{file_id}/{name}",
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
    }


def kept(name: str, who: str, content: bytes, salt: str = "") -> Json:
    """A file whose bytes lie in the export. `salt` tells two files of one name and owner apart."""
    file = _file(name, who, len(content), salt)
    UPLOADS[f"{file['id']}/{name}"] = content
    return file


def lost(name: str, who: str, size: int) -> Json:
    """A file of which the export has the description alone, as all official exports."""
    return _file(name, who, size)


def snippet(name: str, who: str, words: str) -> Json:
    """A text snippet: its beginning stands in the file object."""
    lines = words.count("\n") + 1
    file = kept(name, who, words.encode())
    return file | {"mode": "snippet", "editable": True, "lines": lines, "lines_more": 0, "preview": words}


def hidden(key: str) -> Json:
    """A file that a free plan no longer shows."""
    return {"id": f"F06{key.upper():0<8}", "mode": "hidden_by_limit"}


def gone(key: str) -> Json:
    """A file that was deleted."""
    return {"id": f"F06{key.upper():0<8}", "mode": "tombstone"}


def external(name: str, who: str, url: str, service: str) -> Json:
    """A file that lies with another service: no size, no download."""
    file = _file(f"{name}.txt", who, 0)
    del file["url_private_download"]
    more = {"name": name, "title": name, "mode": "external", "is_external": True, "external_type": service}
    return file | more | {"filetype": service, "mimetype": "text/html", "url_private": url}


def document(title: str, who: str, mode: str, size: int, preview: str = "") -> Json:
    """A canvas (quip, canvas), post (space, docs) or list: no file that could be fetched, only Slack's page of it."""
    file = _file(f"{title}.txt", who, size) | {"name": "____________", "title": title, "mode": mode, "filetype": mode}
    del file["url_private_download"]
    more = {"mimetype": "application/vnd.slack-docs", "pretty_type": mode.title(), "editable": True}
    return file | more | ({"preview": preview} if preview else {})


def email(subject: str, who: str, words: str) -> Json:
    """A mail that was forwarded into a conversation."""
    file = _file("mail.txt", who, len(words)) | {
        "name": subject,
        "title": subject,
        "mode": "email",
        "filetype": "email",
    }
    sender = [{"address": "parts@pump.example", "name": "Pump parts", "original": "Pump parts <parts@pump.example>"}]
    return file | {"mimetype": "text/html", "subject": subject, "from": sender, "plain_text": words, "preview": words}


def canvas(key: str, title: str) -> Json:
    """A canvas of a conversation, as it lies in canvas_in_the_conversation.json: no message has it."""
    file_id = f"F06{key.upper():0<8}"
    url = f"https://files.slack.com/files-pri/{TEAM}-{file_id}/canvas?token=xoxe-INVENTED"
    kind = {"filetype": "quip", "mode": "quip", "mimetype": "application/vnd.slack-docs", "user": "USLACKBOT"}
    return {
        "id": file_id,
        "created": 1713738598,
        "name": title,
        "title": title,
        "size": 185,
        "url_private_download": url,
    } | kind
