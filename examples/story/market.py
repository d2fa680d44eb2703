"""What reaches the cooperative from outside: deliveries, the harbour market with its bridges and webhooks, other languages."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.marks import broadcast, edited, fields, files, mrkdwn, only_blocks, react, share, unfurl
from story.picture import JPEG, disc, png, waves
from story.places import DELIVERIES, DM_SHIFT, HARBOUR, OLIVES, QUIET, RECIPES_JA, RECIPES_RU
from story.shared import external, kept, lost

# --- deliveries: a bridge from text messages ---------------------------------------------------------------------------

d = DELIVERIES
d.notice("04-01 09:02", "noah", "channel_join", "{who} has joined the channel")
d.notice("04-01 09:03", "rosa", "channel_join", "{who} has joined the channel", inviter="U06NOAH0000")
d.notice("04-01 09:04", "noah", "channel_topic", "{who} set the channel topic: Rider on call: <@U06NOAH0000> :bike:", topic="Rider on call: <@U06NOAH0000> :bike:")
d.say("04-02 06:30", "noah", "Route today: school, café Lantern, ferry office, @amara at the shop. 46 loaves, one bike, no rain. :bike:", react("bike rosa amara", "sunny oyku"))
d.post("04-02 07:05", "sms", "Gate is open, leave it by the blue door", username="Café Lantern")
d.reply("04-02 07:06", "noah", "Left at the blue door!", react("white_check_mark amara"))
d.post("04-02 07:40", "sms", "we ordered 12 not 10", username="School kitchen")
d.reply("04-02 07:41", "amara", "So sorry, two more are coming.")
d.reply("04-02 07:44", "noah", "Turning round :sweat_smile:", react("muscle amara", "bike rosa"))
d.reply("04-03 07:30", "rosa", "I wrote the order down wrong, my fault.")
d.post("04-05 06:55", "sms", "Ferry is late. Bread can swim?", username="Ferry office")
d.reply("04-05 07:01", "noah", "Only the rye sinks.", react("joy amara rosa tomasz", "ocean oyku"))
d.post("04-12 07:10", "sms", "Thank you for waiting :)", username="Café Lantern")
d.post("04-19 07:10", "sms", "12 & 2 extra please <3", username="School kitchen")
bike = kept("bike.jpg", "noah", JPEG)
HARBOUR.say("05-25 07:00", "ingrid", "Look what stands at our stall today", files(bike), react("bike rosa"))
d.say("05-21 06:30", "noah", "The second cargo bike has arrived. It needs a name.", files(bike), react("tada rosa amara oyku tomasz", "bicyclist::skin-tone-5 amara"))
d.reply("05-21 06:41", "tomasz", "Bun Solo")
d.reply("05-21 06:42", "rosa", "Rye-der")
d.reply("05-21 06:44", "amara", "Pain au Chocolait", react("joy rosa noah tomasz"))
d.reply("05-22 06:00", "noah", "Bun Solo it is.", react("tada tomasz", "saluting_face rosa amara"))
d.say("06-13 06:10", "noah", "Signed delivery notes of the week", files(lost("notes week 24.pdf", "noah", 812_334), lost("notes week 24 back.pdf", "noah", 790_020)))
d.say("06-14 06:10", "noah", "And the film of the ducks that stopped me", files(lost("ducks.mov", "noah", 48_221_904)), react("duck sean"))
d.say("07-03 06:00", "noah", "Price list and the route: both in the drive",
      files(external("Price list 2024", "rosa", "https://docs.google.com/document/d/1InventedPriceList/edit", "gdrive"), external("Route", "noah", "https://docs.google.com/spreadsheets/d/1InventedRoute/edit#gid=0", "gdrive")))
d.say("07-04 06:00", "noah", "Map for new riders", files(external("map.geojson", "noah", "https://gist.example/noah/map", "gist")), react("world_map amara"))

# --- the market: two bridges, two webhooks -------------------------------------------------------------------------------

h = HARBOUR
h.notice("04-01 09:06", "ingrid", "channel_join", "{who} has joined the channel")
h.notice("04-01 09:07", "ingrid", "channel_topic", "{who} set the channel topic: Saturdays 8-13, stall 14. Ask <@U06INGRID00>", topic="Saturdays 8-13, stall 14. Ask <@U06INGRID00>")
h.post("04-06 05:00", "weather", "Saturday: 9 °C, wind *SW 5*, dry until noon", username="Harbour Weather", icons={"emoji": ":partly_sunny:"})
h.post("04-06 05:01", "tides", "High water 06:12 (1.8 m), low water 12:31")
h.say("04-06 06:00", "ingrid", "Dry until noon. Load for six hours, not for eight.", react("+1 rosa", "+1::skin-tone-4 amara"))
h.reply("04-06 13:30", "lucia", "All jam gone by eleven! All of it!", react("honey_pot walter", "tada ingrid rosa yusuf"))
h.reply("04-06 14:00", "walter", "And the honey. Somebody bought six jars & asked for my recipe.")
h.reply("04-06 14:05", "lucia", "You told them it was the bees?", react("joy walter ingrid", "bee walter"))
h.post("04-10 17:00", "matrix", "Is stall 13 free on Saturday? Asking for the knife grinder", username="Harbour Master (@hm:harbour.example)")
h.post("04-10 17:05", "matrix", "Thirteen is mine, I only look empty", username="Fish Olga (@olga:harbour.example)")
h.reply("04-10 17:06", "ingrid", "@sean can move his boat sign, then there is room between us.", react("thumbsup_all rosa"))
h.post("04-10 17:20", "matrix", "Thank you neighbours :wave:", username="Harbour Master (@hm:harbour.example)")
h.post("04-13 05:00", "weather", "Saturday: 11 °C, rain. Sorry.", username="Harbour Weather", icons={"emoji": ":rain_cloud:"})
h.post("04-13 05:01", "tides", "High water 11:20 (1.6 m), low water 17:31")
h.post("04-14 20:00", "irc", "anyone got a spare halyard", username="oldsalt")
h.post("04-14 20:01", "irc", "oldsalt: third locker, left of the kettle", username="captain_k")
h.post("04-14 20:09", "irc", "found it. and the kettle. ta", username="oldsalt")
h.reply("04-14 20:15", "sean", "The kettle is *ours*.", react("joy ingrid walter"))
h.post("04-20 13:05", "till", "", username="Till", attachments=[{"id": 1, "color": "36a64f", "title": "Day closed", "fallback": "Day closed: 842.10", "text": "Takings *842.10*\nBread 61 %, buns 39 %", "mrkdwn_in": ["text"]}])
h.post("04-27 13:04", "till", "", username="Till", attachments=[{"id": 1, "color": "36a64f", "title": "Day closed", "fallback": "Day closed: 910.00", "text": "Takings *910.00*", "mrkdwn_in": ["text"]}])
h.post("05-04 05:01", "tides", "High water 04:40 (2.1 m), low water 10:58. Mind the step.")
h.post("05-04 05:02", "weather", "", only_blocks({"type": "section", "text": mrkdwn("*Gale warning* from 15:00, <https://weather.example/gale|details>")}), username="Harbour Weather")
h.say("05-04 05:30", "ingrid", "You saw it @here: we pack up at two. :warning:", react("warning rosa yusuf lucia"))
h.say("05-18 09:00", "yusuf", "My stand is next to yours today, look for green bottles", files(kept("Ölstand – Übersicht.png", "yusuf", png(waves, [(60, 140, 80), (250, 240, 200)], 32))), react("wave ingrid"))
h.say("05-18 12:00", "lucia", "Labels for the new jars, tell me if you can read them", files(kept("etiqueta.png", "lucia", png(disc, [(250, 220, 160), (120, 20, 60)])), kept("etiqueta.png", "lucia", png(disc, [(250, 220, 160), (20, 20, 120)]), salt="second")), react("eyes ingrid"))
h.reply("05-18 12:30", "walter", "I can read them. I had to fetch my glasses first.")
h.reply("05-25 08:00", "lucia", "Bigger letters, then.", react("pray walter"))
early = h.say("06-01 07:00", "ingrid", "The big summer market is on, 64 stalls: https://harbour.example/summer", unfurl("https://harbour.example/summer", "Summer market", "Sixty-four stalls, one quay.", "Harbour"))
h.reply("06-01 07:30", "rosa", "I signed us up for two tables.", broadcast(early))
h.reply("06-08 07:30", "ingrid", "Two tables, three people, who comes?", broadcast(early))
h.reply("06-08 07:31", "amara", "Me, if there is coffee")
h.reply("06-09 10:00", "walter", "I come with the bees, no coffee needed.", broadcast(early), react("bee lucia"))
h.tombstone("06-15 14:00")
h.reply("06-15 14:10", "lucia", "Was that the photo of me asleep behind the jam?", react("joy walter ingrid"))
h.reply("06-15 14:11", "walter", "It was. It is gone. It is in my heart.")
offer = DM_SHIFT.say("06-20 20:00", "noah", "I can take the stall on Saturday, my cousin rides.")
h.say("06-20 20:30", "oyku", "Saturday is saved", share(DM_SHIFT, offer, "noah"), react("tada ingrid"))
h.notice("08-31 14:00", "walter", "channel_leave", "{who} has left the channel")
h.notice("08-31 15:00", "walter", "channel_join", "{who} has joined the channel", inviter="U06INGRID00")

# --- other languages -----------------------------------------------------------------------------------------------------

j = RECIPES_JA
j.notice("04-03 10:00", "mei", "channel_purpose", "{who} set the channel description: 和菓子とパン", purpose="和菓子とパン")
j.say("04-03 10:05", "mei", "あんパンのレシピです :bread:\n1. 小麦粉 300 g\n2. 砂糖 40 g\n3. 水 180 ml", files(kept("あんパン.txt", "mei", "小麦粉 300 g\n".encode())), react("yum_bread jun", "bread oyku"))
j.reply("04-03 10:20", "jun", "砂糖は本当に40gですか？", react("+1 mei"))
j.reply("04-03 10:21", "mei", "*はい*、40gです。")
j.reply("04-04 06:00", "oyku", "I understood “40 g” and the bread emoji. Delicious.", react("joy mei jun"))
j.say("05-11 18:00", "jun", "今日は抹茶メロンパンを焼きました", react("heart_eyes mei", "raised_hands::skin-tone-3 oyku"))
j.say("05-12 18:00", "mei", "“焼きました” is right, well done!", react("pray jun"))

u = RECIPES_RU
u.notice("04-06 09:00", "tomasz", "channel_join", "{who} has joined the channel")
u.say("04-06 09:05", "tomasz", "Бородинский хлеб: рожь, солод, кориандр. *Без спешки.*", react("100 oyku", "brezn rosa"))
u.reply("04-06 09:30", "oyku", "Сколько часов?")
u.reply("04-06 09:31", "tomasz", "Двадцать. Не спрашивай почему.", react("saluting_face oyku"))
u.say("06-22 09:00", "rosa", "_Спасибо_ за урок, @tomasz!", edited())

o = OLIVES
o.say("04-20 11:00", "yusuf", "Καλημέρα! Focaccia needs oil that *bites*: <https://oil.example/harvest?year=2023&press=2|second press, October>", unfurl("https://oil.example/harvest?year=2023&press=2", "Harvest 2023", "Two presses, one hill.", "Haddad Oil"))
o.reply("04-20 11:15", "oyku", "It bites. We are in love. :heart:", react("heart yusuf rosa"))
o.say("05-30 11:00", "amara", "12 bottles for the shop, please", react("white_check_mark yusuf"))
o.reply("06-02 09:00", "yusuf", "Delivered, with two for the kitchen", react("thx oyku amara"))
o.say("07-30 20:00", "rosa", "Is this the year of the great olive?", fields(client_msg_id="F00DBEEF-0000-4000-8000-000000000001"))

q = QUIET
q.say("04-07 22:40", "walter", "shh")
q.reply("04-08 07:00", "ingrid", "shh", react("shushing_face walter"))
