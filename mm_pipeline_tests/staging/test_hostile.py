"""Exports that are broken, or were made to break: a sentence or a warning, the rest staged, never a traceback."""

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mm_pipeline.errors import AbortRun
from mm_pipeline.staging import ExportReader, export_workspace, preflight, stage

from .conftest import Base, message, person

DAY = "garden/2024-05-01.json"


def told(staged, *words):
    return [warning for warning in staged.warnings if all(word in warning for word in words)]


def test_an_export_without_anything_in_it_is_told_by_preflight(files, write):
    assert preflight(write(files)) == []
    assert len(preflight(write({"users.json": []}))) == 2


def test_what_is_no_message_is_a_failed_row_with_a_reason(base, files, write):
    files[DAY] = ["text", 7, None, [1], message("not a time"), message(None, "x"), message("3.0")]
    base.stage(write(files))
    rows = base.rows("message")
    assert {k: r["status"] for k, r in rows.items()} == {
        **{f"C0GARDEN:2024-05-01.json#{n}": "failed" for n in (0, 1, 3, 4, 5)},
        "C0GARDEN:3.0": "pending",
    }
    assert "no time (ts)" in rows["C0GARDEN:2024-05-01.json#4"]["error_message"]
    assert "garden/2024-05-01.json, entry 4" in rows["C0GARDEN:2024-05-01.json#4"]["error_message"]
    assert rows["C0GARDEN:2024-05-01.json#0"]["raw_data"] == {"unreadable": '"text"'}


def zeros(path, name, size):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as entry:
        for _ in range(size >> 20):
            entry.write(bytes(1 << 20))


def test_a_bomb_is_refused_before_it_is_unpacked(base, files, write):
    export = write(files)
    zeros(export, "garden/2024-05-02.json", 128 << 20)
    with pytest.raises(AbortRun, match="zip bomb"):
        base.stage(export)
    assert "zip bomb" in preflight(export)[0]


def test_a_bomb_among_the_uploads_is_refused_by_who_reads_it(base, files, write):
    export = write(files)
    zeros(export, "__uploads/F01/zeros.bin", 128 << 20)
    assert base.stage(export).seen["message"] == 1
    with ExportReader(export) as reader, pytest.raises(Exception, match="zip bomb"):
        reader.stream("__uploads/F01/zeros.bin")


@pytest.mark.parametrize("folder", [True, False])
def test_a_zipped_folder_with_a_macs_litter_is_read_as_its_contents(base, files, write, folder):
    wrapped = {f"My export/{name}": content for name, content in files.items()}
    wrapped |= {
        "__MACOSX/My export/._users.json": b"x",
        "My export/.DS_Store": b"x",
        "My export/garden/._2024-05-01.json": b"x",
    }
    staged = base.stage(write(wrapped, folder=folder))
    assert staged.seen == {"user": 3, "message": 1, "channel": 1}
    assert staged.warnings == []


def test_names_in_utf8_without_the_flag_are_read(base, files, write):
    files["channels.json"].append({"id": "C0UML", "name": "джулия"})
    export = write(files)
    with zipfile.ZipFile(export, "a") as archive:
        archive.writestr("@@@@@@@@@@@@/2024-05-01.json", json.dumps([message("2.0")]))
    export.write_bytes(export.read_bytes().replace(b"@@@@@@@@@@@@", "джулия".encode()))
    base.stage(export)
    assert "C0UML:2.0" in base.rows("message")


def test_absurd_sizes_go_through(base, files, write):
    # not to be compressed: an index takes long texts that repeat themselves
    long = "".join(f"{number * 7919:x}" for number in range(2_000))
    files["users.json"].append(person(f"U{long}", long))
    files["channels.json"].append({"id": f"C{long}", "name": "x"})
    files["emoji.json"] = {long: "https://example.com/x.png"}
    files["garden/2024-05-02.json"] = [
        message("2.0", "t" * 10_000_000, user="\U0001f331" * 9_000, reactions=[{"name": long, "users": [f"U{long}1"]}])
    ]
    files["x" * 200 + "/2024-05-01.json"] = [message("3.0")]
    staged = base.stage(write(files))
    assert staged.seen == {"user": 6, "message": 3, "reaction": 1, "channel": 3, "custom_emoji": 1}
    assert len(base.rows("message")["C0GARDEN:2.0"]["raw_data"]["text"]) == 10_000_000
    assert base.stage(write(files)).added == {}


def test_what_is_nested_too_deep_for_whoever_reads_the_row_is_left_out_of_it(base, files, write):
    files["garden/2024-05-02.json"] = b'[{"ts":"2.0","text":"seeds","x":' + b"[" * 700 + b"]" * 700 + b"}]"
    base.stage(write(files))
    stored = base.rows("message")["C0GARDEN:2.0"]["raw_data"]
    assert stored["text"] == "seeds"
    assert json.dumps(stored["x"]) == "[" * 99 + "null" + "]" * 99


def test_a_message_that_is_nested_too_deep_to_be_read_costs_only_itself(base, files, write):
    deep = b'[{"ts":"4.0","text":"[{"},{"ts":"5.0","x":' + b"[" * 90_000 + b"]" * 90_000 + b'},{"ts":"6.0"}]'
    files["garden/2024-05-03.json"] = deep
    base.stage(write(files))
    rows = base.rows("message")
    assert {"C0GARDEN:4.0", "C0GARDEN:6.0"} <= rows.keys()
    assert rows["C0GARDEN:2024-05-03.json#1"]["status"] == "failed"


@pytest.mark.parametrize("content", [b"[" * (33 << 20), b'[{"ts":"2.0"}' + b',{"x":' * (6 << 20)])
def test_a_file_too_large_for_memory_that_is_nested_absurdly_deep_is_told_at_once(base, files, write, content):
    files["garden/2024-05-02.json"] = content
    staged = base.stage(write(files, folder=True))
    assert len(told(staged, "2024-05-02.json", "nested too deep")) == 1
    assert len(base.rows("message")) == 1


def test_a_large_number_costs_no_message_of_a_file_too_large_for_memory(base, files, write):
    files[DAY] = json.dumps([message("1.0", "é" * 6_000_000, x=10**30), message("2.0")]).encode()
    assert len(files[DAY]) > 32 << 20
    base.stage(write(files, folder=True))
    assert base.rows("message").keys() == {"C0GARDEN:1.0", "C0GARDEN:2.0"}


def test_a_file_too_large_for_memory_is_streamed(base, files, write):
    files[DAY] = (
        b"\xef\xbb\xbf" + json.dumps([message(f"{n}.5", "é" * 2_000_000, x=1.5) for n in (1, 2, 3)] + ["odd"]).encode()
    )
    assert len(files[DAY]) > 32 << 20
    files["garden/2024-05-02.json"] = files[DAY][3:-30]
    # as a folder: so many equal letters would be a bomb in a zip
    staged = base.stage(write(files, folder=True))
    rows = base.rows("message")
    assert set(rows) == {"C0GARDEN:1.5", "C0GARDEN:2.5", "C0GARDEN:3.5", "C0GARDEN:2024-05-01.json#3"}
    assert rows["C0GARDEN:1.5"]["raw_data"]["x"] == 1.5
    assert len(told(staged, "2024-05-02.json", "not JSON from some place on")) == 1


def test_ids_that_collide_cost_one_row_not_the_staging(base, files, write):
    # a reaction of one message and a reaction of another with the same id, out of folder names made for it
    files["ab/1.json"] = [message("1.0", reactions=[{"name": "1.0:x", "users": ["U0BEN"]}])]
    files["ab:1.0/1.json"] = [message("1.0", reactions=[{"name": "x", "users": ["U0BEN"]}])]
    staged = base.stage(write(files, folder=True))
    assert staged.added["message"] == 3
    assert staged.added["reaction"] == 1


def test_the_workspace_is_the_most_common_team_else_a_name_that_stays(files, write):
    files["users.json"][0]["team_id"] = "T0OTHER"
    assert export_workspace(write(files)) == "T0FERN"
    for user in files["users.json"]:
        user["team_id"] = None
    assert export_workspace(write(files, "acme.zip")) == "acme"
    files["channels.json"][0]["is_general"] = True
    assert export_workspace(write(files)) == "C0GARDEN"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["U0ADA", "1.0", "C0GARDEN", "alias:x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def objects(*keys):
    return st.dictionaries(st.sampled_from(keys), json_values, max_size=8) | json_values


reaction = objects("name", "users", "count")
message_keys = (
    "ts",
    "user",
    "text",
    "thread_ts",
    "bot_id",
    "username",
    "comment",
    "user_profile",
    "bot_profile",
    "icons",
    "files",
    "file",
)
messages = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            **{key: json_values for key in message_keys},
            "ts": st.sampled_from(["1.0", "1.000100", "2.5", 3, 4.25]) | json_values,
            "files": st.lists(objects("id", "url_private", "user", "mode")) | json_values,
            "reactions": st.lists(reaction, max_size=3) | json_values,
        },
    )
    | json_values,
    max_size=6,
)
channel = objects("id", "name", "creator", "members", "is_private", "is_im", "is_mpim", "is_general")
exports = st.fixed_dictionaries(
    {"users.json": st.lists(objects("id", "team_id", "name", "profile", "deleted"), max_size=4)},
    optional={
        **{
            f"{name}.json": st.lists(channel, max_size=3) | json_values
            for name in ("channels", "groups", "dms", "mpims")
        },
        "emoji.json": st.dictionaries(st.text(), json_values, max_size=3) | json_values,
        "garden/1.json": messages,
        "garden/2.json": messages | json_values,
        "C0GARDEN/1.json": messages,
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(exports)
def test_any_json_of_about_the_right_shape_is_staged_twice_the_same(database, tmp_path, contents):
    base = Base(database)
    base.execute("TRUNCATE entities")
    archive = tmp_path / "any.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in contents.items():
            opened.writestr(name, json.dumps(content))
    first = stage(archive, base.connect)
    again = stage(archive, base.connect)
    assert (again.added, again.changed) == ({}, {})
    stored = dict(base.execute("SELECT entity_type, count(*) FROM entities GROUP BY 1"))
    assert stored == first.added
    doubled = (
        "SELECT channel_slack_id, create_at FROM entities WHERE entity_type = 'message' AND create_at IS NOT NULL "
        "GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert base.execute(doubled) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_in_its_files_never_raise_but_a_sentence(database, tmp_path, index, day):
    archive = tmp_path / "bytes.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("users.json", "[]")
        opened.writestr("channels.json", index)
        opened.writestr("emoji.json", index)
        opened.writestr("garden/1.json", day)
    stage(archive, Base(database).connect)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_zip_with_any_bytes_changed_never_raises_but_a_sentence(tmp_path_factory, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("users.json", json.dumps([person("U0ADA", "ada")]))
        opened.writestr("garden/1.json", json.dumps([message("1.0")]))
    broken = bytearray(buffer.getvalue())
    for at in data.draw(st.lists(st.integers(0, len(broken) - 1), max_size=4)):
        broken[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("zip") / "broken.zip"
    path.write_bytes(broken)
    assert all(isinstance(sentence, str) for sentence in preflight(path))
