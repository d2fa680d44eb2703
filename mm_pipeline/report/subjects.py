"""What Slack has and Mattermost has no like of: docs/fidelity.md's lines of it, and how each is counted. Counts nothing.

A test holds each line to that page: its words, and what becomes of it.
"""

import msgspec

SAID, LEFT_OUT, IMPOSSIBLE = "said in the text", "left out", "impossible"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Something of Slack's that does not stay as it was."""

    counted: str = ""  #: the name of its count (queries.sql), or `type:` of a block's part, or `file:` with its mode
    of: str  #: with which word the page's section begins
    line: str  #: how that page calls it
    fate: str  #: and what it says of it
    why: str = ""  #: behind the fate, as that page has it
    before: tuple[int, int] = (99, 0)  #: servers older than this
    by_plugin: bool = False  #: the server plugin keeps it


_LOST = (
    Subject(
        counted="edited",
        of="Messages",
        line="Earlier versions of an edited message, records of deleted ones",
        fate=IMPOSSIBLE,
        why="exports hold the last version; what a compliance export adds is read by nobody yet",
    ),
    Subject(
        counted="reactions",
        of="Reactions",
        line="The time of a reaction: 1 ms after its message",
        fate=IMPOSSIBLE,
        why="Slack exports none",
    ),
    Subject(
        counted="channels_made",
        of="Channels",
        line="Creator and date of creation",
        fate=IMPOSSIBLE,
        why="no import line and no REST call takes either; the messages in it keep their times. The server plugin keeps both",
        by_plugin=True,
    ),
    Subject(
        counted="emoji_made",
        of="Custom emoji",
        line="Who made it",
        fate=IMPOSSIBLE,
        why="the server takes emoji from the token's own account alone",
    ),
    Subject(
        counted="status_texts",
        of="People",
        line="Status text and emoji",
        fate=LEFT_OUT,
        why="they were of that day: shown today they would be wrong",
    ),
    Subject(
        counted="underlined",
        of="Text",
        line="Underlined, highlighted: the words",
        fate=IMPOSSIBLE,
        why="Mattermost's Markdown has no mark for either",
    ),
    Subject(
        counted="unfurled",
        of="Text",
        line="An unfurl that only repeats a link of the text",
        fate=LEFT_OUT,
        why="Mattermost previews links by itself",
    ),
    Subject(
        counted="stale",
        of="Files",
        line="A file that comes after its message, in a channel that is archived by then: the text goes on to say that it is missing",
        fate=IMPOSSIBLE,
        why="the server lets nobody edit anything in an archived channel; the file itself hangs there. The server plugin mends the text",
    ),
    Subject(
        counted="threads",
        of="Messages",
        line="Followers of a thread: who wrote in it",
        fate=IMPOSSIBLE,
        why="import lines name followers from 10.1 on. The server plugin keeps them",
        before=(10, 1),
        by_plugin=True,
    ),
    Subject(
        counted="replies",
        of="Messages",
        line="The same in the props of a reply",
        fate=IMPOSSIBLE,
        why="a 9.9 takes no props with a reply, and the mark alone is not worth sending it twice. The server plugin keeps it",
        before=(10, 5),
        by_plugin=True,
    ),
)
#: What the message's own text says, by its section and its count.
_SAID = {
    "Messages": {
        "without_root": "A thread whose root is absent: a root that says so",
        "deleted_root": "A deleted root with live replies",
        "huddle": "A huddle or call (`room`): when, how long, with whom",
    },
    "Text": {
        "lettered": "A list counted by letters or Roman numbers: the letters stand as words behind bullets",
        "shared": "A shared message (`is_share`, `is_msg_unfurl`, `is_reply_unfurl`): author, channel, date, words, files, link",
        "coloured": "The colour of a card's bar: a coloured square before its first words",
        "dates": "`<!date^…>`",
        "type: date": "`date`: the writer's words, else UTC",
        "type: color": "`color`: its value",
        "type: team": "`team`: its id",
        "type: image": "`image`: its words and a link; shown in place everybody's reader would fetch it from its host",
        "type: data_visualization": "`data_visualization`: its numbers as a table",
        "type: actions": "`actions`, `context_actions`, `button`, `workflow_button`: what was written on them, and their link",
        "type: input": "`input`",
        "type: video": "`video`: title, link, author, description",
        "type: call": "`call`: its name and link",
    },
    "Files": {
        "file: hidden_by_limit": "`hidden_by_limit`",
        "file: tombstone": "`tombstone`, `file_not_found`: deleted in Slack",
        "file: access_denied": "`access_denied`, `check_file_info`",
        "file: external": "`external`: name and link",
        "file: canvas": "`quip`, `canvas`: its page as a file where Slack gives it, else name and link",
        "file: docs": "`space`, `docs` (posts): the same, with what the export shows of the text",
        "file: list": "`list`: name and link",
        "file: snippet": "`snippet`: its bytes, else the beginning that the export shows",
        "file: too_large": "Larger than the server takes (`too_large`)",
        "file: hosted": "`hosted`: its bytes, or its name, size and link",
    },
}
SUBJECTS = (
    *_LOST,
    *(
        Subject(counted=counted, of=of, line=line, fate=SAID)
        for of, lines in _SAID.items()
        for counted, line in lines.items()
    ),
)
#: What no export tells of, so that nobody can count it.
ALWAYS = (
    Subject(
        of="People",
        line="Password",
        fate=IMPOSSIBLE,
        why="no export holds one; the server draws one that nobody knows",
    ),
    Subject(
        of="At the end",
        line="Bookmarks, saved messages, workflows, the members of user groups",
        fate=IMPOSSIBLE,
        why="no export of Slack's holds them; what a message says of them stays",
    ),
)
