"""What has another name in Mattermost than in Slack, or is another thing, and why. Decides nothing."""

from collections.abc import Container

import msgspec

from mm_pipeline.mattermost.on_server import NAMED_KINDS
from mm_pipeline.model import EntityType
from mm_pipeline.plan.decisions_csv import Plan
from mm_pipeline.report.channels import becomes


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One person, conversation or emoji: what Slack calls it, what Mattermost does, why."""

    type: str
    old: str
    new: str
    why: str


def changed_names(plan: Plan, chosen_out: Container[str]) -> list[Changed]:
    """Return people, conversations and emoji that are not called as in Slack, and conversations that became another thing.

    chosen_out: Slack ids of people and conversations that a setting leaves out: they are not called anything.
    """
    people = [
        Changed(type=EntityType.USER, old=one.slack_name or one.slack_id, new=one.username, why=one.note)
        for one in plan.people
        if not one.skip and one.username != one.slack_name and one.slack_id not in chosen_out
    ]
    channels = [
        Changed(type=EntityType.CHANNEL, old=one.slack_name or one.slack_id, new=becomes(one), why=one.skip or one.note)
        for one in plan.channels
        if (one.skip or one.note or (one.kind in NAMED_KINDS and one.name != one.slack_name))
        and one.slack_id not in chosen_out
    ]
    emoji = [
        Changed(type=EntityType.CUSTOM_EMOJI, old=one.slack_id, new=one.name, why=one.note)
        for one in plan.emoji
        if not one.skip and one.name != one.slack_id
    ]
    return people + channels + emoji
