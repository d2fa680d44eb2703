"""What is said of channels of the server that Slack's go into agrees with how many the plan matches."""

from mm_pipeline.mattermost.on_server import ChannelKind
from mm_pipeline.plan.channels import ChannelDecision
from mm_pipeline.plan.outline import Fate
from mm_pipeline.preflight.channels import channel_lines

POND = ChannelDecision(
    slack_id="C1", key=1, slack_name="pond", kind=ChannelKind.PUBLIC, name="pond", matched_id="there"
)


def said(waiting: set[str], fate: Fate = Fate.MATCHED) -> str:
    lines = channel_lines([POND], {"C1": fate}, waiting, lambda channels: {})
    (found,) = (one.sentence for one in lines if one.subject == "matched channels")
    return found


def test_what_went_into_a_channel_of_the_server_before_is_not_forgotten() -> None:
    assert said({"C1"}) == "1 channel of the server takes Slack's in, as the plan was told, or is empty: pond."
    assert said(set()) == "1 channel of the server took Slack's in by earlier runs; no other is to."
    assert said(set(), Fate.LEFT_OUT) == "No channel of the server takes messages of Slack's in."
