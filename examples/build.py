"""Write the sample workspace from the story in `story/`: `python examples/build.py [FOLDER]`. Knows nothing of mm_pipeline."""

import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from story import direct, market, odds, past, private, public, workshop
from story.cast import PEOPLE, user_entry, user_id
from story.emoji import PICTURES, emoji_json
from story.faces import FACES
from story.scene import SCENES
from story.shared import UPLOADS, canvas

#: The story's chapters; importing one tells it.
CHAPTERS = [public, market, workshop, private, direct, past, odds]
WORKSPACE = Path(__file__).parent / "workspace"
INDEXES = ["channels", "groups", "dms", "mpims", "file_conversations"]
CANVASES = {"general": "Opening hours", "bakehouse": ":bread: Oven manual", "board": "Untitled"}
INTEGRATIONS = [
    ("rosa", "1711981000", "Flour Ledger"),
    ("adele", "1711982000", "Simple Ballot"),
    ("jun", "1713100000", "Oven Timer"),
]


def files() -> dict[str, bytes]:
    """Return the whole export: path -> bytes."""
    made: dict[str, object] = {"users.json": [user_entry(person) for person in PEOPLE], "emoji.json": emoji_json()}
    for kind in INDEXES:
        made[f"{kind}.json"] = [scene.index_entry() for scene in SCENES.values() if scene.kind == kind]
    made["integration_logs.json"] = [
        {"user_id": user_id(who), "user_name": who, "date": date, "change_type": "added", "app_type": app}
        for who, date, app in INTEGRATIONS
    ]
    made |= {"huddle_transcripts.json": [""], "lists.json": [""], "canvases.json": []}
    for folder, title in CANVASES.items():
        made[f"{folder}/canvas_in_the_conversation.json"] = [canvas(folder[:6], title)]
    for scene in SCENES.values():
        made |= {f"{scene.folder}/{day}.json": messages for day, messages in scene.days().items()}
    written = {path: (json.dumps(what, ensure_ascii=False, indent=2) + "\n").encode() for path, what in made.items()}
    written |= {f"__uploads/{path}": content for path, content in UPLOADS.items()}
    written |= {f"__avatars/{path}": content for path, content in FACES.items()}
    return written | {f"emojis/{name}": content for name, content in PICTURES.items()}


def main(folder: Path) -> None:
    """Replace `folder` by the freshly told workspace."""
    if folder.exists():
        if not (folder / "users.json").exists():
            sys.exit(f"{folder} is not a Slack export: it is left as it is. Name a new folder.")
        shutil.rmtree(folder)
    for path, content in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else WORKSPACE)
