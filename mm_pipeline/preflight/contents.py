"""Files and pictures, told as lines: where their bytes are, and whether Slack still gives them out. Fetches the first bytes of a few."""

from collections.abc import Sequence

from mm_pipeline.content.outlook import FileToCome, Place, unopened
from mm_pipeline.content.slack_files import SlackFiles
from mm_pipeline.errors import RowFailed
from mm_pipeline.finding import Finding, Level, ok, told, warning
from mm_pipeline.nouns import counted, few, verb

#: Files whose first bytes are asked for: the first, one in the middle, the last.
_SAMPLE = 3
#: What a token must open, and for what.
_SCOPES = {"files:read": "files", "emoji:read": "emoji"}
_HOW = (
    "Set SLACK_TOKEN (scopes files:read and emoji:read{also}), or SLACK_FILES to where they were downloaded to; what is missing "
    "then can be had later, by `mm-pipeline retry`."
)


def file_lines(
    files: Sequence[FileToCome],
    slack: SlackFiles | None,
    export_tokens: int,
    *,
    attachments: int,
    missing: int = 0,
    ask: bool = True,
) -> list[Finding]:
    """Return where files come from, and whether Slack gives those out that only it has, if it is to be asked.

    `attachments`: how often messages show them; `export_tokens`: how many tokens the export's own links carry, with which
    Slack may be asked, too; `missing`: how many earlier runs could not have, which only `retry` takes up again.
    """
    if not files and missing:
        return [ok("files", f"No file is to come as it stands; {counted(missing, 'is', 'are')} missing (see there).")]
    if not files:
        return [ok("files", "No file is to come.")]
    here, at_slack, lost, gone = (
        [file for file in files if file.place is place]
        for place in (Place.HERE, Place.SLACK, Place.NOWHERE, Place.NO_BYTES)
    )
    said = "its message says" if len(gone) == 1 else "their messages say"
    aside = f"; of {len(gone):,} Slack itself has no bytes: {said} so" if gone else ""
    nowhere = f", {len(lost):,} nowhere" if lost else ""
    both = f"{counted(attachments, 'attachment is', 'attachments are')} of {counted(len(files), 'file')}"
    found = [ok("files", f"{both}: {len(here):,} here, {len(at_slack):,} at Slack{nowhere}{aside}.")]
    if lost:
        skipped = "it is skipped" if len(lost) == 1 else "they are skipped"
        found.append(
            warning("files", f"Of {counted(len(lost), 'file')} nobody names a place: {skipped}.", _HOW.format(also=""))
        )
    if at_slack and (ask or not slack):
        found.append(_at_slack(at_slack, slack, export_tokens))
    return found


def emoji_lines(
    places: Sequence[Place],
    slack: SlackFiles | None,
    aliases: int = 0,
    lacking: Sequence[str] = (),
    *,
    are_known: bool = False,
) -> list[Finding]:
    """Return where the pictures of emoji come from; aliases have none of their own.

    `lacking`: names of Slack's standard emoji that reactions stand under and the server has not, in order.
    `are_known`: emoji are staged, to come or not.
    """
    others = f" {counted(aliases, 'more is another name', 'more are other names')} of an emoji." if aliases else ""
    if lacking:
        what = counted(
            len(lacking), "standard emoji of Slack's, which reactions stand under and the server lacks, is", _LACKING
        )
        others += f" {what} made as custom emoji, with our own {verb(len(lacking), 'picture', 'pictures')}: {few(lacking, _FEW)}."
    if not places and are_known:
        return [ok("emoji pictures", f"No picture of a custom emoji of the workspace's own is to come.{others}")]
    if not places:
        none = f"No custom emoji of the workspace's own is to come, as far as is known here.{others}"
        return [ok("emoji pictures", none, "" if slack else _EMOJI)]
    at_slack = sum(place is Place.SLACK for place in places)
    lost = sum(place is Place.NOWHERE for place in places) + (0 if slack else at_slack)
    if not lost:
        have = "The one custom emoji has" if len(places) == 1 else f"All {len(places):,} custom emoji have"
        return [ok("emoji pictures", f"{have} a picture ({at_slack:,} at Slack).{others}")]
    what = "has no picture that can be had: it is skipped, and shows"
    if lost != 1:
        what = "have no picture that can be had: they are skipped, and show"
    return [
        warning(
            "emoji pictures",
            f"{lost:,} of {len(places):,} custom emoji {what} as :name:.{others}",
            _HOW.format(also=""),
        )
    ]


_LACKING = "standard emoji of Slack's, which reactions stand under and the server lacks, are"
#: Names of them that a line tells.
_FEW = 5
#: Slack's own exports list no emoji.
_EMOJI = "Slack's own exports list none: with SLACK_TOKEN (scope emoji:read) Slack is asked for them."


def token_lines(slack: SlackFiles | None) -> list[Finding]:
    """Return whose SLACK_TOKEN is and what it opens; nothing where there is none to ask."""
    if slack is None or not slack.token:
        return []
    try:
        says = slack.opens()
    except RowFailed as refused:
        return [told("SLACK_TOKEN", str(refused), Level.WARNING)]
    missing = [scope for scope in _SCOPES if says.scopes and scope not in says.scopes]
    if missing:
        return [
            warning(
                "SLACK_TOKEN",
                f"It lacks the scope {' and '.join(missing)}: Slack gives no {' and no '.join(_SCOPES[one] for one in missing)} out.",
                "Add it to the app on Slack's page (OAuth & Permissions), install the app anew, and give the new token.",
            )
        ]
    known = "" if says.scopes else " Slack does not tell its scopes."
    return [ok("SLACK_TOKEN", f"It is of the workspace {says.team or says.team_id or '(unnamed)'}.{known}")]


def _at_slack(files: Sequence[FileToCome], slack: SlackFiles | None, export_tokens: int) -> Finding:
    size = f"{sum(file.size for file in files) / 1e6:,.0f} MB"
    there = f"{counted(len(files), 'file')} ({size}) {'is' if len(files) == 1 else 'are'} at Slack alone"
    if slack is None:
        also = "; `export` as its value tries the tokens of the export's own links" if export_tokens else ""
        return warning(
            "files at Slack",
            f"{there}, and SLACK_TOKEN is not set: {'its message comes' if len(files) == 1 else 'their messages come'} without.",
            _HOW.format(also=also),
        )
    sample = _spread(files)
    if faults := unopened(sample, slack):
        return warning(
            "files at Slack",
            f"{there}, and of {len(sample)} that {'was' if len(sample) == 1 else 'were'} tried it gave {len(faults)} not out: "
            f"{faults[0].rstrip('.')}.",
            "Give SLACK_TOKEN a token that is valid, has the scope files:read and sees the conversations.",
        )
    return ok(
        "files at Slack", f"{there}; it gave out {len(sample)} that {'was' if len(sample) == 1 else 'were'} tried."
    )


def _spread(files: Sequence[FileToCome]) -> list[FileToCome]:
    """Return a few, from the first to the last."""
    most = min(_SAMPLE, len(files))
    return [files[number * (len(files) - 1) // max(most - 1, 1)] for number in range(most)]
