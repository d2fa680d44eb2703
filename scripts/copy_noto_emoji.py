"""Copies the pictures of Slack's standard emoji that Mattermost lacks. Needed only when the list of these emoji changes.

    npm pack emoji-datasource-google@16.0.0 && tar xzf emoji-datasource-google-16.0.0.tgz
    python scripts/copy_noto_emoji.py package

The package is the list that Slack itself uses, with Google's Noto pictures (64 x 64, Apache License 2.0).
"""

import json
import shutil
import sys
from pathlib import Path

from mm_pipeline.content.noto_emoji import PICTURES
from mm_pipeline.render.emoji import MISSING_EMOJI


def copy_pictures(package: Path) -> None:
    """Copy one picture per name, checked against our character. Raises KeyError for a name that the package lacks."""
    listed = json.loads((package / "emoji.json").read_text(encoding="utf-8"))
    by_name = {name: emoji for emoji in listed for name in emoji["short_names"]}
    for old in PICTURES.glob("*.png"):
        old.unlink()
    for name, character in MISSING_EMOJI.items():
        emoji = by_name[name]
        points = "".join(chr(int(point, 16)) for point in emoji["unified"].split("-"))
        assert points == character, f"{name} is another emoji there"
        shutil.copyfile(package / "img" / "google" / "64" / emoji["image"], PICTURES / f"{name}.png")


if __name__ == "__main__":
    copy_pictures(Path(sys.argv[1]))
