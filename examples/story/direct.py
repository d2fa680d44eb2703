"""What two, or one, or a few said to each other."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.cast import SLACKBOT
from story.marks import edited, files, react
from story.picture import gif, png, stripes, waves
from story.places import (
      DM_MILL,
      DM_PASTRY,
      DM_SHIFT,
      DM_SLACKBOT,
      DM_TIMER,
      MP_MARKET,
      MP_NIGHT,
      MP_OUTING,
      OVEN_LOG,
      SELF_ADELE,
      SELF_NOAH,
      SELF_ROSA,
)
from story.shared import kept

a = DM_MILL
a.say("04-11 20:00", "rosa", "Did the mill invoice go out?")
a.say("04-11 20:04", "tomasz", "It went out. It came back. Wrong street.", react("facepalm rosa"))
a.say("04-11 20:05", "rosa", "So send it by bread :bread:")
a.reply("04-12 08:00", "tomasz", "It is in the country loaf for number 9.", react("joy rosa", "saluting_face rosa"))
a.say("05-29 21:55", "tomasz", "New stone, first flour", files(kept("flour.gif", "tomasz", gif([stripes, waves], [(250, 240, 220), (170, 130, 80)]))), react("heart rosa"))

b = DM_SHIFT
b.say("05-16 20:00", "oyku", "Can you do the early Thursday?")
b.reply("05-16 20:10", "noah", "If you do the late Friday", react("+1::skin-tone-3 oyku"))
b.reply("05-17 06:00", "oyku", "Deal.")
b.say("06-21 07:00", "oyku", "Thank you for Saturday, really.", edited())

c = DM_PASTRY
c.say("04-09 21:00", "jun", "Is it normal that the dough *looks back*?")
c.reply("04-09 21:02", "mei", "Only on Tuesdays", react("joy jun"))
c.say("06-28 16:00", "mei", "Seven layers, test one", files(kept("seven.png", "mei", png(stripes, [(120, 160, 80), (250, 245, 230)], 28))), react("heart jun"))
c.say("06-28 16:01", "jun", "🤤", react("matcha mei"))

t = DM_TIMER
t.put("04-14 05:00:00.000100", {"user": "U06TIMER000", "bot_id": "B06TIMER000", "text": "Hello! Type `help` to learn what I do."})
t.say("04-14 05:01", "jun", "help")
t.put("04-14 05:01:30.000100", {"user": "U06TIMER000", "bot_id": "B06TIMER000", "text": "I count minutes. That is all. It is *enough*."})

k = DM_SLACKBOT
k.put("04-02 09:00", {"user": SLACKBOT, "text": "Hello, I'm Slackbot. I try to be helpful. (But I'm still just a bot. Sorry!)"})
k.say("04-02 09:01", "amara", "Remind me to smile")

r = SELF_ROSA
r.say("04-03 22:30", "rosa", "Ask Tomasz about the invoice")
r.say("04-11 20:06", "rosa", "~Ask Tomasz about the invoice~ done")
r.say("05-07 07:00", "rosa", "Roof: three offers, ring the middle one", react("umbrella rosa"))
n = SELF_NOAH
n.say("05-20 06:00", "noah", "Bike names:\n• Bun Solo\n• Crumb Dog Millionaire")
n.say("06-28 12:20", "noah", "Buy two inner tubes. And two more.")
d = SELF_ADELE
d.say("05-02 07:00", "adele", "The cat's name is on the door bell. Of course it is.")
d.reply("05-02 07:02", "adele", "Change the door bell.", react("cat adele"))

m = MP_MARKET
m.say("04-19 18:00", "ingrid", "Us three share the tent on Saturday?")
m.reply("04-19 18:10", "lucia", "Yes! I bring the table.", react("+1 ingrid yusuf"))
m.reply("04-20 06:00", "yusuf", "I bring weights. Last time the tent _flew_.", react("joy ingrid lucia"))
m.put("04-20 06:30", {"user": SLACKBOT, "text": "", "channel": m.id, "no_notifications": False,
      "room": {"id": "R06TENT0000", "name": "", "date_start": 1713605400, "date_end": 1713605700, "participant_history": ["U06INGRID00", "U06YUSUF000"], "call_family": "huddle"}})

q = MP_NIGHT
q.say("05-11 23:10", "oyku", "Night shift: one bench, two trays, four of us. Nobody sing.")
q.say("05-11 23:12", "jun", ":notes:", react("no_entry_sign oyku", "notes mei tomasz"))
q.reply("05-11 23:13", "tomasz", "He means it.", react("joy mei jun"))
q.say("05-12 04:30", "mei", "Done. Sun is up. お疲れさま", react("pray oyku jun tomasz"))

o = MP_OUTING
o.say("07-10 12:00", "rosa", "Island trip, all eight of us, 21 July. @sean brings the boat, the bread comes by itself.", react("rowboat sean noah amara", "tada mei oyku", "+1 tomasz adele"))
o.reply("07-10 12:05", "sean", "By itself?")
o.reply("07-10 12:06", "tomasz", "It is *very* ripe.", react("joy rosa oyku mei noah"))
o.say("07-21 21:30", "amara", "Best day.", files(kept("island.txt", "amara", b"Eight people, one hive, no rain.\n")), react("ocean rosa sean noah mei", "harbour adele"))

OVEN_LOG.put("07-09 06:10", {"user": SLACKBOT, "text": "Öykü commented on the canvas *Oven log*: “who turned it up?”"})
