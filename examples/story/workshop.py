"""The workshop: code, very long texts, and everything else that formatting can do."""

# ruff: noqa: E501 - what people say is not wrapped
# fmt: off
from story.cast import slack_id
from story.marks import edited, fields, files, mrkdwn, only_blocks, react
from story.places import WORKSHOP
from story.shared import gone, kept, snippet

LOGGER = """import time

def watch(oven):
    while oven.temperature < 250 and not oven.door_open:
        time.sleep(30)   # & do not *touch* it
    return oven.temperature <= 260"""

PAGE = """<!DOCTYPE html>
<html lang="en">
  <body>Bread & butter</body>
</html>"""

w = WORKSHOP
w.notice("04-08 10:00", "adele", "channel_join", "{who} has joined the channel")
w.notice("04-08 10:01", "adele", "channel_name", '{who} has renamed the channel from "tech" to "1_workshop"', old_name="tech", name="1_workshop")
code = w.say("04-08 10:10", "sean", f"The oven logger. It has run for three days without me:\n```\n{LOGGER}\n```\nStart it with `python watch.py --door=closed`", react("muscle adele jun", "robot_face tomasz"))
w.pin(code, "adele")
w.reply("04-08 10:20", "adele", "Nice. `<=` in the last line or `<`?")
w.reply("04-08 10:21", "sean", "`<=`. At 261 it *really* is broken.", react("+1 adele", "+1::skin-tone-2 adele"))
w.say("04-18 15:00", "adele", f"New page for the shop window, first try:\n```\n{PAGE}\n```", react("eyes rosa"))
w.reply("04-18 15:10", "rosa", "Beautiful! What is a doctype?", react("sweat_smile adele"))
w.reply("04-19 09:00", "adele", "A promise that nobody keeps.", react("joy sean jun"))
w.say("04-26 11:00", "sean", "Old page, for comparison:\n```\n<!DOCTYPE html>\n<marquee>FRESH BREAD</marquee>\n```", react("heart rosa", "marquee adele"))
w.reply("04-26 11:05", "adele", "It needs one more thing:\n```\n<!DOCTYPE html>\n<blink>& BUTTER</blink>\n```", react("joy sean rosa"))
w.say("05-07 11:00", "tomasz", "The stone needs dressing every 400 h.\n> Lower the stone as if you lowered a sleeping child.\n> Then check the gap with paper.\nMy grandfather's words, not mine.", react("pray oyku"))
w.reply("05-07 11:10", "jun", "> with paper\nWhich paper?")
w.reply("05-07 11:12", "tomasz", "A *bread bill*. Unpaid.", react("joy jun rosa sean"))
w.say("05-09 11:00", "adele", "Backup plan:\n• every night\n    • photographs\n    • the ledger\n        • and the ledger of the ledger\n• every Sunday: all of it\n• restore test on {date 1719828000 {date_short_pretty}|1 July}", react("white_check_mark rosa"))
w.reply("07-01 10:30", "adele", "Restore test done, 14 minutes. ~Two~ no files lost.", react("tada rosa sean", "saluting_face jun"))
w.say("05-13 11:00", "jun", "What I did:\n1. unplugged it\n2. waited\nThen the phone rang.\n3. plugged it in\n4. it *worked*", react("brain sean", "melting_face adele"))
w.reply("05-13 11:05", "sean", "3. is the important one.")
w.say("05-15 11:00", "adele", "Next maintenance: {date 1716102000 {date_num} {time_secs}|2024-05-19 07:00:00}, about an hour. See #nowhere and #board for the plan.")
w.say("05-17 11:00", "jun", "Is `*not bold*` bold? And 2*3*4, snake_case_name, ~/oven, a_b_c?", react("thinking_face sean adele"))
w.say("05-27 14:00", "adele", "Labels: critical #cc0000, soon #e6a700, some day #808080", react("art mei"))
w.reply("05-27 14:05", "sean", "And `done` is #00aa44. @@stall can read, but not this small.")
w.say("06-03 14:00", "sean", "Snippet with the pump settings", files(snippet("pump.clj", "sean", "(defn pump [l]\n  (* l 0.26))\n")), react("robot_face adele"))
w.say("06-03 14:10", "sean", "Two more without a proper name", files(snippet("-.txt", "sean", "valve 3 is left-handed"), gone("oldvlv")))
w.say("06-05 14:00", "adele", "And the drawing I deleted by mistake, it was here", files(gone("plan01"), gone("plan02")))
w.say("06-10 14:00", "adele", "Call about the new meter in five minutes", fields(blocks=[
    {"type": "call", "block_id": "call1", "call_id": "R06METER000", "api_decoration_available": False,
     "call": {"v1": {"id": "R06METER000", "name": "New meter", "date_start": 1718038800, "date_end": 1718040600, "join_url": "https://call.example/j/731", "participants": [{"slack_id": "U06ADELE000"}, {"slack_id": "U06SEAN0000"}], "has_ended": True}}}]))
w.post("06-17 08:00", "tides", "", only_blocks({"type": "section", "text": mrkdwn("Pump ran `14` times. <!date^1718611200^{date_short} {time}|17 Jun 08:00> &amp; all is well <@U06SEAN0000>")}))
w.post("06-24 08:00", "tides", "Pump ran `11` times", edited("tides", 5))
w.post("07-01 08:00", "tides", "Pump ran `0` times :warning:", edited("tides", 8))
w.reply("07-01 08:05", "sean", "That is because I am holding it in my hands.", react("joy adele tomasz jun"))
w.put("07-15 09:00", {"user": "U06POLL0000", "bot_id": "B06POLL0000", "app_id": "A06POLL0000", "text": "Ballot 9 is open: <https://ballot.example/9>", "team": slack_id("T", "tide")})

# Texts longer than a Mattermost post (16,383 characters): whole lines, so that one can see where they were cut.
inventory = [f"{n}. Shelf {n:03}: {n % 7 + 1} boxes of *part {n * 37 % 1000:03}*, last counted by _{'Seán' if n % 2 else 'Adèle'}_" for n in range(1, 281)]
w.say("07-22 16:00", "sean", "The whole inventory, as promised:\n" + "\n".join(inventory), react("exploding_head adele jun", "saluting_face rosa"))
w.reply("07-22 16:30", "adele", "As *threatened*.", react("joy sean"))
log = "\n".join(f"2024-07-{n // 24 % 31 + 1:02} {n % 24:02}:00 oven={180 + n * 13 % 71} door={'open' if n % 9 == 0 else 'shut'} ok" for n in range(420))
w.say("07-29 16:00", "sean", f"July in the oven:\n```\n{log}\n```\nNothing happened. At all.", react("sleeping jun"))
speech = " ".join(f"{n} loaves left the oven before the clock had struck {n % 12 + 1}, and {n % 5 + 2} neighbours came to ask for more." for n in range(1, 330))
w.reply("08-02 09:00", "tomasz", f"My speech for the anniversary, tell me if it is too long: {speech}")
w.reply("08-02 09:30", "adele", "It is too long.", react("joy sean jun rosa"))
w.say("08-09 09:00", "jun", "Card reader works again", files(kept("reader.txt", "jun", b"Turned it round.\n")), react("tada amara", "kneading oyku"))
