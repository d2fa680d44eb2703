"""The workspace's own emoji: emoji.json and the pictures that came along. Draws nothing itself."""

from story.cast import TEAM
from story.picture import JPEG, disc, gif, png, stripes, waves

RUST, CREAM, SEA, LEAF = (160, 82, 45), (250, 235, 215), (38, 115, 217), (60, 140, 80)

#: File name under emojis/ -> bytes. Some exporters call every picture .png, whatever it is.
PICTURES = {
    "tidewater.png": png(waves, [CREAM, SEA]),
    "sourdough.png": png(disc, [CREAM, RUST]),
    "oven_on.png": png(stripes, [RUST, CREAM]),
    "smörgås.png": png(waves, [LEAF, CREAM]),
    "canada.png": png(disc, [CREAM, (200, 30, 30)]),
    "harbour.png": JPEG,
    "rising_dough.gif": gif([disc, stripes], [CREAM, RUST]),
    "boat_spin.gif": gif([waves, disc, stripes], [CREAM, SEA]),
    "kneading.gif": gif([stripes, waves], [CREAM, LEAF]),
}
KINDS = {"harbour": "jpg"}
#: Their pictures were not exported, and the addresses are invented.
WITHOUT_PICTURE = ["pelican", "old_van", "barnacle"]
ALIASES = {
    "levain": "sourdough",
    "starter": "levain",
    "spinny": "boat_spin",
    "brezn": "pretzel",
    "thx": "pray",
    "oatcake": "cookie",
}


def _address(name: str, kind: str) -> str:
    return f"https://emoji.slack-edge.com/{TEAM}/{name}/{sum(name.encode()):016x}.{kind}"


def emoji_json() -> dict[str, str]:
    """Return what Slack's emoji.list holds: name -> address or `alias:name`."""
    pictured = {stem: KINDS.get(stem, kind) for stem, _, kind in (file.partition(".") for file in PICTURES)}
    addresses = {
        name: _address(name, kind) for name, kind in (pictured | dict.fromkeys(WITHOUT_PICTURE, "png")).items()
    }
    return dict(sorted((addresses | {name: f"alias:{target}" for name, target in ALIASES.items()}).items()))
