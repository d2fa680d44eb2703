"""Whether a server is the one that the rows went to, as they left it. Changes nothing on the server, and no status."""

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.on_server import Server

#: Posts that are looked for where the server seems to have lost what was sent: people delete some, never all of these.
_SENT_LAST = 200


def bound_elsewhere(store: EntityStore, server: Server) -> str:
    """Return what to say where the rows went to another server or team before, else ""."""
    bound = store.target()
    if bound is None or bound[:2] == (server.server_id, server.team_id):
        return ""
    return (
        f"Workspace {store.workspace} was sent, or begun to be sent, to another server or team ({bound[2]}) from this database: "
        "its rows know the ids of that one. Use another MM_PIPELINE_STATE (or MM_PIPELINE_DATABASE) for this server."
    )


def forget_plan_for_another(store: EntityStore, server: Server) -> str:
    """Forget a plan that was made for another server or team, if nothing was sent there: a mistaken MM_TEAM costs no more.

    Returns what to say of it; "" where there is no such plan, or where it is not to be forgotten.
    """
    bound = store.target()
    if bound is None or not bound_elsewhere(store, server) or store.was_sent():
        return ""
    store.forget_plan()
    where = f"another team of {bound[2]}" if bound[0] == server.server_id else f"another server ({bound[2]})"
    return (
        f"Workspace {store.workspace} was planned for {where} before, and nothing was sent there: it is planned anew for team "
        f"{server.team_name} of {server.url}. If that plan was edited, edit the new one, too (`mm-pipeline plan --csv`)."
    )


def set_back(store: EntityStore, api: MattermostAPI) -> str:
    """Return what to say where the server was restored from a snapshot since: its rows tell of posts that are gone; else ""."""
    if not api.was_set_back(lambda: store.posts_sent_last(_SENT_LAST)):
        return ""
    return (
        "The server was set back to an earlier time: it has nothing of what was sent last, and "
        "the rows say that it is there. Go on with another MM_PIPELINE_STATE (or MM_PIPELINE_DATABASE): what the "
        "server still has is found again, the rest is sent."
    )
