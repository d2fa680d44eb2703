"""All conversations of the sample, before anybody speaks. Order is that of the index files."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.cast import PEOPLE, SLACKBOT, slack_id
from story.scene import Scene

STAFF = "rosa adele oyku tomasz noah mei ingrid jun amara sean"
EVERYONE = " ".join(person.key for person in PEOPLE if "deleted" not in person.traits and "single" not in person.traits)

GENERAL = Scene("channels", "general", EVERYONE, id=slack_id("C", "general"), is_general=True, topic="Open 07:00-14:00, closed on Mondays",
                purpose="For everybody in the cooperative.")
RANDOM = Scene("channels", "random", STAFF + " walter yusuf", id=slack_id("C", "random"), purpose="Bees, boats and *bad* puns & worse ones",
               is_shared=True, is_ext_shared=True, shared_team_ids=["T06FJORDMIL"])
BAKEHOUSE = Scene("channels", "bakehouse", STAFF + " timer ledger", id=slack_id("C", "bakehouse"), purpose="Dough, ovens, shifts",
                  topic=f"This week's starter keeper: <@{slack_id('U', 'jun')}>")
DELIVERIES = Scene("channels", "deliveries", "noah rosa amara tomasz oyku", id=slack_id("C", "deliveries"),
                   topic=f"Rider on call: <@{slack_id('U', 'noah')}> :bike:")
HARBOUR = Scene("channels", "harbour-market", "ingrid rosa sean walter lucia yusuf amara", id=slack_id("C", "harbour"),
                topic=f"Saturdays 8-13, stall 14. Ask <@{slack_id('U', 'ingrid')}> or <#{slack_id('C', 'general')}|general>")
WORKSHOP = Scene("channels", "1_workshop", "adele sean jun tomasz rosa", id=slack_id("C", "workshop"), purpose="Code, ovens, things with plugs", previous_names=["tech"])
RECIPES_JA = Scene("channels", "レシピ", "mei jun oyku", id=slack_id("C", "recipes"), purpose="和菓子とパン")
RECIPES_RU = Scene("channels", "рецепты-по-русски", "tomasz oyku rosa", id=slack_id("C", "recepty"))
OLIVES = Scene("channels", "ελιές-και-λάδι", "yusuf oyku rosa amara", id=slack_id("C", "olives"))
QUIET = Scene("channels", "-quiet-corner", "walter ingrid", id=slack_id("C", "quiet"))
CAFE_CORNER = Scene("channels", "café-corner", "amara noah", id=slack_id("C", "cafeacute"))
CAFE_ASCII = Scene("channels", "cafe-corner", "amara noah rosa", id=slack_id("C", "cafeascii"))
WEBSITE = Scene("channels", "website-v1", "bertil hana rosa", id=slack_id("C", "website"), year=2016, is_archived=True)
FAIR = Scene("channels", "summer-fair-2023", "ingrid priya rosa noah", id=slack_id("C", "fair"), year=2023, is_archived=True)
OLD_OVEN = Scene("channels", "old-oven-", "sean bertil oyku", id=slack_id("C", "oldoven"), year=2023, is_archived=True)
SUPPLIERS = Scene("channels", "suppliers", "rosa tomasz", id=slack_id("C", "suppliers"), purpose="Nobody has written here yet")

BOARD = Scene("groups", "board", "rosa oyku tomasz ingrid", id=slack_id("G", "board"), topic=f"Chair: <@{slack_id('U', 'rosa')}>",
              is_shared=True, is_org_shared=True, previous_names=["committee"])
WAGES = Scene("groups", "wages", "rosa amara", id=slack_id("G", "wages"), purpose="Numbers only")
SURPRISE = Scene("groups", "oykus-birthday", "rosa noah mei jun amara", id=slack_id("C", "birthday"))
MOVING = Scene("groups", "moving-house-2023", "rosa sean noah", id=slack_id("G", "moving"), year=2023, is_archived=True)

DM_MILL = Scene("dms", slack_id("D", "rtomasz"), "rosa tomasz", id=slack_id("D", "rtomasz"))
DM_SHIFT = Scene("dms", slack_id("D", "oykunoah"), "oyku noah", id=slack_id("D", "oykunoah"))
DM_GONE = Scene("dms", slack_id("D", "gone"), "ingrid", id=slack_id("D", "gone"), year=2023)
DM_GONE.members.append(slack_id("U", "nobody"))  # whom no list and no message knows
DM_PASTRY = Scene("dms", slack_id("D", "meijun"), "mei jun", id=slack_id("D", "meijun"))
DM_TIMER = Scene("dms", slack_id("D", "timer"), "jun timer", id=slack_id("D", "timer"))
DM_SLACKBOT = Scene("dms", slack_id("D", "slackbot"), f"amara {SLACKBOT}", id=slack_id("D", "slackbot"))
SELF_ROSA = Scene("dms", slack_id("D", "selfrosa"), "rosa rosa", id=slack_id("D", "selfrosa"))
SELF_NOAH = Scene("dms", slack_id("D", "selfnoah"), "noah", id=slack_id("D", "selfnoah"))
SELF_ADELE = Scene("dms", slack_id("D", "selfadele"), "adele", id=slack_id("D", "selfadele"))

MP_MARKET = Scene("mpims", "mpdm-ingrid.solheim--2sisters--yusuf-1", "ingrid lucia yusuf", id=slack_id("G", "market"))
MP_NIGHT = Scene("mpims", "mpdm-oyku--tomaszw--j--m-1", "oyku tomasz jun mei", id=slack_id("C", "night"))
MP_OUTING = Scene("mpims", "mpdm-rosa--admin--oyku--tomaszw--noah--m--sean_--amara-1", "rosa adele oyku tomasz noah mei sean amara",
                  id=slack_id("C", "outing"))
MP_NIGHT_AGAIN = Scene("mpims", "mpdm-oyku--tomaszw--j--m-2", "oyku tomasz jun mei", id=slack_id("C", "nightagain"))
MP_AUDIT = Scene("mpims", "mpdm-rosa--admin--oyku--tomaszw--noah--m--sean_--amara--j-1", "rosa adele oyku tomasz noah mei sean amara jun",
                 id=slack_id("C", "audit"))

OVEN_LOG = Scene("file_conversations", "FC_F06OVENLOG0_Oven log", "oyku", id=slack_id("C", "ovenlog"), creator="USLACKBOT")

#: Folders that no index knows: a channel, and by their names a direct and a group direct message.
LOST_RECIPES = Scene("", "lost-recipes", year=2023)
LOST_DM = Scene("", "D06LOSTLOST", year=2023)
LOST_MPIM = Scene("", "mpdm-hana--priya--rosa-1", year=2023)
