"""What is over: a website of 2016 in the shapes of that year, last year's fair, conversations of which only the folder is left."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.cast import DOMAIN, NAMES, Json, user_id
from story.marks import fields, files, react
from story.picture import disc, png, waves
from story.places import FAIR, LOST_DM, LOST_MPIM, LOST_RECIPES, OLD_OVEN, WEBSITE
from story.shared import kept, lost

# --- 2016: no blocks, `file` in the singular, mentions with a label -------------------------------------------------------

s = WEBSITE


def upload(when: str, who: str, name: str, file: Json) -> Json:
    """A file as it was shared in 2016."""
    address = f"https://{DOMAIN}.slack.com/files/{who}/{file['id']}/{name}"
    created = int(s.ts(when)[:10]) - 1
    del file["user_team"]
    file |= {"created": created, "timestamp": created}
    return s.notice(when, who, "file_share", f"{{who}} uploaded a file: <{address}|{name}>", file=file, upload=True, username=who, bot_id=None, display_as_bot=False)


def comment(when: str, who: str, shared: Json, words: str) -> None:
    """A comment on a file: the author stands in `comment` alone."""
    file = shared["file"]
    author, created = user_id(who), int(s.ts(when)[:10])
    text = f"<@{author}|{NAMES[author]}> commented on <@{file['user']}>'s file <{file['permalink']}|{file['title']}>: {words}"
    made = {"id": f"Fc06{when[-2:]}{file['id'][3:9]}", "created": created, "timestamp": created, "user": author, "comment": words}
    s.put(when, {"subtype": "file_comment", "text": text, "file": file, "comment": made, "is_intro": False})


for minute, who in enumerate(("bertil", "hana", "rosa")):
    s.notice(f"06-01 10:0{minute}", who, "channel_join", "{who} has joined the channel")
s.say("06-01 10:10", "bertil", "We need a page in the internet. My nephew says so.", react("+1 hana rosa"))
s.say("06-01 10:11", "hana", "@bertil I can draw something & put it on <http://tidewater.example>")
s.say("06-01 10:15", "rosa", "With opening hours, please, @hana!", react("heart hana"))
logo = upload("06-02 11:00", "hana", "logo.png", kept("logo.png", "hana", png(disc, [(250, 235, 215), (38, 115, 217)])))
comment("06-02 11:05", "bertil", logo, "It is very round, I like it")
comment("06-02 11:07", "rosa", logo, "Could it be a little more &lt;bread&gt;?")
loaf = upload("06-03 09:00", "hana", "logo-2.png", lost("logo-2.png", "hana", 20_412))
comment("06-03 09:30", "bertil", loaf, "*That* is bread")
front = upload("06-10 15:00", "bertil", "front.txt", kept("front.txt", "bertil", b"Fresh bread, every day but Monday.\n"))
s.say("06-10 15:05", "bertil", "Words for the front page. `Monday` is important.")
s.say("06-10 15:06", "hana", "ok", fields(attachments=[{"service_name": "Tidewater", "title": "Tidewater bakers", "title_link": "http://tidewater.example", "text": "Fresh bread", "fallback": "Tidewater: Tidewater bakers", "from_url": "http://tidewater.example", "id": 1}]))
s.say("06-20 12:00", "hana", "It is live! @everyone", react("tada bertil rosa"))
s.pin(s.root, "rosa")
s.put("06-20 12:05", {"subtype": "bot_message", "text": "Visitors today: *3*", "username": "counter", "icons": {"emoji": ":chart:"}})
s.notice("12-31 18:00", "rosa", "channel_archive", "{who} archived the channel (w/ 3 members)", members=["U06BERTIL00", "U06HANA0000", "U06ROSA0000"])

# --- 2023 ---------------------------------------------------------------------------------------------------------------

f = FAIR
f.notice("06-01 09:00", "ingrid", "channel_join", "{who} has joined the channel")
f.say("06-01 09:05", "ingrid", "Summer fair on 8 July. Who does what?", react("sunny priya rosa"))
f.reply("06-01 09:15", "priya", "Rye. Only rye.", react("joy ingrid"))
f.reply("07-09 10:00", "priya", "We sold *all* the rye.", react("tada ingrid rosa noah"))
f.say("07-08 22:30", "noah", "Good night, fair. 412 buns, 2 wasps, 0 injuries.", react("saluting_face rosa"))
# The export began here: these answer what was said before it began.
for when, who, words in (("07-10 09:00", "rosa", "Agreed, same place next year."), ("07-10 09:01", "noah", "And bigger signs."), ("07-11 09:00", "ingrid", "And no wasps.")):
    f.reply(when, who, words, react("+1 priya"), to={"ts": "1684000000.000100", "user": "U06INGRID00"})
f.notice("09-30 10:00", "ingrid", "channel_archive", "{who} archived the channel", members=[])

v = OLD_OVEN
# These roots were exported before their answers came: they know nothing of a thread.
for day, words, answer in (("03-01", "The old oven smokes again", "Open the flue."), ("03-02", "The flue is open", "Open the *other* flue."), ("03-03", "There is another flue?!", "There was.")):
    v.say(f"{day} 08:00", "sean", words, fields(**{"forgets its thread": True}))
    v.reply(f"{day} 20:00", "oyku", answer, react("fire sean"))
v.say("04-01 08:00", "bertil", "She served us forty years. Picture from the first.", files(kept("old oven.png", "bertil", png(waves, [(60, 40, 30), (220, 120, 40)]))), react("face_holding_back_tears oyku sean"))
v.notice("04-02 08:00", "sean", "channel_unarchive", "{who} un-archived the channel")
v.notice("04-03 08:00", "sean", "channel_archive", "{who} archived the channel", members=[])

# --- only the folders are left ------------------------------------------------------------------------------------------

x = LOST_RECIPES
x.say("02-01 10:00", "priya", "Cardamom buns: 9 g, never 8.")
x.reply("02-01 10:05", "mei", "Ten.", react("joy priya"))
x.say("02-02 10:00", "hana", "The site can print them now")
y = LOST_DM
y.say("02-03 20:00", "hana", "Are you still at the bakery?")
y.say("02-03 20:05", "priya", "Till the last bun")
z = LOST_MPIM
z.say("02-04 20:00", "rosa", "Priya, Hana, dinner on Friday?")
z.reply("02-04 20:10", "priya", "Only if there is rye", react("+1 hana"))
z.say("02-04 20:20", "hana", "There is always rye")
