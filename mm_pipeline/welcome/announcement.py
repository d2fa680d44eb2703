"""The text with which an administrator tells everybody: Markdown, filled with what is so here, to be edited. Sends nothing."""

from collections.abc import Iterable

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.api import NAMED_KINDS, Server
from mm_pipeline.model import EntityType, Status
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.plan.planner import stored_plan

#: Renamed channels that are named one by one.
_FEW = 12
_SIGN_IN = {
    False: """Open **{url}** and sign in with your e-mail address, the one that you have in Slack. You have no password yet: you get a mail
with a link to choose one. It is good for 24 hours; after that, or if no mail came, press *Forgot your password?* on the sign-in page.""",
    True: "Open **{url}** and press the button of our single sign-on, with the account that you use everywhere else.",
}
_TEXT = """\
# We have moved to Mattermost

What we had in Slack is in Mattermost now: **{url}**, team **{team}**.

- {messages} messages with their threads, {reactions} reactions and {files} files, in {channels} channels and conversations
- Who could read what has not changed: private channels and direct messages are as private as they were
- Nothing is unread: what is old has been marked read for you

## How to sign in

{sign_in}
The apps for your computer and phone are at <https://mattermost.com/apps/>; they ask for the address above.

## What is different

- Slack is read-only from now on. Please write in Mattermost alone: what is written in Slack does not come over any more.
- Your name is the one that you had in Slack{renamed_people}.
{channels_renamed}- Threads, reactions, emoji and `@name` work as you know them; search finds what you wrote in Slack, too.
- Slack's apps, workflows and reminders did not come along; what bots wrote did.
{left_behind}
## Something is missing or wrong?

Tell us in ~town-square, with a link to the message in Slack: we keep Slack for some weeks, and can bring what is missing.
"""


def announcement(server: Server, store: EntityStore) -> str:
    """Return the text, filled in from the rows and the server."""
    counts = store.counts()
    there = {entity_type: f"{of_type[Status.SUCCESS]:,}" for entity_type, of_type in counts.items()}
    plan = stored_plan(store)
    made = [one for one in plan.people if not one.matched_id and not one.is_bot and not one.skip]
    ways = sorted({bool(one.auth_service) for one in made}) or [False]
    return _TEXT.format(
        url=server.url,
        team=server.team_name,
        messages=there[EntityType.MESSAGE],
        reactions=there[EntityType.REACTION],
        files=there[EntityType.ATTACHMENT],
        channels=there[EntityType.CHANNEL],
        sign_in="\n\n".join(_SIGN_IN[way].format(url=server.url) for way in ways) + "\n",
        renamed_people=_renamed_people(made),
        channels_renamed=_renamed_channels(plan.channels),
        left_behind=_left_behind(
            counts[EntityType.ATTACHMENT][Status.SKIPPED] + counts[EntityType.ATTACHMENT][Status.FAILED]
        ),
    )


def _renamed_people(people: Iterable[PersonDecision]) -> str:
    renamed = sum(one.username != one.slack_name.lower() for one in people)
    return f"; {renamed} people had to get a slightly different one" if renamed else ""


def _renamed_channels(channels: Iterable[ChannelDecision]) -> str:
    renamed = [
        f"`#{one.slack_name}` is ~{one.name}"
        for one in channels
        if one.kind in NAMED_KINDS and one.name and not one.skip and one.name != one.slack_name.lower()
    ]
    if not renamed:
        return ""
    more = f" and {len(renamed) - _FEW} more" if len(renamed) > _FEW else ""
    return f"- Some channels have another name: {', '.join(renamed[:_FEW])}{more}.\n"


def _left_behind(files: int) -> str:
    return f"- {files:,} files could not be brought along; their messages say so.\n" if files else ""
