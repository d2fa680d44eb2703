"""Pictures that we ship: Slack's standard emoji that Mattermost lacks (scripts/copy_noto_emoji.py). Fetches nothing."""

from pathlib import Path

#: One PNG of 64 x 64 per emoji, called as Slack calls it; Google's Noto, LICENSE beside them.
PICTURES = Path(__file__).parent / "noto"


def noto_picture(name: str) -> Path | None:
    """Return the picture of one of Slack's standard emoji (a name of MISSING_EMOJI), or None where we ship none."""
    picture = PICTURES / f"{name}.png"
    return picture if picture.is_file() else None
