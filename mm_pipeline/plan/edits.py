"""Apply what people wrote into the plan's table. Keeps the old decision, with a sentence, where an edit cannot be."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from mm_pipeline.mattermost.limits import is_channel_name
from mm_pipeline.mattermost.on_server import NAMED_KINDS, Account
from mm_pipeline.nouns import listed
from mm_pipeline.plan.addresses import is_email
from mm_pipeline.plan.channels import ChannelDecision, Lookup
from mm_pipeline.plan.clashes import claims, clashes
from mm_pipeline.plan.decisions_csv import ACTIONS, Decision, Edit, Plan, names_of_lines, plan_rows
from mm_pipeline.plan.directory import Directory
from mm_pipeline.plan.emoji import EmojiDecision
from mm_pipeline.plan.names import NAME_MAX, channel_name_for, is_emoji_name, is_username
from mm_pipeline.plan.people import AS_WRITTEN, BY_HAND, PersonDecision

LEFT_OUT = "left out in the plan"


class _Objection(Exception):
    """Why one edit cannot be. Its text says what to write instead."""


def apply_edits(
    plan: Plan,
    edits: Iterable[Edit],
    accounts: Iterable[Account],
    lookup: Lookup,
    standard_emoji: frozenset[str] = frozenset(),
    came: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Plan, list[str]]:
    """Return the plan as edited, and a sentence for each line that cannot be followed: its row stays as it was decided.

    Lines left out change nothing. `accounts` are the server's, `lookup` finds a channel of the team by name,
    `standard_emoji` are its built-in names. `came`: Slack ids of people who are there by now, and how their accounts are called,
    as the table calls them; how they were planned is past.
    """
    before = {one.key: one for one in plan.decisions}
    keys = {(row["type"], row["slack_id"]): key for key, row in zip(before, plan_rows(plan), strict=True)}
    after, names, directory = dict(before), names_of_lines(plan), Directory(accounts)
    objections: list[tuple[int, str]] = []
    lines: dict[int, list[int]] = {}  # by the id of the row
    refused: set[int] = set()
    for edit in edits:
        key = keys.get((edit.type, edit.slack_id), 0)
        try:
            match decision := _known(edit, after.get(key)):
                case PersonDecision():
                    after[key] = _person(decision, edit, directory, names[key], came)
                case ChannelDecision():
                    after[key] = _channel(decision, edit, lookup, names[key])
                case EmojiDecision():
                    after[key] = _emoji(decision, edit, standard_emoji, names[key])
        except _Objection as objection:
            objections.append((edit.line, str(objection)))
            refused.add(key)
        else:
            lines.setdefault(key, []).append(edit.line)
    for key, why in _put_back(before, after, names, refused).items():
        objections += [(line, why) for line in lines[key]]
    edited = Plan(
        people=[one for one in after.values() if isinstance(one, PersonDecision)],
        emoji=[one for one in after.values() if isinstance(one, EmojiDecision)],
        channels=[one for one in after.values() if isinstance(one, ChannelDecision)],
    )
    return _with_members(edited, plan), [f"line {line}: {objection}." for line, objection in sorted(objections)]


def _put_back(
    before: Mapping[int, Decision], after: dict[int, Decision], names: Mapping[int, str], refused: set[int]
) -> dict[int, str]:
    """Put rows back whose edits would have what another has, and what that makes clash. Returns why, by the id of the row.

    Who has it from before keeps it; of several who would come by it nobody does. `refused`: rows whose own line was not followed.
    """
    why: dict[int, str] = {}
    while found := {
        one.key: clash
        for clash in reversed(clashes(after.values()))
        for one in clash.decisions
        if clash.claim not in claims(before[one.key])
    }:
        for key, clash in found.items():
            keys = [one.key for one in clash.decisions]
            stay = [names[other] for other in keys if other in refused]
            because = f", as the line of {listed(stay)} cannot be followed" if stay else ""
            told = f"{listed([names[other] for other in keys])} would have the same {clash.claim.told}{because}"
            why[key] = f"{told}: change one of them"
        after.update({key: before[key] for key in found})
        refused = refused | found.keys()
    return why


def _known(edit: Edit, decision: Decision | None) -> Decision:
    """Return the decision that a line is about. Raises _Objection where there is none, or nothing that can be done with it."""
    if edit.action not in ACTIONS:
        raise _Objection(f"action {edit.action!r} is unknown: write create, match or skip")
    if decision is None:
        what = edit.type or "row"
        raise _Objection(f"the plan has no {what} {edit.slack_id}: leave type and slack_id as they are")
    return decision


def _person(
    before: PersonDecision, edit: Edit, directory: Directory, who: str, came: Mapping[str, str]
) -> PersonDecision:
    called = came.get(before.slack_id, before.username)
    name, email = edit.name.lower() or called, edit.email or before.email
    action = "skip" if before.skip else "match" if before.matched_id else "create"
    # A table that was written before they came calls them as they were planned.
    if (edit.action, email) == (action, before.email) and name in (called, before.username):
        return before
    made = None if before.matched_id or before.skip else directory.named(called)
    is_theirs = made and (made.email.lower() == before.email or (made.is_bot and before.is_bot))
    if is_theirs or (made and before.slack_id in came):
        raise _Objection(f"{who} is on the server already, as {called}: change the account there")
    if edit.action == "skip":
        return before if before.skip else msgspec.structs.replace(before, skip=LEFT_OUT)
    if edit.action == "match":
        return _matched_person(before, name, directory, who)
    return _new_person(before, name, email, directory, who)


def _matched_person(before: PersonDecision, name: str, directory: Directory, who: str) -> PersonDecision:
    account = directory.named(name)
    if account is None:
        raise _Objection(f"the server has no account {name} for {who} to become: correct the name, or write create")
    if account.is_bot != before.is_bot:
        kinds = ("a bot", "a person") if account.is_bot else ("a person", "a bot")
        raise _Objection(f"{name} is {kinds[0]} on the server and {who} is {kinds[1]}: these are never matched")
    if account.id == before.matched_id:
        return msgspec.structs.replace(before, skip="")
    return msgspec.structs.replace(
        before,
        username=account.username,
        email="" if account.is_bot else account.email,
        matched_id=account.id,
        roles=account.roles or "system_user",
        delete_at=account.delete_at,
        auth_service="",
        auth_data="",
        note=BY_HAND,
        skip="",
    )


def _new_person(before: PersonDecision, name: str, email: str, directory: Directory, who: str) -> PersonDecision:
    if directory.named(name) is not None:
        raise _Objection(f"{name} is taken on the server: give {who} another name, or write match if they are the same")
    if not is_username(name):
        raise _Objection(f"{name} is no username: 1-64 of a-z 0-9 . _ -, and none of the reserved ones")
    if not before.is_bot and (email != before.email or before.matched_id):
        if not is_email(email):
            raise _Objection("the e-mail is none that the server takes: correct it, or leave the cell as it was")
        if directory.unclaimed(email=email):
            raise _Objection(
                f"the e-mail of {who} is an account's on the server: write match with its name, or another e-mail"
            )
    return msgspec.structs.replace(
        before,
        username=name,
        email=email,
        matched_id="",
        auth_data=email if before.auth_data == before.email else before.auth_data,
        note=AS_WRITTEN,
        skip="",
    )


def _channel(before: ChannelDecision, edit: Edit, lookup: Lookup, what: str) -> ChannelDecision:
    if edit.action == "skip":
        return before if before.skip else msgspec.structs.replace(before, skip=LEFT_OUT)
    if before.kind not in NAMED_KINDS:
        return msgspec.structs.replace(before, skip="")  # its people are its name: nothing else can be chosen
    written, is_match = edit.name or before.name, edit.action == "match"
    name = _existing_name(written) if is_match else _address(written, before, what)
    is_same = name == before.name if is_match else written in (before.name, before.called)
    if is_same and is_match == bool(before.matched_id):
        return msgspec.structs.replace(before, skip="")
    if not before.matched_id and not before.skip and lookup(before.name):
        raise _Objection(f"{what} is on the server already, as {before.name}: change the channel there")
    there = lookup(name)
    if edit.action == "create":
        if there:
            raise _Objection(f"the team has a channel {name}: give {what} another name, or write match")
        note = "as written in the plan" + (f": {name} in its address" if written != name else "")
        return msgspec.structs.replace(
            before, name=name, display_name=written, called=written, matched_id="", note=note, skip=""
        )
    if there is None or there.delete_at:
        raise _Objection(f"the team has no live channel {name} for {what} to go into: correct it, or write create")
    if there.kind != before.kind:
        raise _Objection(
            f"{name} is not as open as {what}: a private channel never goes into a public one, nor the reverse"
        )
    return msgspec.structs.replace(before, name=there.name, matched_id=there.id, note="matched by hand", skip="")


def _existing_name(written: str) -> str:
    """Return the name of a channel that may be there. Raises _Objection where none is called so."""
    if not is_channel_name(written.lower()):
        raise _Objection(f"{written} is no channel name: write it as in the channel's address (1-64 of a-z 0-9 _ -)")
    return written.lower()


def _address(written: str, before: ChannelDecision, what: str) -> str:
    """Return the channel name of what somebody wrote: that is what people see, this is what stands in the address.

    Raises _Objection where there is none.
    """
    if len(written) > NAME_MAX:
        raise _Objection(f"the name of {what} has {len(written)} characters, and Mattermost takes {NAME_MAX}")
    if not written.isprintable():
        raise _Objection(f"the name of {what} has characters that nobody sees: write it anew")
    name = written.lower() if is_channel_name(written.lower()) else channel_name_for(written, before.slack_id)
    if not is_channel_name(name):
        raise _Objection(f"Mattermost keeps names like {name} for direct and group channels: write another one")
    return name


def _emoji(before: EmojiDecision, edit: Edit, standard: frozenset[str], what: str) -> EmojiDecision:
    if edit.action == "skip":
        return before if before.skip else msgspec.structs.replace(before, skip=LEFT_OUT)
    name = edit.name or before.name
    if name == before.name or before.alias_of:
        return msgspec.structs.replace(before, skip="")
    if not is_emoji_name(name):
        raise _Objection(f"{name} is no emoji name: 1-64 of a-z 0-9 _ + -")
    if name in standard:
        raise _Objection(f"Mattermost has an emoji {name} of its own: give {what} another name")
    return msgspec.structs.replace(before, name=name, note="as written in the plan", skip="")


def _with_members(edited: Plan, before: Plan) -> Plan:
    """Return an edited plan whose conversations call their people as they are called now."""
    renamed = {old.username: new.username for old, new in zip(before.people, edited.people, strict=True)}
    channels = [
        msgspec.structs.replace(one, members=tuple(sorted({renamed.get(name, name) for name in one.members})))
        for one in edited.channels
    ]
    return msgspec.structs.replace(edited, channels=channels)
