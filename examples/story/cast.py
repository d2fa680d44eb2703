"""Who lives in the sample: people, guests, bots and the ids Slack would give them. Knows nothing of what they say."""

from typing import Any, NamedTuple

Json = dict[str, Any]


def slack_id(prefix: str, key: str) -> str:
    """Return a readable id of Slack's shape: `slack_id("U", "rosa")` is U06ROSA0000."""
    return f"{prefix}06{key.upper():0<8}"[:11]


TEAM = slack_id("T", "tide")
DOMAIN = "tidewater-coop"
SLACKBOT = "USLACKBOT"


class Person(NamedTuple):
    """One entry of users.json. `key` is what the story calls them, `name` is Slack's user name."""

    key: str
    name: str
    real_name: str
    display_name: str
    title: str
    email: str | None
    traits: str = ""  #: words out of: owner admin guest single deleted bot


PEOPLE = [
    Person("rosa", "rosa", "Rosa Lindqvist", "Rosa", "Keeps the books", "rosa@tidewater.example", "owner"),
    Person("adele", "admin", "Adèle Minton", "", "Looks after the computers", "adele@tidewater.example", "admin"),
    Person("oyku", "oyku", "Öykü Demir", "Öykü", "Head baker", "Oyku.Demir@Tidewater.Example"),
    Person("tomasz", "TomaszW", "Tomasz Wójcik", "Tomek", "Miller", "tomasz@tidewater.example"),
    Person("noah", "noah", "Noah Ferreira", "noah", "Deliveries by bicycle", "noah+coop@tidewater.example"),
    Person("mei", "m", "林美", "美", "Pastry", None),
    Person("ingrid", "Ingrid.Solheim", "Ingrid Solheim", "Ingrid", "Market stall", "ingrid@tidewater.example"),
    Person("jun", "j", "Jun Park", "", "Apprentice", "jun@tidewater.example"),
    Person("amara", "Amara", "Amara Okonkwo", "Amara O.", "Shop", "amara@tidewater.example"),
    Person("sean", "sean_", "Seán Ó Briain", "Seán", "Boats and ovens", None),
    Person("walter", "walter", "Walter Quill", "Walter", "Neighbour, keeps bees", None, "guest"),
    Person(
        "lucia", "2sisters", "Lucía Peña", "Market stall", "Honey and jam", "lucia@twosisters.example", "guest single"
    ),
    Person("yusuf", "yusuf", "Yusuf Haddad", "Market stall", "Olive oil", "Yusuf@Haddad-Oil.example", "guest"),
    Person("priya", "priya", "Priya Raman", "Priya", "Baker until May", "priya@tidewater.example", "deleted"),
    Person("bertil", "bertil.g", "Bertil Gråberg", "Bertil", "Founder", None, "deleted"),
    Person("hana", "hana", "Hana Nováková", "", "Website, long ago", "hana@tidewater.example", "deleted"),
    Person("timer", "oven_timer", "Oven Timer", "", "", None, "bot"),
    Person("ledger", "flour_ledger", "Flour Ledger", "", "", None, "bot"),
    Person("poll", "simple_ballot", "Simple Ballot", "", "", None, "bot"),
]
BY_KEY = {person.key: person for person in PEOPLE}
#: Who chose a picture; all others show one that Slack drew.
WITH_PICTURE = ("rosa", "oyku", "tomasz", "ledger")

#: Authors that users.json does not know: a partner of another workspace, an Enterprise Grid id, a forgotten one.
STRANGERS = {"marit": "U06MARITEXT", "grid": "W06GRIDUSER", "forgotten": "U06FORGOTTN"}

#: Bot ids: three of our bots, three bridges (one id, many names), three webhooks.
BOTS = {
    key: slack_id("B", key) for key in ["timer", "ledger", "poll", "matrix", "sms", "irc", "weather", "till", "tides"]
}

USERGROUPS = {"ovens": slack_id("S", "ovens"), "riders": slack_id("S", "riders"), "stall": slack_id("S", "stall")}


def user_id(key: str) -> str:
    """Return the user id of a person, bot or stranger of the story; a whole id (USLACKBOT) passes."""
    return key if key == SLACKBOT else STRANGERS.get(key) or slack_id("U", BY_KEY[key].key)


#: User id -> Slack user name.
NAMES = {user_id(person.key): person.name for person in PEOPLE}


def short_profile(key: str) -> Json:
    """Return the `user_profile` that Slack repeats on a person's messages."""
    if key in STRANGERS:
        real_name = {"marit": "Marit Aas (Fjord Mill)", "grid": "Grid Visitor", "forgotten": "Someone Long Gone"}[key]
        name, display_name, traits = key, "", ""
    else:
        _, name, real_name, display_name, _, _, traits = BY_KEY[key]
    return {
        "avatar_hash": f"g{key:0<11}"[:12],
        "image_72": f"https://avatars.slack-edge.com/2024-04-01/{name}_72.png",
        "first_name": real_name.split()[0],
        "real_name": real_name,
        "display_name": display_name,
        "team": TEAM,
        "name": name,
        "is_restricted": "guest" in traits,
        "is_ultra_restricted": "single" in traits,
    }


def user_entry(person: Person) -> Json:
    """Return the entry of users.json. Deactivated people are the shorter shape that Slack gives them."""
    traits = person.traits.split()
    bot = "bot" in traits
    profile: Json = {
        "title": person.title,
        "phone": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.display_name,
        "display_name_normalized": person.display_name,
        "fields": None if bot else {},
        "status_text": "Kneading" if person.key == "oyku" else "",
        "status_emoji": ":bread:" if person.key == "oyku" else "",
        "avatar_hash": f"g{person.key:0<11}"[:12],
        "image_72": f"https://avatars.slack-edge.com/2024-04-01/{person.name}_72.png",
        "image_512": f"https://avatars.slack-edge.com/2024-04-01/{person.name}_512.png",
        "team": TEAM,
    }
    if person.key in WITH_PICTURE:
        original = f"https://avatars.slack-edge.com/2024-04-01/{person.name}_original.png"
        hashed = f"{sum(person.key.encode()):012x}"
        profile |= {"avatar_hash": hashed, "is_custom_image": True, "image_original": original}
    if bot:
        profile |= {"bot_id": BOTS[person.key], "api_app_id": slack_id("A", person.key), "always_active": True}
    else:
        first, _, last = person.real_name.partition(" ")
        profile |= {"first_name": first, "last_name": last}
    if person.email:
        profile["email"] = person.email
    entry: Json = {"id": user_id(person.key), "team_id": TEAM, "name": person.name, "deleted": "deleted" in traits}
    if "deleted" in traits:
        return entry | {"profile": profile, "is_bot": False, "is_app_user": False, "updated": 1717500000}
    return entry | {
        "color": "9f69e7",
        "real_name": person.real_name,
        "tz": "America/Halifax",
        "tz_label": "Atlantic Daylight Time",
        "tz_offset": -10800,
        "profile": profile,
        "is_admin": "owner" in traits or "admin" in traits,
        "is_owner": "owner" in traits,
        "is_primary_owner": "owner" in traits,
        "is_restricted": "guest" in traits,
        "is_ultra_restricted": "single" in traits,
        "is_bot": bot,
        "is_app_user": False,
        "updated": 1711929600,
        "is_email_confirmed": person.email is not None,
        "who_can_share_contact_card": "EVERYONE",
    }
