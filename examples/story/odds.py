"""What Slack has and people seldom see: canvases and lists in messages, odd blocks, notices of apps, conversations that share a name or their people."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.cast import SLACKBOT
from story.marks import fields, files, mrkdwn, only_blocks, plain, react
from story.places import BOARD, CAFE_ASCII, CAFE_CORNER, DM_GONE, MP_AUDIT, MP_NIGHT_AGAIN, RANDOM, WEBSITE, WORKSHOP
from story.shared import document, email

w = WORKSHOP
w.say("08-12 09:00", "adele", "The oven manual is a canvas now, the open repairs are a list", files(
    document("Oven manual", "adele", "quip", 9_310), document("Open repairs", "adele", "list", 2_048)), react("+1 sean"))
w.say("08-12 09:05", "sean", "And I wrote a post, like in the old days", files(
    document("How to light her", "sean", "space", 1_204, preview="<document><p>Open the flue.</p><p>Open the other flue.</p></document>")))
w.say("08-12 09:10", "adele", "The firm answered", files(email("Re: pump, again", "adele", "The part is on its way.\nReally.")))
w.say("08-12 09:15", "jun", "Minutes of the repair round", files(document("Repair round", "jun", "canvas", 700), document("Old minutes", "jun", "docs", 800)))
w.post("08-13 08:00", "tides", "", only_blocks(
    {"type": "video", "title": plain("Low water, filmed from the mole"), "title_url": "https://tides.example/low", "alt_text": "sand", "thumbnail_url": "https://tides.example/low.png", "video_url": "https://tides.example/low.mp4"},
    {"type": "markdown", "text": "**Low water** at `07:12`, see [the table](https://tides.example/table)"},
    {"type": "input", "label": plain("Which boat?"), "element": {"type": "plain_text_input", "action_id": "boat"}},
    {"type": "plan", "title": plain("Tomorrow"), "tasks": [{"title": "Scrape the keel"}, {"title": "Find the keel"}]}))
w.post("08-14 08:00", "tides", "", only_blocks(
    {"type": "context_actions", "elements": [{"type": "icon_button", "icon": "trash", "text": plain("Forget this tide"), "action_id": "forget"}]},
    {"type": "section", "text": mrkdwn("High water *13:31*"), "fields": [mrkdwn("*Wind*\nwest"), mrkdwn("*Sea*\nslight")], "accessory": {"type": "image", "image_url": "https://tides.example/gauge.png", "alt_text": "gauge"}}))
w.notice("08-20 10:00", "adele", "bot_remove", "removed an integration from this channel: <https://tidewater-coop.slack.com/services/B06TIDES000|tides>", bot_id="B06TIDES000")

r = RANDOM
r.notice("08-01 09:00", "marit", "channel_join", "{who} has joined the channel")
r.notice("08-01 09:01", "rosa", "shared_channel_invite", "shared this channel with Fjord Mill")
r.say("08-01 09:05", "amara", "who else thinks the new oven hums?")
r.put("08-01 09:06", {"subtype": "slackbot_response", "user": SLACKBOT, "text": "It hums in B flat."})
r.notice("08-02 12:00", "noah", "sh_room_created", "", room={"id": "R06HUM00000", "name": "Hum", "call_family": "call", "date_start": 1722610800, "participants": ["U06NOAH0000"]})
r.put("08-03 12:00", {"subtype": "app_conversation_leave", "user": "U06LEDGER00", "text": "<@U06LEDGER00> has left the conversation"})
r.notice("08-05 10:00", "sean", "bookmark_added", "added a bookmark: <https://tides.example|Tides>")
r.notice("08-06 10:00", "sean", "channel_tab_removed", "", tab_id="Ct06TIDES00")
r.notice("08-09 10:00", "rosa", "list_record_comment", "commented on *Find the keel* in a list")

b = BOARD
b.notice("08-01 08:00", "rosa", "group_name", '{who} has renamed the channel from "committee" to "board"', old_name="committee", name="board")

s = WEBSITE
s.notice("06-21 09:00", "rosa", "file_mention", "{who} mentioned a file: <https://tidewater-coop.slack.com/files/U06HANA0000/F06LOGO0000/logo.png|logo.png>")
s.say("06-21 09:10", "bertil", "Three visitors!", fields(subtype="reply_broadcast"))

# The other one of these two left before anybody can remember, and never wrote.
g = DM_GONE
g.say("03-03 19:00", "ingrid", "Will you come to the fair?")
g.say("03-10 19:00", "ingrid", "I keep you a bun.")

# Two channels that Slack told apart by an accent, two group conversations of the same four, one of more than Mattermost's eight.
c = CAFE_CORNER
c.say("05-02 09:00", "amara", "Two tables, six chairs, one corner. Who has a lamp?", react("+1 noah"))
c.reply("05-02 09:30", "noah", "A lamp, and half a table.")
d = CAFE_ASCII
d.say("05-03 09:00", "noah", "I made a channel before I saw the one with the accent")
d.say("05-03 09:02", "rosa", "Keep it. For the dishes.", react("joy noah amara"))
n = MP_NIGHT_AGAIN
n.say("06-01 23:00", "jun", "Same four, new week: who has the key?")
n.reply("06-01 23:01", "tomasz", "The door is open.", react("ghost jun mei"))
a = MP_AUDIT
a.say("09-02 18:00", "rosa", "All nine of us, please: the auditor comes on Monday. Wear aprons without holes.", react("scream oyku noah", "+1 adele tomasz"))
a.reply("09-02 18:10", "sean", "Mine is one hole.")
a.say("09-09 17:00", "rosa", "She had *two* buns and no questions.", react("tada oyku tomasz noah mei jun amara"))
