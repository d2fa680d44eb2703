"""What a rollback says before and after fits a terminal, says nothing of what does not occur, and names each thing once."""

import re

import msgspec
import pytest

from mm_pipeline.mattermost.on_server import Account, Allowed
from mm_pipeline.model import Fate, Residue
from mm_pipeline.rollback.channels import NEVER_REMOVED, OF_BOT
from mm_pipeline.rollback.earlier import Earlier
from mm_pipeline.rollback.kind import Kind
from mm_pipeline.rollback.left_text import left_text
from mm_pipeline.rollback.preview import as_text, is_empty, objection
from mm_pipeline.rollback.residue import as_csv, left_account
from mm_pipeline.rollback.room import OurPost, Room
from mm_pipeline.rollback.survey import Survey
from mm_pipeline.rollback.things import AccountThing, ChannelThing

NOTHING = Survey(allowed=Allowed(posts=False, channels=False, accounts=False), since=0, edited=frozenset())


def account(name: str, fate: Fate, why: str = "") -> AccountThing:
    return AccountThing(id=name, name=name, fate=fate, why=why, account=Account(id=name, username=name, email=""))


def channel(name: str, fate: Fate, posts: int = 0, *, is_named: bool = True, why: str = "") -> ChannelThing:
    room = Room(posts=tuple(OurPost(f"{name}{n}", f"{name}{n}", "u", n, False, ()) for n in range(posts)))
    return ChannelThing(
        id=name, name=name, fate=fate, why=why, is_named=is_named, is_ours=True, slack_ids=("C1",), room=room
    )


def left(kind: Kind, name: str, fate: Fate, why: str, times: int = 1) -> list[Residue]:
    return [Residue(kind=kind.value, id=f"{name}{n}", name=name, fate=fate.value, remains=why) for n in range(times)]


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_where_nothing_came_one_sentence_says_so() -> None:
    assert as_text(NOTHING) == "Nothing of it is there."
    assert left_text([]) == "Nothing of it is left on the server."


def test_a_preview_has_neither_rows_nor_columns_nor_settings_of_what_does_not_occur() -> None:
    seen = msgspec.structs.replace(NOTHING, accounts=(account("ada", Fate.CLOSED),))
    told = as_text(seen)
    assert told.splitlines()[:3] == [
        "          closed and renamed",
        "--------  ------------------",
        "accounts                   1",
    ]
    assert "EnableAPIUserDeletion" in told
    for absent in ("messages", "stay", "EnableAPIChannelDeletion", "EnableAPIPostDeletion"):
        assert absent not in told
    assert "Enable" not in as_text(msgspec.structs.replace(NOTHING, accounts=(account("ada", Fate.REMOVED),)))


def test_where_people_would_be_mailed_about_their_renamed_accounts_the_preview_says_that_nothing_is_taken() -> None:
    fixed = Allowed(posts=False, channels=False, accounts=False, mails=("EmailSettings.SMTPServer",))
    seen = msgspec.structs.replace(NOTHING, allowed=fixed, accounts=(account("ada", Fate.CLOSED),))
    assert "environment fixes MM_EMAILSETTINGS_SMTPSERVER" in objection(seen)
    assert objection(seen) in as_text(seen)
    for nobody in ((), (account("ada", Fate.REMOVED),)):
        assert objection(msgspec.structs.replace(seen, accounts=nobody)) == ""


@pytest.mark.parametrize("width", [80, 100])
def test_both_texts_fit_a_terminal(width: int) -> None:
    name = "a-channel-with-a-name-as-long-as-names-of-channels-may-be-at-the-most"
    seen = msgspec.structs.replace(
        NOTHING,
        accounts=tuple(
            account(f"{name[:22]}{n}", Fate.KEPT, "some of their messages stay, because " + "x " * 40)
            for n in range(12)
        ),
        channels=(
            channel(name, Fate.CLOSED),
            channel("pond", Fate.KEPT, 1_234),
            channel("direct 1", Fate.KEPT, is_named=False, why=NEVER_REMOVED),
        ),
    )
    told = as_text(seen, width)
    residue = [
        *left(Kind.POST, f"in {name}", Fate.HIDDEN, "deleted as people delete; kept in the server's tables", 1_200),
        *[one for n in range(20) for one in left(Kind.ACCOUNT, f"{name[:30]}{n}", Fate.CLOSED, "deactivated")],
    ]
    for text in (told, left_text(residue, width)):
        assert max(map(len, text.splitlines())) <= width
    assert "1,234" in told
    assert "… and 2 more" in told
    assert "Direct channels stay" in told


def test_what_is_left_is_told_by_its_number_and_each_name_once() -> None:
    why = "deleted; still there"
    residue = [
        *left(Kind.POST, "in garden", Fate.HIDDEN, why, 8),
        *left(Kind.POST, "in pond", Fate.HIDDEN, why),
        *left(Kind.CHANNEL, "pond", Fate.KEPT, "somebody wrote in it since"),
        *left(Kind.DIRECT, "direct xyz", Fate.KEPT, NEVER_REMOVED, 2),
        *left(Kind.EMOJI, "leaf", Fate.HIDDEN, why),
    ]
    told = words(left_text(residue, 80))
    assert "This stays: 1 channel somebody wrote in it since: pond 2 direct channels empty; the server removes" in told
    assert "9 messages deleted; still there: in garden (8), in pond 1 emoji deleted; still there: leaf" in told
    assert told.count("in garden") == 1
    assert "xyz" not in told
    assert as_csv(residue).count(",in garden,") == 8


def test_what_an_earlier_rollback_could_only_put_out_of_sight_is_announced_with_what_goes_now() -> None:
    gate = Account(id="gate", username="removed-gate", email="", is_bot=True)
    earlier = Earlier(
        accounts=(*(account(name, Fate.CLOSED).account for name in ("ada", "ben")), gate),
        channels=tuple(left(Kind.CHANNEL, "pond", Fate.CLOSED, "archived")),
        posts=(*left(Kind.POST, "in garden", Fate.HIDDEN, "", 7), *left(Kind.NOTICE, "in garden", Fate.HIDDEN, "", 2)),
    )
    now = msgspec.structs.replace(NOTHING, accounts=(account("cleo", Fate.REMOVED),), earlier=earlier)
    told = as_text(now)
    for kind, count in (("accounts", 3), ("bots", 1), ("channels", 1), ("messages", 7)):
        assert re.search(rf"^{kind} +{count}$", told, re.MULTILINE)
    assert told.endswith(
        "Among what is removed for good are 2 accounts, 1 bot, 1 channel and 7 messages that an earlier rollback could only put out "
        "of sight."
    )
    assert not is_empty(msgspec.structs.replace(NOTHING, earlier=earlier)), "so it is asked about, too"


def test_the_servers_own_channels_with_bots_are_no_direct_channels_of_the_export() -> None:
    of_bots = [channel(f"direct, of {name}", Fate.KEPT, is_named=False, why=OF_BOT) for name in ("gate", "fence")]
    own = tuple(msgspec.structs.replace(one, slack_ids=()) for one in of_bots)
    told = as_text(msgspec.structs.replace(NOTHING, accounts=(account("gate", Fate.REMOVED),), channels=own))
    assert not re.search(r"^direct channels", told, re.MULTILINE)
    assert (
        "2 direct channels that the server itself opened between you and the new bots stay, empty and out of your side bar."
        in told
    )
    assert "Direct channels stay" not in told


def test_what_a_closed_account_is_still_in_is_listed() -> None:
    gone, still = (left_account(account("ada", Fate.CLOSED), note) for note in ("", "still in the team: no"))
    assert gone.remains == "deactivated, and called removed-… now"
    assert still.remains == f"{gone.remains}; still in the team: no"
