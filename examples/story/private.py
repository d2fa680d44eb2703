"""What only some may read: the board, the wages, a birthday."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.marks import edited, files, react
from story.picture import pdf
from story.places import BOARD, MOVING, SURPRISE, WAGES
from story.shared import kept, lost

b = BOARD
b.notice("04-02 09:00", "rosa", "group_join", "{who} has joined the group")
b.notice("04-02 09:01", "rosa", "group_topic", "{who} set the group topic: Chair: <@U06ROSA0000>", topic="Chair: <@U06ROSA0000>")
b.notice("04-02 09:02", "rosa", "group_purpose", "{who} set the group purpose: The five of us", purpose="The five of us")
agenda = b.say("04-02 19:00", "rosa", "Agenda for May:\n1. Van or bike\n2. The wood oven\n3. Priya's farewell (*not a word* in #general)", react("+1 oyku tomasz ingrid"))
b.pin(agenda, "rosa")
b.reply("04-02 19:10", "ingrid", "4. The roof. It rains on the ledger.", react("umbrella rosa", "melting_face oyku"))
b.reply("04-03 08:00", "tomasz", "5. Bring buckets.")
b.say("04-24 19:00", "tomasz", "Offer for the bike & the balance sheet", files(kept("Offer 2024-17.pdf", "tomasz", pdf("Offer 2024-17: one cargo bike")), kept("balance.csv", "rosa", b"year,assets\n2022,81200\n2023,84650\n")), react("bike oyku"))
b.say("05-08 19:00", "rosa", "Bank says yes :tada:", react("tada oyku tomasz ingrid"), edited())
b.notice("06-02 09:00", "bertil", "group_leave", "{who} has left the group")

w = WAGES
w.say("04-30 17:00", "rosa", "April: 11 people, 1,412 hours. Sheet attached.", files(lost("wages-2024-04.csv", "rosa", 4_211)))
w.reply("04-30 17:30", "amara", "Checked, two rounding cents found. They are in the biscuit tin.", react("joy rosa"))
w.say("05-31 17:00", "rosa", "May: 11 people, 1,438 hours.")

s = SURPRISE
s.notice("06-20 09:00", "rosa", "channel_convert_to_private", "{who} made this channel *private*")
s.say("06-20 09:05", "rosa", "Öykü turns forty on 5 July. She bakes for everybody. So who bakes *for her*?", react("cake noah mei jun amara"))
s.reply("06-20 09:20", "mei", "Me. Matcha, seven layers. @jun you whisk.", react("muscle jun", "brezn noah"))
s.reply("06-20 09:21", "jun", "I whisk!")
s.say("06-28 12:00", "noah", "I keep her busy with a flat tyre from two to four.", react("saluting_face rosa mei", "bike amara"))
s.reply("06-28 12:10", "amara", "She can mend a tyre in six minutes.", react("flushed noah"))
s.reply("06-29 08:00", "noah", "Two flat tyres.", react("joy rosa mei jun amara"))
s.say("07-05 21:10", "rosa", "She cried. Well done, all. :face_holding_back_tears:", react("heart noah mei jun amara", "spinny jun"))

m = MOVING
m.say("05-05 09:00", "rosa", "Boxes are in the hall, the van comes at ten")
m.reply("05-05 09:30", "sean", "The van IS here. The van IS the hall.", react("joy noah rosa"))
m.say("05-06 18:00", "noah", "All carried. Nobody mention the piano.")
m.notice("05-20 10:00", "rosa", "group_archive", "{who} archived the group", members=["U06ROSA0000", "U06SEAN0000", "U06NOAH0000"])
