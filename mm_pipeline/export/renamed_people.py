"""People who were renamed on the server since their rows were settled: the rows take the name of now. Sends nothing.

Import lines know people by name alone: by an old one a message would have no author, or somebody else who took it since.
"""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.ours import MADE_ACCOUNT
from mm_pipeline.model import EntityType, Status
from mm_pipeline.nouns import counted


def take_names_of_now(run: Run) -> None:
    """Give rows of people the names of their accounts, where there is anything to send at all."""
    if not run.store.has_work():
        return
    rows = run.store.rows(EntityType.USER, [Status.SUCCESS])
    before = {row.mattermost_id: row.target_name for row in rows if row.mattermost_id and row.target_name}
    if not before:
        return
    now = {one.id: one.username for one in run.api.accounts() if before.get(one.id, one.username) != one.username}
    if not now:
        return
    # What we made is remembered by its name.
    made = {before[user_id]: name for user_id, name in now.items()}
    ours = [old for old in run.journal.owed(MADE_ACCOUNT) if old in made]
    run.journal.owe(MADE_ACCOUNT, [made[old] for old in ours])
    run.store.rename_people(now)
    run.journal.paid(MADE_ACCOUNT, [old for old in ours if old not in now.values()])
    backend_logger.info("%s called otherwise on the server by now", counted(len(now), "person is", "people are"))
