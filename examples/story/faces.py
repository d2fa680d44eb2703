"""People's own pictures, where slackdump puts them: __avatars/<user id>/<file name>. Everybody else has one that Slack drew."""

from story.cast import BY_KEY, WITH_PICTURE, user_id
from story.picture import RGB, Drawing, disc, png, stripes, waves

_DRAWN: dict[str, tuple[Drawing, list[RGB]]] = {
    "rosa": (stripes, [(196, 60, 90), (250, 226, 210)]),
    "oyku": (disc, [(240, 214, 160), (120, 70, 30)]),
    "tomasz": (waves, [(230, 236, 240), (60, 90, 130)]),
    "ledger": (disc, [(40, 60, 50), (240, 240, 220)]),
}

#: Path below __avatars/ -> bytes.
FACES = {
    f"{user_id(key)}/{BY_KEY[key].name}_original.png": png(*_DRAWN[key], size=24 if _DRAWN[key][0] is disc else 64)
    for key in WITH_PICTURE
}
