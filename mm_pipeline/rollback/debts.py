"""What the migration still owed the server is moot once it is taken back: it is forgotten. Pays nothing."""

import re

from mm_pipeline.export.closing import ARCHIVE_CHANNEL
from mm_pipeline.export.user_exporter import DEACTIVATE_BOT
from mm_pipeline.mattermost.bots import GREETINGS, PICTURES
from mm_pipeline.mattermost.channel_lines import ARCHIVE
from mm_pipeline.mattermost.first_sight import NEWCOMERS, SHOW_DIRECT
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.ours import EDITED, GIVEN_CHANNEL
from mm_pipeline.mattermost.own_unread import FIRST_UNREAD
from mm_pipeline.mattermost.quiet import MEMBER_READ
from mm_pipeline.mattermost.read_state import KEEP_THREAD, KEEP_UNREAD, MARK_READ, MARK_THREADS
from mm_pipeline.mattermost.time_zones import TIME_ZONES
from mm_pipeline.model import Fate
from mm_pipeline.rollback.survey import Survey

_TASKS = (
    ARCHIVE,
    ARCHIVE_CHANNEL,
    DEACTIVATE_BOT,
    EDITED,
    FIRST_UNREAD,
    GIVEN_CHANNEL,
    GREETINGS,
    KEEP_THREAD,
    KEEP_UNREAD,
    MARK_READ,
    MARK_THREADS,
    MEMBER_READ,
    NEWCOMERS,
    PICTURES,
    SHOW_DIRECT,
    TIME_ZONES,
)


def forget_debts(journal: Journal, survey: Survey) -> None:
    """Forget what was owed to things that are gone. Another workspace of the same server may owe what it likes."""
    gone = {
        name for one in (*survey.accounts, *survey.channels) if one.fate is not Fate.KEPT for name in (one.id, one.name)
    }
    gone |= {post.id for one in survey.channels for post in one.room.posts if not one.room.is_kept(post)}
    for task in _TASKS:
        moot = [owed for owed in journal.owed(task) if not gone.isdisjoint(re.split("[ :]", owed))]
        journal.paid(task, moot)
