"""Mark channels and their threads read through the server plugin, for everybody in a statement. Shows nobody online."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.mattermost.importer import Importer
from mm_pipeline.mattermost.importer_people import dealt
from mm_pipeline.mattermost.rest import batches
from mm_pipeline.nouns import counted

#: People with a channel of one call.
_NAMED = 5_000


def mark_read(
    importer: Importer,
    channel_ids: Sequence[str],
    *,
    threads: frozenset[str] = frozenset(),
    keep: Iterable[str] = frozenset(),
    besides: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> list[tuple[str, str]]:
    """Do what read_state.mark_read_for_all does; nobody is left, for it is one transaction."""
    kept: dict[str, list[str]] = defaultdict(list)
    for channel, user in (pair.split(":") for pair in keep):
        kept[channel].append(user)
    for batch in dealt(channel_ids, lambda channel: len(kept[channel])):
        unread = [{"channel_id": channel, "user_id": user} for channel in batch for user in kept[channel]]
        importer.read({"channel_ids": batch, "threads_in": sorted(threads.intersection(batch)), "keep": unread})
    further = [{"channel_id": channel, "user_id": user} for user, channels in besides.items() for channel in channels]
    for pairs in batches(further, _NAMED):
        importer.read({"besides": pairs})
    backend_logger.info("marked %s read for everybody there", counted(len(channel_ids), "channel"))
    return []
