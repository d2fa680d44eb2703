"""Some imported threads of public channels, as the server shows them. Shows no private conversation to anybody."""

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.on_server import ChannelKind, SeenPost
from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.report.rows import Rows

#: Enough to see that all is well, few enough to read.
_MOST = 6


class SampleThread(msgspec.Struct, frozen=True, kw_only=True):
    """A thread: in which channel, where it is to be seen, its posts, oldest first."""

    channel: str
    address: str
    posts: list[SeenPost]
    authors: dict[str, str]  #: user id -> username


def sample_threads(api: MattermostAPI, store: EntityStore, plan: Plan) -> list[SampleThread]:
    """Ask the server for threads with replies, files and reactions. [] where it is away, or no public channel has any."""
    rows = Rows(store)
    public = {one.slack_id: one.name for one in plan.channels if one.kind is ChannelKind.PUBLIC and not one.skip}
    try:
        chosen = rows.threads_worth_a_look(sorted(public), _MOST)
        if not chosen:
            return []
        names = {user_id: name for _, user_id, name in rows.objects(EntityType.USER)}
        server = api.server()
        threads = [
            SampleThread(
                channel=public[conversation],
                address=f"{server.url}/{server.team_name}/pl/{post_id}",
                posts=posts,
                authors={post.user_id: names.get(post.user_id, "somebody") for post in posts},
            )
            for post_id, conversation in chosen
            if (posts := api.thread(post_id))
        ]
    except PipelineError:
        return []  # the counts say why
    return sorted(threads, key=lambda thread: thread.channel)
