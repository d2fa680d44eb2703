"""What stands in the way of a plan, in sentences that say how to mend it. Decides and changes nothing."""

from collections.abc import Iterable

from mm_pipeline.mattermost.api import Server
from mm_pipeline.plan.people import PersonDecision
from mm_pipeline.plan.settings import PlanSettings


def plan_objections(people: Iterable[PersonDecision], server: Server, settings: PlanSettings) -> list[str]:
    """Return one sentence for each reason why this plan must not start; an empty list means go."""
    going = [person for person in people if not person.skip and not person.is_bot and not person.delete_at]
    created = sum(not person.matched_id for person in going)
    faults = settings.objections()
    after = server.active_users + created
    if server.hard_user_limit and after > server.hard_user_limit and not settings.allow_over_limit:
        faults.append(
            f"{server.url} lets in {server.hard_user_limit} active people and has {server.active_users}; the plan adds "
            f"{created}. Beyond the limit the server refuses new accounts and tells everybody: leave people out of the "
            "plan (mm-pipeline plan --csv), get a licence, or set MM_ALLOW_OVER_LIMIT=1 to go on all the same."
        )
    members = server.team_members + created
    if members > server.max_users_per_team:
        # Matched people may be in the team or not: the number named must do in both cases.
        enough = server.team_members + len(going)
        faults.append(
            f"Team {server.team_name} would have {members} members, and the server allows {server.max_users_per_team}: "
            f"set TeamSettings.MaxUsersPerTeam (System Console > Site Configuration > Users and Teams) to at least "
            f"{enough}, then run the same command again."
        )
    without = [person.slack_id for person in going if not person.matched_id and not person.auth_service]
    if settings.auth_service and settings.auth_data and going and len(without) == created and created:
        faults.append(
            f"MM_AUTH_DATA={settings.auth_data} gives nobody of the {created} new people a {settings.auth_service} "
            "sign-in: check the file or the choice, or leave MM_AUTH_SERVICE out."
        )
    return faults
