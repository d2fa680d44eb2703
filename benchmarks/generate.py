"""Write a Slack export of any size that looks like the real ones.

    python benchmarks/generate.py --messages 100000 --people 1000 --output F.zip

The same arguments give the same bytes, in flat memory. Knows nothing of mm_pipeline. Shares are those of eleven real exports of 2015-2026:
two thirds of the messages are replies, 87 % carry rich_text blocks, one in twenty comes from a bot, one in eighty has a file.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from time import gmtime, strftime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from conversation import DAY_S, Conversation
from people import channel_entry, channels_of, user_entries
from wording import Json


def encode(entries: Iterable[Json]) -> bytes:
    """Return a JSON list, an entry a line."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    return f"[\n{lines}\n]\n".encode()


def write(output: Path, messages: int, people: int, channels: int, seed: int) -> Counter[str]:
    """Write the export as a zip, one day file after the other, and return what is in it."""
    counts = Counter({"people": people, "channels": channels})
    entries: list[Json] = []
    with ZipFile(output, "w") as archive:

        def add(name: str, content: bytes) -> None:
            info = ZipInfo(name, date_time=(2024, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content, compresslevel=1)

        add("users.json", encode(user_entries(people, seed)))
        for channel in channels_of(messages, people, channels, seed):
            conversation = Conversation(channel, seed)
            for day, said in conversation.days():
                add(f"{channel.name}/{strftime('%Y-%m-%d', gmtime(day * DAY_S))}.json", encode(said))
                counts["messages"] += len(said)
            counts += conversation.counts
            entries.append(channel_entry(channel, conversation.pins))
        add("channels.json", encode(entries))
        add("integration_logs.json", encode([]))
    return counts


def main(arguments: list[str]) -> None:
    """Write one export and say what is in it, as one line of JSON."""
    parser = argparse.ArgumentParser(description="Write a Slack export of any size that looks like the real ones.")
    parser.add_argument("--messages", type=int, required=True, help="messages in all, replies included")
    parser.add_argument("--people", type=int, required=True, help="entries of users.json")
    parser.add_argument("--channels", type=int, help="channels (default: a tenth of the people, at least two)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another export (default: 1)")
    parser.add_argument("--output", type=Path, required=True, help="the zip to write")
    args = parser.parse_args(arguments)
    channels = args.channels or max(2, args.people // 10)
    if args.messages < 1 or args.people < 1 or channels < 1:
        parser.error("--messages, --people and --channels must be at least 1")
    print(json.dumps(write(args.output, args.messages, args.people, channels, args.seed)))


if __name__ == "__main__":
    main(sys.argv[1:])
