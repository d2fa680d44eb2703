"""Faults of posts and of what hangs on them, and the classes in which they must be found."""

from mm_pipeline_tests.checker.planting import NOW, Planted, copy_of, the_channel, the_post, the_user
from mm_pipeline_tests.checker.slack_garden import LINK

WRONG_POSTS: dict[str, Planted] = {
    "a wrong author": (
        f"UPDATE posts SET userid = {the_user('bob')} WHERE id = {the_post('see the plan')}",
        {"author"},
    ),
    "a lost message": (f"DELETE FROM posts WHERE id = {the_post('first of two')}", {"missing", "total"}),
    "a lost reply": (
        f"DELETE FROM posts WHERE id = {the_post('Rows **two**')}",
        {"missing", "thread", "total", "link"},
    ),
    "a deleted reply": (
        f"UPDATE posts SET deleteat = 5 WHERE id = {the_post('Rows **two**')}",
        {"missing", "thread", "link"},
    ),
    "a lost direct message": (f"DELETE FROM posts WHERE id = {the_post('only for you')}", {"missing", "total"}),
    "a dropped word": (f"UPDATE posts SET message = 'Rows **two**' WHERE id = {the_post('Rows **two**')}", {"word"}),
    "a dropped word of a card": (
        f"UPDATE posts SET props = props - 'attachments' WHERE id = {the_post('rain')}",
        {"word"},
    ),
    "a mention of somebody else": (
        f"UPDATE posts SET message = replace(message, '@bob', '@alice') WHERE id = {the_post('Good morn')}",
        {"word"},
    ),
    "a dropped name of a bot": (
        f"UPDATE posts SET props = props - 'override_username' WHERE id = {the_post('rain')}",
        {"author"},
    ),
    "a shifted time": (f"UPDATE posts SET createat = createat + 1 WHERE id = {the_post('see the plan')}", {"time"}),
    "a rounded time": (
        f"UPDATE posts SET createat = createat - 3 WHERE id = {the_post('Rows **two**')}",
        {"time", "thread"},
    ),
    "the order lost": (f"UPDATE posts SET createat = 1700000030000 WHERE id = {the_post('second of two')}", {"time"}),
    "another channel": (
        f"UPDATE posts SET channelid = {the_channel('kitchen')} WHERE id = {the_post('second of two')}",
        {"place", "total"},
    ),
    "a reply made a root": (
        f"UPDATE posts SET rootid = '' WHERE id = {the_post('Rows **two**')}",
        {"root", "thread", "total"},
    ),
    "a reply under another root": (
        f"UPDATE posts SET rootid = {the_post('Good morn')} WHERE id = {the_post('what did you')}",
        {"root", "thread"},
    ),
    "a reply to a lost root made a root": (
        f"UPDATE posts SET rootid = '' WHERE id = {the_post('to an old question')}",
        {"root", "extra", "total"},
    ),
    "a pin lost": (f"UPDATE posts SET ispinned = false WHERE id = {the_post('Good morn')}", {"pinned"}),
    "a pin too many": (f"UPDATE posts SET ispinned = true WHERE id = {the_post('see the plan')}", {"pinned"}),
    "an edited mark lost": (f"UPDATE posts SET editat = 0 WHERE id = {the_post('late frost')}", {"edited"}),
    "a lost reaction": (f"DELETE FROM reactions WHERE postid = {the_post('Rows **two**')}", {"reaction"}),
    "a reaction without its tone": (
        f"UPDATE reactions SET emojiname = '+1' WHERE postid = {the_post('Good morn')} AND emojiname LIKE '+1%%'",
        {"reaction"},
    ),
    "a reaction by somebody else": (
        f"UPDATE reactions SET userid = {the_user('carol')} WHERE postid = {the_post('Rows **two**')}",
        {"reaction"},
    ),
    "a lost file": (f"DELETE FROM fileinfo WHERE postid = {the_post('see the plan')}", {"file"}),
    "a shorter file": (f"UPDATE fileinfo SET size = 3 WHERE postid = {the_post('see the plan')}", {"file"}),
    "a renamed file": (f"UPDATE fileinfo SET name = 'F1_.txt' WHERE postid = {the_post('see the plan')}", {"file"}),
    "a file that the post does not list": (
        f"UPDATE posts SET fileids = '[]' WHERE id = {the_post('see the plan')}",
        {"file"},
    ),
    "a file without bytes that nothing names": (
        f"UPDATE posts SET message = 'a file' WHERE id = {the_post('roses in june')}",
        {"file"},
    ),
    "a file without bytes whose address is lost": (
        f"UPDATE posts SET message = 'roses in june.jpg' WHERE id = {the_post('roses in june')}",
        {"file"},
    ),
    "an entity left over": (
        f"UPDATE posts SET message = message || ' &amp;' WHERE id = {the_post('see the plan')}",
        {"invented"},
    ),
    "a doubled post": (copy_of("see the plan"), {"double", "total"}),
    "a post doubled later": (copy_of("see the plan", createat="createat + 60000"), {"double", "total"}),
    "a post too many": (copy_of("see the plan", createat="1700000500000", message="'made up'"), {"extra", "total"}),
    "a join notice of the import": (
        copy_of("see the plan", createat=NOW, message="'added'", type="'system_add_to_channel'"),
        {"notice"},
    ),
    "a thread unread": (
        "INSERT INTO threadmemberships (postid, userid, following, lastviewed, lastupdated, unreadmentions)"
        f" VALUES ({the_post('Good morn')}, {the_user('alice')}, true, 0, 0, 0)"
        " ON CONFLICT (postid, userid) DO UPDATE SET lastviewed = 0",
        {"unread"},
    ),
    "a notice made a message": (
        f"UPDATE posts SET type = '' WHERE id = {the_post('set the channel')}",
        {"type", "word"},
    ),
    "a message made a notice": (
        f"UPDATE posts SET type = 'system_generic' WHERE id = {the_post('first of two')}",
        {"type"},
    ),
    "a notice about somebody else": (
        f"UPDATE posts SET props = jsonb_set(props, '{{username}}', '\"bob\"') WHERE id = {the_post('set the channel')}",
        {"type"},
    ),
    "a notice of another topic": (
        f"UPDATE posts SET props = jsonb_set(props, '{{new_header}}', '\"Ask\"') WHERE id = {the_post('set the channel')}",
        {"type", "word"},
    ),
    "an action made a message": (
        f"UPDATE posts SET type = '' WHERE id = {the_post('waters everything')}",
        {"type"},
    ),
    "an empty post": (f"UPDATE posts SET message = '' WHERE id = {the_post('roses in june')}", {"word", "file"}),
    "a post that nothing traces": (
        f"UPDATE posts SET props = props - 'slack_ts' WHERE id = {the_post('see the plan')}",
        {"origin"},
    ),
    "a post traced to another channel": (
        "UPDATE posts SET props = jsonb_set(props, '{slack_channel}', '\"C02\"')"
        f" WHERE id = {the_post('see the plan')}",
        {"origin"},
    ),
    "an edited mark of another time": (
        f"UPDATE posts SET editat = editat + 1 WHERE id = {the_post('late frost')}",
        {"edited"},
    ),
    "an edited mark too many": (f"UPDATE posts SET editat = 7 WHERE id = {the_post('see the plan')}", {"edited"}),
    "a link that still leads into Slack": (
        f"UPDATE posts SET message = replace(message, 'http://mm.example/garden-' || %(mark)s || '/pl/' || {the_post('Rows **two**')},"
        f" '{LINK}C01/p1700000020123456') WHERE id = {the_post('he said')}",
        {"slack link"},
    ),
    "a link to another post": (
        f"UPDATE posts SET message = replace(message, {the_post('Rows **two**')}, {the_post('late frost')})"
        f" WHERE id = {the_post('he said')}",
        {"link"},
    ),
    "a link to a channel that still leads into Slack": (
        f"UPDATE posts SET message = 'all of it: {LINK}C01' WHERE id = {the_post('all of it')}",
        {"slack link"},
    ),
    "a link to another channel": (
        f"UPDATE posts SET message = replace(message, 'beds', 'paths') WHERE id = {the_post('all of it')}",
        {"link"},
    ),
    "a link to what is not here gone": (
        f"UPDATE posts SET message = replace(message, '{LINK}C77', 'here') WHERE id = {the_post('he said')}",
        {"link"},
    ),
    "the rest of a long text lost": (
        f"DELETE FROM posts WHERE id = {the_post('bean1999')}",
        {"word", "thread", "total"},
    ),
    "the rest of a long text outside of its thread": (
        f"UPDATE posts SET rootid = '' WHERE id = {the_post('bean1999')}",
        {"word", "extra", "thread", "total"},
    ),
    "somebody shown under another name": (
        'UPDATE posts SET props = props || \'{"override_username": "Eve", "from_webhook": "true"}\''
        f" WHERE id = {the_post('see the plan')}",
        {"author"},
    ),
    "a name that nobody is shown": (
        f"UPDATE posts SET props = props - 'from_webhook' WHERE id = {the_post('rain')}",
        {"author"},
    ),
}
