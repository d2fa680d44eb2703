"""What a channel is not, or whom it lacks, though it is there: sentences for its row. Asks no server."""

from collections.abc import Mapping, Sequence

from mm_pipeline.nouns import few, verb

#: Names that a note tells; their number says the rest.
_FEW = 5
_FULL = "the team takes no more people (TeamSettings.MaxUsersPerTeam)"
#: What the server calls its reasons; the plugin gives them as they stand here.
_REASONS = {
    "api.team.join_user_to_team.allowed_domains.app_error": "the team takes addresses of some domains alone",
    "api.team.add_members.user_denied": "the team takes the members of its groups alone",
    "api.channel.add_members.user_denied": "the channel takes the members of its groups alone",
    "app.team.join_user_to_team.save_member.max_accounts.app_error": _FULL,
    "app.team.join_user_to_team.max_accounts.app_error": _FULL,
}
MADE_PRIVATE = (
    "it was to be public, was made private in Mattermost and stays so: make it public there, if everybody is to read it"
)


def closed_to(absent: Sequence[str]) -> str:
    """Return who is not in a channel because it is archived."""
    who = f"{few(absent, _FEW)} {verb(len(absent), 'is', 'are')}"
    return f"it is archived on the server, which lets nobody in there: {who} not in it; unarchive it and add them, if they are to read it"


def kept_out(reasons: Mapping[str, str]) -> str:
    """Return who (username -> why) is not in a channel because the server did not let us add them."""
    said = ", ".join(sorted({_REASONS.get(one, one) for one in reasons.values()}))
    return f"{few(sorted(reasons), _FEW)} {verb(len(reasons), 'is', 'are')} not in it: {said}"
