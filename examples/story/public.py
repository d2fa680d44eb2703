"""The daily talk: general, random and the bakehouse."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.cast import SLACKBOT, Json
from story.marks import edited, fields, files, mrkdwn, only_blocks, permalink, plain, react, share, unfurl
from story.picture import disc, png, stripes, waves
from story.places import BAKEHOUSE, DM_MILL, GENERAL, HARBOUR, RANDOM
from story.scene import Mark
from story.shared import gone, hidden, kept, lost

FLOUR, CRUST = (250, 235, 215), (160, 82, 45)

# --- general ---------------------------------------------------------------------------------------------------------

g = GENERAL
for minute, who in enumerate(["rosa", "oyku", "tomasz", "noah", "mei", "ingrid", "jun", "amara", "sean"]):
    g.notice(f"04-01 09:{minute:02}:10.000200", who, "channel_join", "{who} has joined the channel")
g.notice("04-01 09:30", "adele", "channel_join", "{who} has joined the channel", inviter="U06ROSA0000")
g.notice("04-01 09:31", "rosa", "channel_purpose", "{who} set the channel description: For everybody in the cooperative.",
         purpose="For everybody in the cooperative.")
g.notice("04-01 09:32", "rosa", "channel_topic", "{who} set the channel topic: Open 07:00-14:00, closed on Mondays",
         topic="Open 07:00-14:00, closed on Mondays")
hello = g.say("04-01 09:40", "rosa", "Welcome to our new place, everybody! :tada: The paper notebook on the flour bin retires today.",
              react("tada oyku tomasz noah mei ingrid", "heart amara jun", "melting_face sean"))
g.reply("04-01 09:44", "tomasz", "The notebook will be missed. It had _character_.", react("joy rosa noah"))
g.reply("04-01 09:45", "sean", "It had butter on it.", react("joy tomasz rosa oyku", "saluting_face mei"))
g.reply("04-02 07:15", "oyku", "I found it this morning. I am using it as a door stop. :slightly_smiling_face:", react("+1::skin-tone-3 sean"))
house = g.say("04-01 10:02", "rosa", "House rules, short as always:\n1. Be kind\n2. Write it down, for example:\n    • what broke\n    • who fixed it\n"
              "        • and what it cost\n3. If it is urgent, *call*, do not write\nThat is all. @channel", react("+1 oyku noah", "white_check_mark ingrid"))
g.pin(house, "rosa")
g.notice("04-01 10:04", "rosa", "pinned_item", "{who} pinned a message to this channel.", item_type="C",
         attachments=[{"fallback": "House rules", "ts": house["ts"], "channel_id": g.id, "is_msg_unfurl": True, "text": house["text"]}])
g.say("04-03 18:20", "amara", "Till is counted: 1,204.50. Bread is sold out & two croissants left. First come <- first served -> kitchen shelf.",
      react("croissant noah"))
g.reply("04-03 18:22", "noah", "Served.")
g.reply("04-03 18:29", "jun", "Both of them?!")
g.reply("04-03 18:30", "noah", "I regret nothing :sweat_smile:", react("joy jun amara", "rolling_on_the_floor_laughing mei"))
g.say("04-05 08:00", "ingrid", "First market of the year tomorrow. Stall 14 as always, tides permitting. Details in #harbour-market")
g.say("04-05 08:03", "walter", "I'll bring the bees. Well, what they made. :bee: :honey_pot:", react("bee ingrid rosa lucia", "honey_pot oyku"))
g.notice("04-08 09:00", SLACKBOT, "welcome_party", "Say hello to your newest member <@U06YUSUF000>!", welcome_party_user_id="U06YUSUF000")
g.say("04-08 09:10", "yusuf", "Hello all, and thank you for having me! I press olive oil and I am *_very_* interested in your focaccia.",
      react("wave::skin-tone-2 oyku", "wave::skin-tone-5 amara", "wave rosa ingrid tomasz"))
g.reply("04-08 09:12", "oyku", "We must talk. @yusuf come by on any day before noon.")
g.reply("04-08 09:20", "yusuf", "Tomorrow it is :pray:", edited())
g.say("04-15 12:00", "priya", "Friends, I have a thing to tell. I'm moving to the mountains in May, to a bakery that is all rye. Thank you for nine good years. :heart:",
      react("heart rosa oyku tomasz noah mei ingrid jun amara sean adele", "face_holding_back_tears oyku jun", "broken_heart bertil"))
g.reply("04-15 12:04", "bertil", "Nine years, and she never once burned the cardamom buns.")
g.reply("04-15 12:06", "priya", "Twice. I ate the evidence.", react("joy bertil rosa oyku mei"))
g.reply("05-28 17:00", "rosa", "Last day today. Cake at five, all of you.", react("sourdough oyku", "levain tomasz"))
g.notice("05-31 12:00", "priya", "channel_leave", "{who} has left the channel")
g.say("05-02 07:01", "adele", "Passwords: please, not the name of the cat. I know the name of the cat. We *all* know the name of the cat. :cat:",
      react("cat rosa noah jun", "sweat_smile sean"), edited(seconds=20))
g.reply("05-02 07:30", "sean", "...I'll change it", react("saluting_face adele"))
g.put("05-06 14:00", {"user": SLACKBOT, "text": "Reminder: <@U06ROSA0000> asked me to remind <#C06GENERAL0|general> about the quarterly meeting."})
meeting = g.say("05-06 14:05", "rosa", "Quarterly meeting on {date 1715709600 {date_long} at {time}|14 May 2024 at 15:00}. @@ovens @@riders @@stall please all be there.",
                react("white_check_mark oyku tomasz noah mei ingrid jun amara sean adele yusuf"))
g.pin(meeting, "oyku")
g.reply("05-06 14:10", "tomasz", "The mill runs until four, I will be late and white.", react("+1 rosa", "+1::skin-tone-2 rosa", "+1::skin-tone-4 mei"))
g.put("05-14 15:00", {"subtype": "huddle_thread", "user": SLACKBOT, "text": "A huddle happened", "channel": g.id, "no_notifications": True,
      "room": {"id": "R06MEETING0", "name": "", "created_by": "U06ROSA0000", "date_start": 1715709600, "date_end": 1715713200, "has_ended": True,
               "participant_history": ["U06ROSA0000", "U06OYKU0000", "U06NOAH0000"], "call_family": "huddle"}})
g.say("05-14 17:00", "rosa", "Minutes in one breath: we keep the wood oven, we sell the van, we buy a *second cargo bike*. Vote was 11 : 1.",
      react("bike noah amara oyku", "old_van sean", "oven_on oyku tomasz"))
g.reply("05-14 17:03", "sean", "For the record, I was the one. That van starts in any weather :old_van:", react("joy rosa noah tomasz"))
g.reply("05-14 17:20", "noah", "It starts, yes. It is the _stopping_ that worries us.", react("joy rosa sean oyku", "thx amara"))
g.put("06-01 08:00", {"user": SLACKBOT, "subtype": "channel_canvas_updated", "text": "", "canvas_update_last_ts": "1717239600.000000",
      "blocks": [{"type": "rich_text", "block_id": "cv1", "elements": [{"type": "rich_text_section", "elements": [
          {"type": "user", "user_id": "U06ROSA0000"}, {"type": "text", "text": " updated the channel canvas: Opening hours"}]}]}]})
g.tombstone("06-04 13:00")
g.reply("06-04 13:02", "amara", "I saw that :eyes:", react("joy mei"))
g.reply("06-04 13:03", "mei", "What did it say?")
g.reply("06-04 13:05", "amara", "Never mind. It was about *raisins*.")
g.say("06-11 19:45", "jun", "Sunset from the mill roof tonight", files(kept("sunset.png", "jun", png(waves, [(250, 160, 90), (40, 60, 120)], 48))), react("ocean rosa walter sean"))
g.reply("06-11 19:50", "walter", "The bees approve.")
g.say("07-01 09:00", "adele", "Reading `&amp;` in a message? That is _one_ ampersand that was escaped twice. 3 < 5 && 5 > 3, and R&D stays R&D.")
g.say("07-20 22:50", "oyku", "Late shift, quiet streets, full moon. The date in your calendar may already say tomorrow somewhere.", react("tidewater rosa mei", "smörgås ingrid"))
g.reply("07-21 06:10", "tomasz", "Up before you are asleep. :bread:", react("levain oyku", "+1::skin-tone-6 oyku"))
g.notice("08-01 10:00", "adele", "channel_posting_permissions", "{who} changed who can post in this channel")
g.say("09-02 08:00", "rosa", "Half a year here. Thank you, all of you. :tidewater: :brezn:", react("tidewater oyku tomasz noah", "harbour ingrid", "canada jun", "smörgås mei"))

# --- random ----------------------------------------------------------------------------------------------------------

r = RANDOM
for second, who in enumerate(["rosa", "oyku", "noah"]):
    # The same moment for one person in several channels: when they joined the workspace.
    r.notice(f"04-01 09:0{'019'[second]}:10.000200", who, "channel_join", "{who} has joined the channel")
r.say("04-02 12:30", "noah", "What do you call a bread that tells jokes?")
r.reply("04-02 12:31", "jun", "wry", react("joy noah mei sean oyku", "face_palm::skin-tone-3 rosa"))
r.reply("04-02 12:31:50", "noah", "...you were not supposed to know that one", edited())
r.put("04-04 11:11", {"subtype": "me_message", "user": "U06SEAN0000", "text": "is watching the ducks instead of the oven"}, react("duck rosa noah"))
r.put("04-04 11:12", {"subtype": "me_message", "user": "U06OYKU0000", "text": "is watching <@U06SEAN0000>"})
r.put("04-04 11:13", {"subtype": "me_message", "user": "U06SEAN0000", "text": "puts the ducks back"})
r.reply("04-04 11:14", "noah", "They live there, Seán.", to=r.messages[-1])
r.say("04-10 20:05", "walter", "Swarm on the old pear tree tonight: https://bees.example/swarms?day=2024-04-10&tree=pear and nobody was stung.",
      unfurl("https://bees.example/swarms?day=2024-04-10&tree=pear", "What to do with a swarm", "Stay calm & call a keeper.", "Bees of the Bay"),
      react("bee ingrid rosa", "goose walter", "heart_hands lucia"))
r.reply("04-10 20:15", "ingrid", "Nobody yet", react("bee walter"))
r.say("04-16 10:00", "rosa", "A good long read on tidal mills: <https://mills.example/tidal|How the moon grinds flour>",
      unfurl("https://mills.example/tidal", "How the moon grinds flour", "Twice a day, for eight hundred years.", "Mills & Millers"))
r.say("04-16 10:20", "tomasz", "It is *exactly* right, except for the part about the moon.", react("shaking_face jun", "joy rosa oyku"))
wisdom = DM_MILL.say("04-16 19:30", "tomasz", "A stone is only as true as the one who dresses it, my grandfather said. He was drunk, but still.")
r.say("04-17 09:00", "rosa", "Too good for a direct message:", share(DM_MILL, wisdom, "tomasz"), react("joy oyku noah sean"))
r.say("04-22 21:30", "mei", "夜の海 :ocean: so quiet tonight", react("ocean rosa", "yuusuke walter"))
r.say("04-30 13:00", "sean", "Anyone for a row to the island on Sunday?", react("rowboat noah jun", "rowboat::skin-tone-4 amara", "heavy_plus_sign walter"))
r.reply("04-30 13:05", "noah", "Me!")
r.reply("04-30 13:40", "walter", "If there is room for a hive.")
r.reply("04-30 13:41", "sean", "There is no room for a hive.", react("joy noah jun ingrid"))
r.reply("05-05 18:00", "jun", "There was room for a hive. :boat_spin:", react("joy noah sean walter", "bee walter", "spinny noah"))
r.say("05-10 09:00", "jun", "First croissants that look like croissants!", files(lost("croissants.heic", "jun", 2_204_711), kept("my croissant.png", "jun", png(stripes, [FLOUR, CRUST]))),
      react("croissant oyku mei priya", "clap::skin-tone-2 oyku", "saluting_face noah"))
r.reply("05-10 09:20", "mei", "Layers! すごい！", react("sourdough jun"))
r.say("05-22 16:00", "noah", "Found this on an old phone", files(hidden("photo1"), hidden("photo2")))
r.say("05-23 08:00", "amara", "", files(hidden("photo3")))
r.say("05-24 08:00", "amara", "Wrong picture, sorry", files(gone("wrong1")))
r.say("06-18 15:00", "yusuf", "Is a hot dog a sandwich? Asking as a man of focaccia.", react("thinking_face rosa", "no_entry_sign oyku", "+1 noah", "-1 mei"))
r.reply("06-18 15:02", "oyku", "No.")
r.reply("06-18 15:03", "tomasz", "No.")
r.reply("06-18 15:03:30", "noah", "Yes :smiling_imp:", react("rage oyku"))
r.reply("06-18 15:10", "rosa", "This is how cooperatives end.", react("joy noah oyku tomasz yusuf mei", "100 sean"))
r.say("07-09 10:00", "ingrid", "Colour of the new shutters: #2673d9 or rather #a0522d ? The harbour master wants #3c8c50", react("blue_heart rosa", "brown_heart oyku", "green_heart walter"))
r.say("08-13 12:00", "marit", "Hello from the Fjord Mill! We share the #random channel with you now, do we not?", react("flag-no ingrid", "wave::skin-tone-2 rosa"))
r.reply("08-13 12:20", "ingrid", "Velkommen, @marit! Yes, we do.", react("moose marit"))
r.say("08-20 12:20", "grid", "Here for one day only, lovely bread.")
r.say("08-21 12:20", "forgotten", "Was I ever really here? :ghost:")

# --- the bakehouse ---------------------------------------------------------------------------------------------------

b = BAKEHOUSE
b.notice("04-01 09:01:10.000200", "oyku", "channel_join", "{who} has joined the channel")
b.notice("04-01 09:05", "oyku", "channel_name", '{who} has renamed the channel from "kitchen" to "bakehouse"', old_name="kitchen", name="bakehouse")
b.notice("04-01 09:06", "oyku", "channel_topic", "{who} set the channel topic: This week's starter keeper: <@U06JUN00000>", topic="This week's starter keeper: <@U06JUN00000>")
b.notice("04-01 09:08", "adele", "bot_add", "added an integration to this channel: <https://tidewater-coop.slack.com/services/B06TIMER000|Oven Timer>", bot_id="B06TIMER000")


def timer(when: str, text: str, *marks: Mark) -> Json:
    """The Oven Timer, a bot of today: it has a user."""
    profile = {"id": "B06TIMER000", "name": "Oven Timer", "app_id": "A06TIMER000", "deleted": False, "team_id": "T06TIDE0000"}
    return b.put(when, {"user": "U06TIMER000", "bot_id": "B06TIMER000", "app_id": "A06TIMER000", "text": text, "team": "T06TIDE0000", "bot_profile": profile}, *marks)


for day in ("04-02", "04-03", "04-04"):
    timer(f"{day} 05:00:00.000100", ":oven_on: Deck oven at 250 °C")
timer("04-05 05:00:00.000100", ":oven_on: Deck oven at 251 °C", edited("timer", 3))
bake = b.say("04-02 05:10", "oyku", "Plan for today: 60 tin loaves, 40 country, 24 baguettes. @jun you are on scales, @mei on lamination.", react("+1 jun mei"))
b.reply("04-02 05:12", "jun", "On it :muscle:")
b.reply("04-02 06:40", "jun", "Scales say 812 g. Is that still a _country loaf_?")
b.reply("04-02 06:41", "oyku", "It is a *generous* country loaf.", react("joy jun mei"))
b.say("04-09 05:30", "jun", "How I feed the starter, please correct:\n1. Take 50 g of old starter\n2. Add flour:\n    1. 40 g wheat\n    2. 10 g rye\n3. 50 g water at 26 °C\nWait four hours, then\n4. Float test\n5. Bake or feed again",
      react("starter oyku", "levain tomasz", "100 priya"))
b.reply("04-09 05:41", "priya", "> 50 g water at 26 °C\n> Float test\nWarmer in winter: 28. And the float test lies when there is rye in it.", react("+1 jun oyku"))
b.reply("04-09 05:44", "jun", "Noted! ~26~ 28 in winter.")
b.say("04-09 11:00", "tomasz", "New flour is in: 20 sacks T80. Ash 0.82, protein 12.1 %. Certificate attached, the mill's log too.",
      files(kept("certificate T80.txt", "tomasz", b"Ash 0.82 %\nProtein 12.1 %\nMilled on 8 April 2024\n"), kept("mill-log.csv", "tomasz", b"hour,kg\n06,120\n07,140\n08,135\n")), react("muscle noah"))
b.reply("04-09 11:30", "oyku", "12.1 is a lot. We will need *more water* in everything.", react("ocean jun"))
b.say("04-12 06:00", "mei", "Butter is 2 °C too warm. Croissants one hour late, sorry @here", react("snowflake oyku", "melting_face jun amara"))
b.say("04-12 06:02:07.123400", "oyku", "No harm.")
b.say("04-12 06:02:07.123900", "amara", "I'll tell the queue.")
b.say("04-12 06:02:07.124100", "noah", "I'll tell the bike.")
b.say("04-19 05:15:00.000100", "jun", "Good morning!")
b.say("04-19 05:15:00.000200", "mei", "Good morning!")
b.say("04-19 05:15:00.000300", "amara", "Good morning!", react("sunny jun mei"))
b.say("04-23 07:00:30.500100", "jun", "ok")
b.say("04-23 07:00:30.500200", "jun", "ok")
b.notice("04-24 05:00", SLACKBOT, "reminder_add", "{who} set up a reminder “clean the proofer” in this channel at 14:00 every Wednesday.")
# Polls: all they say is in blocks.
b.post("04-25 10:00", "poll", "", only_blocks(
    {"type": "header", "text": plain("Which bread for the festival?")},
    {"type": "context", "elements": [mrkdwn(":gear: Anonymous vote"), plain("closes at noon")]},
    {"type": "section", "text": mrkdwn(":one: *Rye with walnuts*   `5`"), "accessory": {"type": "button", "action_id": "v1", "text": plain(":one:")}},
    {"type": "section", "text": mrkdwn(":two: Potato bread &amp; chives   `3`"), "accessory": {"type": "button", "action_id": "v2", "text": plain(":two:")}},
    {"type": "divider"},
    {"type": "actions", "elements": [{"type": "button", "action_id": "close", "text": plain("Close"), "url": "https://ballot.example/close"}]},
    {"type": "context", "elements": [mrkdwn("Asked by <@U06AMARA000> with /ballot")]}), edited("poll", 700), react("one rosa oyku"))
b.reply("04-25 10:03", "oyku", "Walnuts, obviously.", react("chestnut tomasz"))
b.post("04-26 10:00", "poll", "", only_blocks(
    {"type": "section", "fields": [mrkdwn("*Winner*\nRye with walnuts"), mrkdwn("*Votes*\n5 of 8")]},
    {"type": "image", "image_url": "https://ballot.example/chart.png", "alt_text": "Bars: five and three", "title": plain("Result")}))
b.post("04-27 10:00", "poll", "", only_blocks({"type": "section", "text": mrkdwn("The vote is *closed*. Thanks to <!channel>, see <https://ballot.example/7|ballot 7>.")}))
b.say("05-03 05:20", "oyku", "Pictures of all twelve shapes for the new price list, in order. Say if one is ugly.",
      files(*[kept(f"shape-{n:02}.png", "oyku", png((disc, stripes, waves)[n % 3], [FLOUR, (90 + 12 * n, 60 + 8 * n, 40)])) for n in range(1, 13)]),
      react("heart mei jun", "croissant amara"))
b.reply("05-03 05:50", "mei", "Number seven is ugly.", react("joy oyku"))
b.reply("05-03 05:52", "oyku", "Number seven is *yours*.", react("joy jun noah amara", "face_with_peeking_eye mei"))
b.say("05-16 05:00", "oyku", "Shifts for the week:", fields(blocks=[
    {"type": "rich_text", "block_id": "tb0", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Shifts for the week:"}]}]},
    {"type": "table", "block_id": "tb1", "column_settings": [{"is_wrapped": True}, {"align": "right"}], "rows": [
        [{"type": "raw_text", "text": "Who"}, {"type": "raw_text", "text": "Hours"}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "user", "user_id": "U06MEI00000"}]}]}, {"type": "raw_text", "text": "32"}],
        [{"type": "raw_text", "text": "Jun | scales"}, {"type": "raw_text", "text": "24"}]]}]))
b.say("05-20 05:00", "jun", "Oven manual, page 1", fields(blocks=None), files(kept("manual.txt", "jun", b"Page 1: do not panic.\n")))
b.say("05-20 05:01", "jun", "Oven manual, page 2: what to do when you panicked", fields(blocks=None, attachments=None))
b.say("05-20 05:02", "jun", "Oven manual, page 3 is with @sean", fields(blocks=None))
b.tombstone("06-06 08:00")
b.reply("06-06 08:01", "jun", "It happens to everyone @mei", react("heart mei"))
b.reply("06-07 05:00", "oyku", "Charcoal is *also* a product.", react("joy mei jun", "muscle::skin-tone-2 noah"))
b.say("06-12 05:00", "oyku", f"As I said in {permalink(b, bake)} - generous is fine, 900 g is not.", react("+1 jun"))
b.say("06-20 09:00", "ingrid", f"Rules again, since people ask: <{permalink(g, house)}|house rules>")
b.say("07-02 05:30", "mei", "For the record, lamination: `27` layers, not `81`. See also https://tidewater-coop.slack.com/archives/C06BAKEHOUS/p1714716000000000?thread_ts=1714716000.000000&cid=C06BAKEHOUS", react("nerd_face jun"))
b.notice("07-05 05:30", "priya", "channel_leave", "{who} has left the channel")
b.notice("07-06 05:30", "walter", "channel_leave", "{who} has left the channel")
b.put("07-08 06:00", {"user": SLACKBOT, "text": "", "channel": b.id, "permalink": "https://tidewater-coop.slack.com/call/R06DOUGH000", "no_notifications": False,
      "room": {"id": "R06DOUGH000", "name": "Dough clinic", "date_start": 1720429200, "date_end": 1720430100,
               "participant_history": ["U06OYKU0000", "U06JUN00000"], "call_family": "huddle"}})
b.put("07-09 06:00", {"user": SLACKBOT, "subtype": "channel_tab_added", "text": "", "tab_id": "Ct06MANUAL0", "tab_added_user_id": "U06OYKU0000",
      "blocks": [{"type": "rich_text", "block_id": "tab", "elements": [{"type": "rich_text_section", "elements": [
          {"type": "user", "user_id": "U06OYKU0000"}, {"type": "text", "text": " added the tab "}, {"type": "text", "text": "Oven manual", "style": {"bold": True}}]}]}]})
b.post("08-05 18:00", "ledger", "Flour used this week: *412 kg* (plan 400 kg)", username="Flour Ledger", icons={"emoji": ":ledger:"}, attachments=[
    {"id": 1, "color": "2eb886", "fallback": "wheat 301 kg, rye 111 kg", "pretext": "By kind", "title": "Week 31", "fields": [
        {"title": "Wheat", "value": "301 kg", "short": True}, {"title": "Rye", "value": "111 kg", "short": True}], "footer": "Ledger", "ts": 1722891600}])
b.reply("08-05 18:10", "tomasz", "412! We are _famous_.", react("muscle oyku", "pink_heart rosa"))
b.post("08-12 18:00", "ledger", "Flour used this week: *398 kg*", username="Flour Ledger", icons={"emoji": ":ledger:"})
b.say("08-14 05:00", "oyku", "Who moved the peel? <tel:+19025550134|902-555-0134> if it is at your home. Or mail oven+peel@tidewater.example, no questions asked.", react("innocent sean"))
peel = b.reply("08-14 05:30", "sean", "sean@tidewater.example is not my address, but the peel is in my boat.", react("joy oyku jun noah", "rowboat::skin-tone-2 sean"))
b.reply("08-14 05:31", "oyku", "WHY", react("eyes mei"))
HARBOUR.say("08-14 12:00", "rosa", "Has anybody seen this?", share(b, peel, "sean"), react("rowboat sean"))
b.say("09-03 05:00", "jun", "One year an apprentice today. Thank you @oyku, @mei and whoever wrote page 3. Mail me at jun@tidewater.example for leftover buns.", react("tada oyku mei rosa", "raised_hands::skin-tone-2 tomasz", "heart_hands oyku"))
