"""What a server allows, beside what is to come: what would be lost, hidden, deleted or shown otherwise. Asks nothing.

Without a count (None: nothing is staged) it speaks of what may be.
"""

import time

from mm_pipeline.finding import Finding, ok, warning
from mm_pipeline.mattermost.limits import MESSAGE
from mm_pipeline.mattermost.on_server import Server
from mm_pipeline.model import ARCHIVE_BYTES, ToCome
from mm_pipeline.nouns import counted


def allowances(server: Server, to_come: ToCome | None) -> list[Finding]:
    """Return a line for each thing that a server allows or does not."""
    return [
        _of_file_size(server, to_come),
        _of_post_size(server, to_come),
        _of_emoji(server, to_come),
        _of_bots(server),
        _of_override(server, to_come),
        *_of_history(server, to_come),
        _of_retention(server, to_come),
    ]


def deleted_before(server: Server) -> int:
    """Return the ms before which the server deletes posts by itself; 0 = it keeps all."""
    return int((time.time() - server.retention_hours * 3600) * 1000) if server.retention_hours else 0


def _of_file_size(server: Server, to_come: ToCome | None) -> Finding:
    most = f"{max(server.largest_file, 0) / (1 << 20):,.0f} MiB"
    # The number that people know is the setting's: it is named with what it is less.
    most += f" (MaxFileSize, less {ARCHIVE_BYTES >> 20} MiB for the archive that they come in)"
    if to_come is None or not to_come.too_large:
        return ok("MaxFileSize", f"The server takes files of {most}" + (": none is larger." if to_come else "."))
    return warning(
        "MaxFileSize",
        f"{counted(to_come.too_large, 'file is', 'files are')} larger than the {most} that the server takes: "
        f"{'its message comes' if to_come.too_large == 1 else 'their messages come'} without.",
        "Set FileSettings.MaxFileSize (System Console > Environment > File Storage) to at least "
        f"{to_come.largest_file + ARCHIVE_BYTES:,}.",
    )


def _of_post_size(server: Server, to_come: ToCome | None) -> Finding:
    most, too_long = server.max_post_runes, to_come.too_long if to_come else 0
    one = "message is longer, and becomes several posts: nothing is lost"
    longer = counted(too_long, one, "messages are longer, and become several posts each: nothing is lost")
    known = longer if too_long else "no message is longer"
    split = known if to_come else "longer messages become several posts each, and nothing is lost"
    said = f"Posts hold {most:,} characters; {split}."
    if most >= MESSAGE:  # no server has more room
        return ok("MaxPostSize", said)
    return warning(
        "MaxPostSize",
        said,
        f"Where the column posts.message of its database is made as wide as newer ones have it, posts hold {MESSAGE:,}.",
    )


def _of_emoji(server: Server, to_come: ToCome | None) -> Finding:
    if server.custom_emoji:
        return ok("emoji", "The server takes custom emoji.")
    if to_come and not to_come.emoji:
        return ok("emoji", "Custom emoji are switched off, and there is none to come.")
    off = "those of the workspace fail, and show"
    if to_come:
        off = counted(to_come.emoji, "that is to come fails, and shows", "that are to come fail, and show")
    return warning(
        "emoji",
        f"Custom emoji are switched off: {off} as :name: in messages.",
        "Switch ServiceSettings.EnableCustomEmoji on (System Console > Site Configuration > Emoji).",
    )


def _of_bots(server: Server) -> Finding:
    """That its environment keeps it off is a line of its own."""
    subject = "EnableBotAccountCreation"
    if server.bot_accounts:
        return ok(subject, "Bot accounts may be made.")
    return ok(subject, "It is off, and is switched on for the moments in which bots are made.")


def _of_override(server: Server, to_come: ToCome | None) -> Finding:
    subject = "EnablePostUsernameOverride"
    if server.username_override:
        return ok(subject, "Messages of bridges and webhooks show the names they carried.")
    if to_come and not to_come.bridged:
        return ok(subject, "It is off, and no message carries a name of its own.")
    count = "messages of bridges and webhooks say in their text who wrote them"
    if to_come:
        one = "message of a bridge or webhook says in its text who wrote it"
        count = counted(to_come.bridged, one, count)
    return warning(
        subject,
        f"ServiceSettings.EnablePostUsernameOverride is off: {count}.",
        "For the names to stand where authors do, switch it on before the export (System Console > Integrations > Integration "
        "Management).",
    )


def _of_history(server: Server, to_come: ToCome | None) -> list[Finding]:
    """That a licence hides what comes, or does not, is the plan's line; that it might is said where nothing is staged."""
    if not server.history_limit:
        return [ok("history", "The server shows all of its messages.")]
    if to_come is not None:
        return []
    said = f"The server's licence shows its newest {server.history_limit:,} posts only."
    return [warning("history", said, "More than that must not come: stage the export, and ask again.")]


def _of_retention(server: Server, to_come: ToCome | None) -> Finding:
    if not server.retention_hours:
        return ok("retention", "The server deletes no messages by itself.")
    days = counted(round(server.retention_hours / 24), "day")
    if to_come and not to_come.expired:
        return ok(
            "retention", f"The server deletes messages older than {days} every night, and none to come is so old."
        )
    come = "those of the export come and are"
    if to_come:
        come = counted(to_come.expired, "of those to come comes and is", "of those to come come and are")
    return warning(
        "retention",
        f"The server's data retention deletes messages older than {days} every night: {come} gone the next morning.",
        "For them to stay, switch it off before the export (System Console > Compliance > Data Retention Policy).",
    )
