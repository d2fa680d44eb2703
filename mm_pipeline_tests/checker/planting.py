"""How to plant a fault: SQL for the posts, people and channels of the garden; the caller gives its `mark`. Runs nothing."""

NOW = "(extract(epoch FROM now()) * 1000)::bigint"

#: SQL, and the classes in which a check of what it leaves must find it.
Planted = tuple[str, set[str]]


def the_post(said: str) -> str:
    """The post of this team, or of its people's direct channels, that holds these words."""
    return (
        "(SELECT posts.id FROM posts JOIN users ON users.id = posts.userid"
        f" WHERE posts.message LIKE '%%{said}%%' AND users.username LIKE '%%.' || %(mark)s)"
    )


def the_user(name: str) -> str:
    return f"(SELECT id FROM users WHERE username = '{name}.' || %(mark)s)"


def the_channel(name: str) -> str:
    return (
        f"(SELECT id FROM channels WHERE name = '{name}'"
        " AND teamid = (SELECT id FROM teams WHERE name = 'garden-' || %(mark)s))"
    )


COPIED = "createat, updateat, editat, deleteat, ispinned, userid, channelid, rootid, originalid, message, type, props"


def copy_of(said: str, **changed: str) -> str:
    """A second row of a post, with other values (SQL) in some columns."""
    values = ", ".join(changed.get(column, column) for column in COPIED.split(", "))
    return f"INSERT INTO posts (id, {COPIED}) SELECT reverse(id), {values} FROM posts WHERE id = {the_post(said)}"
