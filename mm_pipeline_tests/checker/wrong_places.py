"""Faults of people, channels, read state and emoji, and the classes in which they must be found."""

from mm_pipeline_tests.checker.planting import NOW, Planted, copy_of, the_channel, the_user

WRONG_PLACES: dict[str, Planted] = {
    "a wrong kind of channel": (f"UPDATE channels SET type = 'O' WHERE id = {the_channel('kitchen')}", {"kind"}),
    "a channel not archived": (f"UPDATE channels SET deleteat = 0 WHERE id = {the_channel('kitchen')}", {"archived"}),
    "a lost topic": (f"UPDATE channels SET header = 'Ask' WHERE id = {the_channel('beds')}", {"header"}),
    "a lost purpose": (f"UPDATE channels SET purpose = '' WHERE id = {the_channel('beds')}", {"purpose"}),
    "a word in a topic that nobody wrote": (
        f"UPDATE channels SET header = header || ' &amp;' WHERE id = {the_channel('beds')}",
        {"header"},
    ),
    "an extra member": (
        "INSERT INTO channelmembers (channelid, userid, msgcount, msgcountroot, mentioncount)"
        f" SELECT id, {the_user('carol')}, totalmsgcount, totalmsgcountroot, 0 FROM channels"
        f" WHERE id = {the_channel('kitchen')}",
        {"member"},
    ),
    "a lost member": (
        f"DELETE FROM channelmembers WHERE channelid = {the_channel('beds')} AND userid = {the_user('carol')}",
        {"member"},
    ),
    "a channel unread": (
        f"UPDATE channelmembers SET msgcount = msgcount - 1 WHERE userid = {the_user('bob')}",
        {"unread"},
    ),
    "a mention unread": (f"UPDATE channelmembers SET mentioncount = 1 WHERE userid = {the_user('bob')}", {"unread"}),
    "somebody deactivated": (f"UPDATE users SET deleteat = 7 WHERE id = {the_user('bob')}", {"person"}),
    "somebody still active": (f"UPDATE users SET deleteat = 0 WHERE id = {the_user('carol')}", {"person"}),
    "a bot that is a person": (f"DELETE FROM bots WHERE userid = {the_user('rain')}", {"bot"}),
    "a lost emoji": ("UPDATE emoji SET deleteat = 7 WHERE name = 'rose_' || %(mark)s", {"emoji"}),
    "a lost name": (f"UPDATE users SET firstname = '' WHERE id = {the_user('bob')}", {"profile"}),
    "a lost display name": (f"UPDATE users SET nickname = '' WHERE id = {the_user('bob')}", {"profile"}),
    "a lost title": (f"UPDATE users SET position = 'Shed' WHERE id = {the_user('bob')}", {"profile"}),
    "another language": (f"UPDATE users SET locale = 'en' WHERE id = {the_user('bob')}", {"profile"}),
    "another time zone": (
        "UPDATE users SET timezone = jsonb_set(timezone, '{useAutomaticTimezone}', '\"false\"')"
        f" WHERE id = {the_user('bob')}",
        {"profile"},
    ),
    "a direct channel that is not to be seen": (
        f"DELETE FROM preferences WHERE category = 'direct_channel_show' AND userid = {the_user('alice')}",
        {"hidden"},
    ),
    "a group channel that is not to be seen": (
        f"DELETE FROM preferences WHERE category = 'group_channel_show' AND userid = {the_user('alice')}",
        {"hidden"},
    ),
    "somebody outside of the team": (
        f"UPDATE teammembers SET deleteat = 7 WHERE userid = {the_user('bob')}",
        {"profile"},
    ),
    "somebody shown as present": (
        f"INSERT INTO status (userid, status, manual, lastactivityat) SELECT {the_user('bob')}, 'online', false, {NOW}"
        " ON CONFLICT (userid) DO UPDATE SET status = 'online'",
        {"presence"},
    ),
    "another display name of a channel": (
        f"UPDATE channels SET displayname = 'Flower beds' WHERE id = {the_channel('beds')}",
        {"name"},
    ),
    "another name of a channel": (
        f"UPDATE channels SET name = 'flowers' WHERE id = {the_channel('beds')}",
        {"name", "link"},
    ),
    "a channel that counts too few": (
        f"UPDATE channels SET totalmsgcount = totalmsgcount - 1 WHERE id = {the_channel('kitchen')}",
        {"total", "unread"},
    ),
    "a reaction without a picture": (
        "UPDATE emoji SET deleteat = 7 WHERE name = 'donkey' AND %(mark)s <> ''",
        {"emoji"},
    ),
}

#: What a migration leaves where no conversation went, and the class in which it is found when its beginning is known.
LEFT_ELSEWHERE: dict[str, Planted] = {
    "a notice of somebody put into the team": (
        copy_of("see the plan", createat=NOW, type="'system_add_to_team'", channelid=the_channel("town-square")),
        {"notice"},
    ),
    "a greeting of a bot": (
        "WITH chat AS (INSERT INTO channels (id, createat, deleteat, type, name) VALUES ('chat', 1, 0, 'D', 'a__b')) "
        + copy_of("rain", createat=NOW, type="'add_bot_teams_channels'", channelid="'chat'"),
        {"notice"},
    ),
    "a mention in the town square": (
        "UPDATE channelmembers SET mentioncount = 1"
        f" WHERE channelid = {the_channel('town-square')} AND userid = {the_user('bob')}",
        {"unread"},
    ),
    "a new administrator": (
        f"UPDATE users SET roles = 'system_user system_admin' WHERE id = {the_user('bob')}",
        {"profile"},
    ),
}
