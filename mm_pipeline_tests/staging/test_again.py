"""Staging again: the same export, a newer one, a poorer one, and after a crash."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile

import psycopg
import pytest

from mm_pipeline.errors import AbortRun
from mm_pipeline.staging import stage

from .conftest import message

DAY = "garden/2024-05-01.json"
SNAPSHOT = "SELECT id, xmin::text, ctid::text, updated_at, raw_hash, status FROM entities ORDER BY id"


def full(files):
    files[DAY] = [
        message("1.0", "one", files=[{"id": "F01", "name": "a.png"}], reactions=[{"name": "tada", "users": ["U0BEN"]}]),
        message("1.000400", "two", user="U0GHOST"),
        {"type": "message", "text": "no time"},
    ]
    files["emoji.json"] = {"moss": "alias:fern", "fern": "https://emoji.slack-edge.com/fern.png"}
    files["orchard/2024-05-01.json"] = [message("5.0", "unlisted folder")]
    return files


@pytest.mark.parametrize("read_again", [False, True], ids=["known by its fingerprint", "read again"])
def test_the_same_export_again_changes_nothing(base, files, write, read_again):
    export = write(full(files))
    first = base.stage(export)
    before = base.execute(SNAPSHOT)
    again = base.stage(export, again=read_again)
    assert again.seen == first.seen == first.added
    assert (again.added, again.changed) == ({}, {})
    assert base.execute(SNAPSHOT) == before


def test_an_export_that_changed_under_its_name_is_read(base, files, write):
    export = write(files)
    base.stage(export)
    with zipfile.ZipFile(export, "a") if export.is_file() else contextlib.nullcontext() as packed:
        day = json.dumps([message("77.000000", "added since")])
        if packed:
            packed.writestr("orchard/2024-06-01.json", day)
        else:
            (export / "orchard").mkdir(exist_ok=True)
            (export / "orchard" / "2024-06-01.json").write_text(day)
    assert base.stage(export).added["message"] == 1


def test_other_spelling_of_the_same_json_and_fresh_tokens_change_nothing(base, files, write):
    url = "https://files.slack.com/f/a.png"
    files[DAY] = [message("1.0", "é", files=[{"id": "F01", "url_private": f"{url}?t=xoxe-1"}])]
    base.stage(write(files))
    before = base.execute(SNAPSHOT)
    files[DAY] = (
        f'[ {{"files":[{{"url_private":"{url}?t=xoxe-2","id":"F01"}}],"ts":"1.0","text":"é",'.replace("/", "\\/")
        + '"user":"U0ADA","type":"message"} ]'
    ).encode()
    assert base.stage(write(files)).changed == {}
    assert base.execute(SNAPSHOT) == before
    assert base.execute("SELECT count(*) FROM export_tokens") == [(2,)]


def test_a_newer_export_adds_what_is_new_updates_what_changed_and_deletes_nothing(base, files, write):
    base.stage(write(full(files)))
    base.execute("UPDATE entities SET status = 'success', mattermost_id = 'm', sent_hash = raw_hash")
    del files[DAY], files["emoji.json"]
    files["users.json"].pop()
    files["garden/2024-05-02.json"] = [
        message("1.000400", "two, edited", user="U0GHOST", edited={"ts": "9.0"}),
        message("9.0", "new", user="U0BEN"),
    ]
    staged = base.stage(write(files))
    assert (staged.added, staged.changed) == ({"message": 1}, {"message": 1})
    rows = base.rows("message")
    edited = rows["C0GARDEN:1.000400"]
    assert edited["raw_data"]["text"] == "two, edited"
    assert (edited["status"], edited["mattermost_id"], edited["create_at"]) == ("success", "m", 1001)
    assert edited["raw_hash"] != edited["sent_hash"]
    assert edited["updated_at"] > edited["created_at"]
    assert edited["sent_data"]["text"] == "two"
    files["garden/2024-05-02.json"][0]["text"] = "two, edited again"
    base.stage(write(files))
    assert base.rows("message")["C0GARDEN:1.000400"]["sent_data"]["text"] == "two", "what was sent, not what was staged"
    assert rows["C0GARDEN:9.0"]["status"] == "pending"
    assert "C0GARDEN:1.0" in rows
    assert len(base.rows("user")) == 5
    assert len(base.rows("custom_emoji")) == 2


def test_a_poorer_export_takes_nothing_away(base, files, write):
    files[DAY] = [
        message("1.0", "words", blocks=[{"type": "rich_text"}], files=[{"id": "F01", "name": "a.png", "size": 7}]),
        message("2.0", "will be deleted"),
    ]
    base.stage(write(files))
    before = base.execute(SNAPSHOT)
    del files["users.json"][0]["profile"]["email"]
    files["users.json"][1]["profile"]["email"] = ""
    files["channels.json"][0]["members"] = []
    files[DAY] = [
        message("1.0", "words", files=[{"id": "F01", "mode": "hidden_by_limit"}]),
        message("2.0", "This message was deleted.", user="USLACKBOT", subtype="tombstone", hidden=True),
    ]
    staged = base.stage(write(files))
    assert staged.changed == {}
    assert "Deleted in Slack since it was staged: 1 message. What is here stays." in staged.warnings
    assert [row for row in base.execute(SNAPSHOT) if row in before] == before


def test_a_new_text_is_not_read_with_the_blocks_of_the_old_one(base, files, write):
    files[DAY] = [message("1.0", "old words", blocks=[{"type": "rich_text"}], team="T0FERN")]
    base.stage(write(files))
    files[DAY] = [message("1.0", "new words")]
    base.stage(write(files))
    assert base.rows("message")["C0GARDEN:1.0"]["raw_data"] == message("1.0", "new words", team="T0FERN")


def test_a_person_first_known_from_messages_becomes_who_they_are_once_listed(base, files, write):
    cleo = files["users.json"].pop()
    files[DAY] = [message("1.0", user="U0CLEO", user_profile={"name": "cl", "real_name": "C."})]
    base.stage(write(files))
    assert base.rows("user")["U0CLEO"]["raw_data"]["unlisted"] is True
    files["users.json"].append(cleo)
    base.stage(write(files))
    assert base.rows("user")["U0CLEO"]["raw_data"] == cleo
    files["users.json"].pop()
    base.stage(write(files))
    assert base.rows("user")["U0CLEO"]["raw_data"] == cleo


@pytest.mark.parametrize("listed_first", [True, False])
def test_a_channel_that_enters_or_leaves_the_index_stays_one_channel(base, files, write, listed_first):
    index = files["channels.json"]
    unlisted = {**files, "channels.json": []}
    exports = [files, unlisted] if listed_first else [unlisted, files]
    for export in exports:
        base.stage(write(export))
    assert list(base.rows("channel")) == (["C0GARDEN"] if listed_first else ["folder:garden"])
    assert len(base.rows("message")) == 1
    assert next(iter(base.rows("channel").values()))["raw_data"]["id"] == index[0]["id"]


def test_two_workspaces_do_not_touch_each_other(base, files, write):
    base.stage(write(files))
    assert base.stage(write(files), "other").added == {"user": 3, "channel": 1, "message": 1}


def test_a_staging_that_is_killed_leaves_nothing_and_the_next_one_is_whole(base, files, write):
    files[DAY] = [message(f"{n}.0", "x" * 500) for n in range(1, 20001)]
    export = write(files)
    code = (
        "import psycopg, sys; from mm_pipeline.staging import stage;"
        "stage(sys.argv[1], lambda: psycopg.connect(sys.argv[2], autocommit=True))"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(export), base.url])
    copying = (
        "SELECT count(*) FROM pg_stat_progress_copy WHERE tuples_processed > 1000 AND datname = current_database()"
    )
    while base.execute(copying) == [(0,)] and child.poll() is None:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert base.execute("SELECT count(*) FROM entities") == [(0,)]
    assert base.stage(export).added["message"] == 20000


def test_postgresql_going_away_is_one_sentence(base, files, write):
    files[DAY] = [message(f"{n}.0", "x" * 500) for n in range(1, 20001)]

    def connect():
        connection = base.connect()
        kill = f"SELECT pg_terminate_backend({connection.info.backend_pid})"
        threading.Timer(0.05, base.execute, [kill]).start()
        return connection

    with pytest.raises(AbortRun, match="Run the same command again"):
        stage(write(files), connect)
    assert base.execute("SELECT count(*) FROM entities") == [(0,)]


def test_two_stagings_at_once_give_one_set_of_rows(base, files, write):
    files[DAY] = [message(f"{n}.0") for n in range(1, 3001)]
    export = write(files)
    found = []
    threads = [threading.Thread(target=lambda: found.append(base.stage(export))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(staged.added.get("message", 0) for staged in found) == [0, 0, 3000]


def test_memory_does_not_grow_with_the_export(database, files, write):
    code = (
        "import psycopg, re, sys; from pathlib import Path; from mm_pipeline.staging import stage;"
        "stage(sys.argv[1], lambda: psycopg.connect(sys.argv[2], autocommit=True), sys.argv[3]);"
        # not ru_maxrss, which a child inherits
        "print(re.search('VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    peaks = []
    for days in (2, 40):
        for day in range(days):
            files[f"garden/day-{day:03}.json"] = [
                message(f"{day * 1000 + n + 1}.000001", "x" * 800) for n in range(1000)
            ]
        command = [sys.executable, "-c", code, str(write(files)), database, f"w{days}"]
        peaks.append(int(subprocess.check_output(command, env=os.environ)))
    assert peaks[1] - peaks[0] < 15_000  # KiB, over 38,000 messages of 30 MB
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM entities WHERE workspace = 'w40'").fetchone() == (40005,)
