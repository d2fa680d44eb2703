"""What the plan makes of people, told as lines: who is matched by what, who is created, whose name is another's, who has no e-mail.

Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from mm_pipeline.finding import Finding, ok, stop, warning
from mm_pipeline.mattermost.settings import BOTS
from mm_pipeline.plan.names import username_for
from mm_pipeline.plan.people import BEFORE, BY_EMAIL, BY_NAME, GUEST_NOTES, OURS, PersonDecision

#: Names that a line tells; the plan has them all.
_FEW = 5
_LOOK = "`mm-pipeline plan --csv plan.csv` shows them all; edit it, and read it back with `--read plan.csv`."


def people_lines(people: Sequence[PersonDecision], email_domain: str) -> list[Finding]:
    """Return what becomes of people and bots."""
    going = [person for person in people if not person.skip]
    return [
        _accounts(people),
        *_matched_by_name(person for person in going if person.note.startswith(BY_NAME)),
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


def _accounts(people: Sequence[PersonDecision]) -> Finding:
    bots = sum(person.is_bot and not person.skip for person in people)
    counts = [
        (_those(people, BY_EMAIL), "matched by e-mail"),
        (_those(people, BY_NAME), "matched by name"),
        (_those(people, OURS) + _those(people, BEFORE), "there from an earlier run"),
        (sum(not person.matched_id and not person.skip for person in people), "created"),
        (sum(bool(person.skip) for person in people), "left out"),
    ]
    said = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    return ok("accounts", f"{len(people):,} people and bots ({bots:,} bots): {said or 'nobody'}.", _LOOK)


def _those(people: Iterable[PersonDecision], how: str) -> int:
    return sum(person.note.startswith(how) and not person.skip for person in people)


def _matched_by_name(people: Iterable[PersonDecision]) -> list[Finding]:
    """Of bots a name is all there is."""
    found = [person for person in people if not person.is_bot]
    if not found:
        return []
    return [
        warning(
            "matched by name",
            f"{len(found):,} people are taken for accounts of the same username, as one side has no e-mail: {few(found)}.",
            f"Make sure that they are the same people: they get each other's private messages. {_LOOK}",
        )
    ]


def _renamed(people: Sequence[PersonDecision]) -> list[Finding]:
    """Those whose name is taken or reserved; a name that only has to be spelled otherwise is nobody else's."""
    found = [person for person in people if person.username != username_for(person.slack_name, person.slack_id)]
    if not found:
        return [ok("usernames", "No username is somebody else's.")]
    pairs = ", ".join(f"{person.slack_name} becomes {person.username}" for person in islice(found, _FEW))
    more = ", …" if len(found) > _FEW else ""
    return [
        warning(
            "usernames",
            f"{len(found):,} usernames are taken or reserved, so their people get others: {pairs}{more}.",
            f"Give them names they like, or match them where they are the same. {_LOOK}",
        )
    ]


def _without_email(people: Iterable[PersonDecision], email_domain: str) -> list[Finding]:
    end = "@" + email_domain.lower()
    found = [
        one for one in people if not one.matched_id and not one.is_bot and not one.delete_at and one.email.endswith(end)
    ]
    if not found:
        return [ok("e-mail", "Everybody who is created and active has an e-mail address.")]
    return [
        warning(
            "e-mail",
            f"{len(found):,} active people have no e-mail that can be theirs, and get one that reaches nobody: {few(found)}. "
            "They cannot reset a password.",
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
            f"{len(found):,} guests of Slack become members, for the server lets no guests in: {few(found)}.",
            "It takes a licence with guest accounts, and GuestAccountsSettings.Enable (System Console > Authentication > Guest "
            "Access). They are members of their channels alone in either case.",
        )
    ]


def few(people: Sequence[PersonDecision]) -> str:
    """Return the first names of some."""
    return ", ".join(person.username for person in people[:_FEW]) + (", …" if len(people) > _FEW else "")
