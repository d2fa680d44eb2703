"""What people from before were given: channels of the team, and the team. Who has used it keeps it. Changes nothing."""

from collections.abc import Sequence

from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import GIVEN_CHANNEL, GIVEN_TEAM
from mm_pipeline.model import Fate
from mm_pipeline.rollback.things import WROTE, ChannelThing, Membership


def given_memberships(
    api: MattermostAPI,
    journal: Journal,
    channels: Sequence[ChannelThing],
    homes: Sequence[str],
    team_id: str,
    writers: frozenset[tuple[str, str]],
    people: set[str],
    usernames: dict[str, str],
) -> list[Membership]:
    """Return the memberships that people of before were given. writers: (channel id, user id). people: ids of those of the rows."""
    rooms = {one.id: one for one in channels}
    given = [tuple(pair.split()) for pair in journal.owed(GIVEN_CHANNEL)]
    ours = [(channel, user) for channel, user in given if channel in rooms and user in people]
    found = [
        Membership(
            id=user,
            name=f"{usernames.get(user, user)} in {rooms[channel].name}",
            channel_id=channel,
            fate=Fate.KEPT if (channel, user) in writers else Fate.REMOVED,
            why=WROTE if (channel, user) in writers else "",
        )
        for channel, user in ours
        if rooms[channel].fate is not Fate.REMOVED
    ]
    put_into = {user: {channel for channel, one in ours if one == user} for _, user in ours}
    wrote = {user for _, user in writers}
    for pair in journal.owed(GIVEN_TEAM):
        team, user = pair.split()
        if team != team_id or user not in people:
            continue
        joined = api.channels_of(user) - put_into.get(user, set()) - set(homes)
        why = WROTE if user in wrote else "joined further channels" if joined else ""
        name = f"{usernames.get(user, user)} in the team"
        fate = Fate.KEPT if why else Fate.REMOVED
        found.append(Membership(id=user, name=name, channel_id="", fate=fate, why=why))
    leaving = {one.id for one in found if not one.channel_id and one.fate is Fate.REMOVED}
    # Who leaves the team leaves its channels.
    return [one for one in found if not (one.channel_id and one.id in leaving)]
