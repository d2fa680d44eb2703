"""The text with which an administrator tells everybody: Markdown, true of each who reads it, to be edited. Sends nothing.

It names what everybody may see, and nothing else. A paragraph is one line: Mattermost breaks lines where a text does.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.mattermost.api import MattermostAPI
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.on_server import NAMED_KINDS, ChannelKind, Mailing, Server
from mm_pipeline.mattermost.ours import MADE_CHANNEL
from mm_pipeline.mattermost.quiet import MEMBER_READ
from mm_pipeline.mattermost.read_state import MARK_READ
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted, few, listed, verb
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.planner import stored_plan
from mm_pipeline.welcome.audience import Audience, audience, require_exported
from mm_pipeline.welcome.stayed_behind import stayed_behind

if TYPE_CHECKING:
    import jinja2

#: Names that are told one by one.
_FEW = 12
#: How services sign people in: most by a button of their own, LDAP by the form that passwords are typed into.
_BY_SERVICE = {
    "ldap": "sign in with the name and password of our directory, the ones that you use everywhere else.",
    "gitlab": "press *GitLab* on the sign-in page.",
    "google": "press *Google* on the sign-in page, and take the account that you use everywhere else.",
}
_BY_BUTTON = (
    "press the button of our single sign-on on the sign-in page, and take the account that you use everywhere else."
)

_Counts = Mapping[EntityType, Mapping[Status, int]]


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """The text, and what whoever posts it should know before: sentences."""

    text: str
    cautions: tuple[str, ...]


def announcement(api: MattermostAPI, journal: Journal, store: EntityStore, placeholder_domain: str) -> Announcement:
    """Return the text, filled in from the rows and the server. placeholder_domain: of addresses that stand for none.

    Raises AbortRun where nothing was exported: nothing of it would be true.
    """
    server, counts = api.server(), store.counts()
    require_exported(server, store)
    plan, mailing = stored_plan(store), api.mailing()
    people = audience(api, journal, store, {one.slack_id: one for one in plan.people}, placeholder_domain)
    is_read = not (journal.owed(MARK_READ) or journal.owed(MEMBER_READ))
    text = _template().render(
        # MM_URL may be the address that only this machine knows it by.
        url=mailing.site_url or server.url,
        team=server.team_name,
        things=_things(counts),
        has_messages=counts[EntityType.MESSAGE][Status.SUCCESS],
        everything_is_read=is_read,
        people=people,
        several=people.kinds > 1,
        known_by=_known_by(mailing),
        signed_on=[_BY_SERVICE.get(service, _BY_BUTTON) for service in sorted(people.signed_on)],
        renamed=_renamed(people),
        stayed=stayed_behind(store, plan),
        **_of_channels(server, journal, store, plan.channels),
    )
    return Announcement(text=text, cautions=tuple(_cautions(counts, people, mailing, is_read=is_read)))


def _template() -> "jinja2.Template":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mm_pipeline.welcome"),
        autoescape=False,  # it is Markdown
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"counted": counted, "listed": listed, "verb": verb, "few": lambda words: few(words, _FEW)}
    return environment.get_template("announcement.md.jinja")


def _things(counts: _Counts) -> list[str]:
    nouns = {EntityType.MESSAGE: "message", EntityType.REACTION: "reaction", EntityType.ATTACHMENT: "file"}
    there = {entity_type: counts[entity_type][Status.SUCCESS] for entity_type in nouns}
    return [counted(there[entity_type], noun) for entity_type, noun in nouns.items() if there[entity_type]]


def _of_channels(
    server: Server, journal: Journal, store: EntityStore, decisions: Iterable[ChannelDecision]
) -> dict[str, object]:
    """Return what the text says of channels. Of private ones it says how many, to nobody by name."""
    rows = {row.slack_id: row for row in store.rows(EntityType.CHANNEL, [Status.SUCCESS])}
    there = [one for one in decisions if one.slack_id in rows]
    named = [one for one in there if one.kind in NAMED_KINDS]
    public = [one for one in named if one.kind is ChannelKind.PUBLIC]
    renamed = [one for one in named if one.name != one.slack_name.lower()]
    made = set(journal.owed(MADE_CHANNEL))
    kinds = ((len(named), "channel"), (len(there) - len(named), "direct conversation"))
    return {
        "places": [counted(count, noun) for count, noun in kinds if count],
        "has_private": len(public) < len(there),
        "opened": [f"~{one.name}" for one in public if rows[one.slack_id].raw_data.get("unlisted")],
        "channels_renamed": _renamed_channels(renamed),
        "channels_shared": [
            f"~{one.name}" for one in public if one.matched_id and f"{server.team_id} {one.name}" not in made
        ],
    }


def _renamed_channels(renamed: Iterable[ChannelDecision]) -> str:
    renamed = list(renamed)
    told = [f"`#{one.slack_name}` is ~{one.name}" for one in renamed if one.kind is ChannelKind.PUBLIC]
    private = len(renamed) - len(told)
    return "; ".join(part for part in (few(told, _FEW), counted(private, "private one") if private else "") if part)


def _known_by(mailing: Mailing) -> str:
    return "your e-mail address, the one that you have in Slack" if mailing.by_email else "your username"


def _renamed(people: Audience) -> str:
    if not people.names:
        return ""
    names = few([f"`{old}` is `@{new}`" for old, new in people.names], _FEW)
    return f", but for {counted(len(people.names), 'person', 'people')}: {names}"


def _cautions(counts: _Counts, people: Audience, mailing: Mailing, *, is_read: bool) -> Iterator[str]:
    pending, failed = (
        sum(of_type[status] for of_type in counts.values()) for status in (Status.PENDING, Status.FAILED)
    )
    if pending:
        yield f"{counted(pending, 'row')} {verb(pending, 'is', 'are')} still to be exported: the text tells what is there now."
    elif not is_read:
        yield "The last step of the export, finish, is still to come: what came is unread until then."
    if failed:
        yield f"{counted(failed, 'row')} failed: `mm-pipeline status` says why, `mm-pipeline retry` tries again."
    if people.new:
        who = counted(people.new, "person is", "people are")
        yield f"{who} told that a mail comes: `mm-pipeline invite` sends it."
        yield from (one for one in (mailing.objection, *mailing.doubts) if one)
    if people.unreachable:
        who = counted(people.unreachable, "person has", "people have")
        yield f"{who} no e-mail address, and must be given a password by you (System Console > User Management)."
