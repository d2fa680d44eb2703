"""Sees every archive that passes by on its way to the server, so that what was sent twice can be named. Holds nothing back."""

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

from mm_pipeline_tests.end_to_end.own_server import OwnServer
from mm_pipeline_tests.mattermost_server.proxy import Answer, Cut, Request, Rule

_UPLOAD = re.compile("/api/v4/uploads/([a-z0-9]{26})")
#: The archives of jobs that went well: the name begins with the upload's id.
_READ = "SELECT left(data::jsonb ->> 'import_file', 26) FROM jobs WHERE type = 'import_process' AND status = 'success'"


class Sent:
    """A rule of the proxy, before all others. Archives come whole: they are smaller than a part of an upload."""

    def __init__(self, behind: Rule) -> None:
        self._behind = behind
        self._posts: dict[str, list[str]] = {}

    def __call__(self, request: Request, ask: Callable[[], Answer]) -> Answer | Cut:
        upload = _UPLOAD.fullmatch(request.path)
        if upload and request.method == "POST" and (posts := _posts_of(request.body)) is not None:
            self._posts[upload[1]] = posts
        return self._behind(request, ask)

    def twice(self, server: OwnServer) -> list[str]:
        """Return the posts that more than one job brought to the server."""
        jobs = [upload for (upload,) in server.rows(_READ)]
        seen = Counter(post for upload in jobs for post in self._posts.get(upload, ()))
        return sorted(post for post, count in seen.items() if count > 1)


def _posts_of(archive: bytes) -> list[str] | None:
    """Return what is new in an archive; None of what is none, or only the rest of one.

    A root that comes with replies is what they are hung on, and may have been sent before.
    """
    try:
        with ZipFile(io.BytesIO(archive)) as read:
            lines = [json.loads(line) for line in read.read("import.jsonl").splitlines()]
    except (BadZipFile, ValueError):
        return None
    return [name for line in lines for name in _names(line)]


def _names(line: dict[str, Any]) -> Iterator[str]:
    if line["type"] in ("post", "direct_post"):
        root = line[line["type"]]
        place = root.get("channel") or " ".join(sorted(root["channel_members"]))
        for post in root.get("replies") or (root,):
            yield f"{place}: {post['user']} at {post['create_at']}"
