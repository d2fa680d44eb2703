"""What the plan makes of people, told as lines: who is matched by what, who is created, whose name is another's, who has no e-mail.

Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from mm_pipeline.finding import Finding, ok, stop, warning
from mm_pipeline.mattermost.settings import BOTS
from mm_pipeline.nouns import counted, verb
from mm_pipeline.plan.names import username_for
from mm_pipeline.plan.outline import Staying
from mm_pipeline.plan.people import AS_WRITTEN, BY_NAME, GUEST_NOTES, PersonDecision
from mm_pipeline.preflight.head_count import HeadCount

#: Names that a line tells; the plan has them all.
_FEW = 5
_LOOK = "`mm-pipeline plan --csv plan.csv` shows them all; edit it, and read it back with `--read plan.csv`."


def staying_lines(people: Iterable[PersonDecision], staying: Mapping[str, Staying]) -> list[Finding]:
    """Return what stays behind with people whom the plan's table leaves out (`staying`: by Slack id); nothing where nobody is."""
    skipped = [person for person in people if person.skip]
    if not skipped:
        return []
    lost = [staying[person.slack_id] for person in skipped if person.slack_id in staying]
    total = Staying(own=sum(one.own for one in lost), replies=sum(one.replies for one in lost))
    what = counted(len(skipped), "person or bot is", "people and bots are")
    said = f"{what} left out in the plan" + (f", and with them {total}" if lost else "")
    if not total.replies:
        return [ok("left out", f"{said}.")]
    return [
        warning(
            "left out",
            f"{said}.",
            "MM_SKIP_PEOPLE instead of `skip` in the table keeps what they wrote where others are, and the threads: by an account "
            "that nobody signs in to.",
        )
    ]


def people_lines(people: Sequence[PersonDecision], email_domain: str) -> list[Finding]:
    """Return what is to be known of people who are still to be exported; how many they are stands in the line of accounts."""
    going = [person for person in people if not person.skip]
    return [
        *_matched_by_name((person for person in going if person.note.startswith(BY_NAME)), email_domain),
        *_renamed([person for person in going if not person.matched_id]),
        *_without_email(going, email_domain),
        *_guests(going),
    ]


def environment_lines(people: Sequence[PersonDecision], fixed: Mapping[str, Any]) -> list[Finding]:
    """Return what the server's environment keeps a run from changing for moments. `fixed`: Section.Key -> the value it needs.

    Bots need one of them, people who are there already the others: without either nothing is stopped.
    """
    going = [person for person in people if not person.skip]
    due = {
        True: any(person.is_bot and not person.matched_id for person in going),
        False: any(person.matched_id and not person.is_bot for person in going),
    }
    if not fixed:
        return [ok("environment", "The server's environment fixes no setting that is changed for moments.")]
    variables = ", ".join("MM_" + name.replace(".", "_").upper() for name in fixed)
    wishes = " and ".join(f"{name} to {str(value).lower()}" for name, value in fixed.items())
    stuck = any(due[name in BOTS] for name in fixed)
    return [
        (stop if stuck else warning)(
            "environment",
            f"The server's environment fixes {variables}; the run sets {wishes} for moments, so that nobody is disturbed"
            + ("." if stuck else ", where there are bots to make or people of the server to add: none as it stands."),
            "Take it out of the environment, or give it that value there for the migration, and restart the server.",
        )
    ]


def accounts_line(count: HeadCount) -> Finding:
    """Return the sum that all numbers of people are parts of."""
    return ok("accounts", count.sentences(), _LOOK)


def _matched_by_name(people: Iterable[PersonDecision], email_domain: str) -> list[Finding]:
    """Of bots a name is all there is."""
    found = [person for person in people if not person.is_bot]
    if not found:
        return []
    return [
        warning(
            "matched by name",
            f"{counted(len(found), 'person is taken for the account', 'people are taken for accounts')} of the same username, as one "
            f"side has no e-mail: {few(found)}.",
            "Make sure that they are the same people: they get each other's private messages. Where they are not: `mm-pipeline plan "
            "--csv plan.csv`, there `create` as the action, another mattermost name and another e-mail (any that ends in "
            f"@{email_domain} where none is known), and `mm-pipeline plan --read plan.csv`.",
        )
    ]


def _renamed(people: Sequence[PersonDecision]) -> list[Finding]:
    """Those whose name is taken or reserved; a name that only has to be spelled otherwise is nobody else's.

    What people wrote into the plan is their wish, whatever is free.
    """
    found = [person for person in people if person.username != username_for(person.slack_name, person.slack_id)]
    by_wish = sum(person.note == AS_WRITTEN for person in found)
    found = [person for person in found if person.note != AS_WRITTEN]
    if not found:
        wished = (
            f" {counted(by_wish, 'is', 'are')} as the plan's table has {verb(by_wish, 'it', 'them')}."
            if by_wish
            else ""
        )
        return [ok("usernames", f"No username is somebody else's.{wished}")]
    pairs = ", ".join(f"{person.slack_name} becomes {person.username}" for person in islice(found, _FEW))
    more = ", …" if len(found) > _FEW else ""
    what = counted(len(found), "username is", "usernames are")
    instead = "its person gets another" if len(found) == 1 else "their people get others"
    return [
        warning(
            "usernames",
            f"{what} taken or reserved, so {instead}: {pairs}{more}.",
            f"Give them names they like, or match them where they are the same. {_LOOK}",
        )
    ]


def _without_email(people: Iterable[PersonDecision], email_domain: str) -> list[Finding]:
    end = "@" + email_domain.lower()
    created = [one for one in people if not one.matched_id and not one.is_bot and not one.delete_at]
    found = [one for one in created if one.email.endswith(end)]
    if not created:
        return [ok("e-mail", "No account of an active person is to be made.")]
    if not found:
        return [ok("e-mail", "Everybody who is created and active has an e-mail address.")]
    return [
        warning(
            "e-mail",
            f"{counted(len(found), 'active person has', 'active people have')} no e-mail of their own, and "
            f"{'gets' if len(found) == 1 else 'get'} one that reaches nobody: {few(found)}. They cannot reset a password.",
            f"Give them one in the plan, or export from Slack with e-mail addresses. {_LOOK}",
        )
    ]


def _guests(people: Iterable[PersonDecision]) -> list[Finding]:
    found = [person for person in people if GUEST_NOTES[False] in person.note]
    if not found:
        return []
    return [
        warning(
            "guests",
            f"{counted(len(found), 'guest of Slack becomes a member', 'guests of Slack become members')}, for the server lets no "
            f"guests in: {few(found)}.",
            "It takes a licence with guest accounts, and GuestAccountsSettings.Enable (System Console > Authentication > Guest "
            "Access). They are members of their channels alone in either case.",
        )
    ]


def few(people: Sequence[PersonDecision]) -> str:
    """Return the first names of some."""
    return ", ".join(person.username for person in people[:_FEW]) + (", …" if len(people) > _FEW else "")
