"""What is written beside the page: the same for programs and spreadsheets, whole, without a secret."""

import csv
import io
import json
import re
import stat
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from mm_pipeline.db.database import Database
from mm_pipeline.db.entity_store import EntityStore
from mm_pipeline.definitions import SETTINGS, resources
from mm_pipeline.errors import PipelineError
from mm_pipeline.mattermost.fresh_server import FreshServer
from mm_pipeline.model import EntityType
from mm_pipeline.report.document import Document, earlier_seen, without_secrets
from mm_pipeline.report.page import told_name
from mm_pipeline.report.password_resets import Reset
from mm_pipeline.report.plots import plots
from mm_pipeline.report.rows import NotThere, Rows
from mm_pipeline.report.signature import signature
from mm_pipeline.report.tables import months_of
from mm_pipeline.report.written import write_report
from mm_pipeline.resources import settings_told
from mm_pipeline_tests.report.documents import JUNE, a_document
from mm_pipeline_tests.rows import WORKSPACE, add_row


def test_page_json_and_tables_say_the_same(tmp_path: Path) -> None:
    made = a_document(120)
    page = write_report(made, tmp_path / "a folder" / "report").page
    folder = page.parent
    assert {file.name for file in folder.iterdir()} == {
        "report.html",
        "report.json",
        "channels.csv",
        "lost.csv",
        "months.csv",
        "names.csv",
        "not-there.csv",
        "password-resets.csv",
        "types.csv",
    }
    assert msgspec.json.decode((folder / "report.json").read_bytes(), type=Document) == made
    rows = list(csv.DictReader(io.StringIO((folder / "not-there.csv").read_text(encoding="utf-8"))))
    assert [row["Slack id"] for row in rows] == [row.slack_id for row in made.not_there]
    assert [row["time (UTC)"] for row in rows[:3]] == ["2024-06-01 10:00:00", "", "2024-06-01 10:02:00"]
    months = list(csv.DictReader(io.StringIO((folder / "months.csv").read_text(encoding="utf-8"))))
    assert sum(int(month["in Slack"]) for month in months) == sum(month.staged for month in made.months)
    assert sum(int(month["in Mattermost"]) for month in months) == sum(month.there or 0 for month in made.months)
    channels = list(csv.DictReader(io.StringIO((folder / "channels.csv").read_text(encoding="utf-8"))))
    assert [channel["missing"] for channel in channels] == ["1"] * 14
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert earlier_seen(folder / "report.json") == made.seen


def test_plots_that_are_drawn_already_are_those_of_the_page(tmp_path: Path) -> None:
    made = a_document(120)
    drawn = plots(months_of(made.months, made.labels))
    before = write_report(made, tmp_path / "drawn before", drawn).page
    assert before.read_bytes() == write_report(made, tmp_path / "drawn now").page.read_bytes()
    assert drawn[0].wide in before.read_text(encoding="utf-8")


def test_counts_are_whole_numbers_also_where_one_is_not_known(tmp_path: Path) -> None:
    folder = write_report(a_document(), tmp_path).page.parent
    lost = list(csv.DictReader(io.StringIO((folder / "lost.csv").read_text(encoding="utf-8"))))
    assert [one["times"] for one in lost] == ["1", ""]


def test_columns_are_called_alike_in_the_page_and_in_the_files_beside_it(tmp_path: Path) -> None:
    page = write_report(a_document(), tmp_path).page

    def heads_of(name: str) -> list[str]:
        return next(csv.reader(io.StringIO((tmp_path / f"{name}.csv").read_text(encoding="utf-8"))))

    text = page.read_text(encoding="utf-8")
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    shown = {
        name.replace("resets", "password-resets"): [head for _, head, _ in table["columns"]]
        for name, table in json.loads(data).items()
    }
    for section, name in (("against", "months"), ("statuses", "types"), ("lost", "lost")):
        chapter = text.partition(f'<section id="{section}">')[2].partition("</section>")[0]
        shown[name] = re.findall(r"<th(?: [^>]*)?>(.*?)</th>", chapter)
    assert len(shown) == 7
    for name, heads in shown.items():
        assert set(heads) <= set(heads_of(name)), name


def test_where_the_server_could_not_be_asked_the_first_line_says_so(tmp_path: Path) -> None:
    def verdict(document: Document) -> str:
        text = write_report(document, tmp_path).page.read_text(encoding="utf-8")
        return re.sub(r"<.*?>", "", re.findall(r'<p class="verdict .*?</p>', text, re.DOTALL)[0])

    assert "could not be asked" not in verdict(a_document())
    said = verdict(a_document(not_asked="The token is refused.")).strip()
    assert said.startswith("The server could not be asked what it has now, so this is what runs saw.")


@pytest.mark.parametrize(
    ("reachable", "said"),
    [
        ([True, True], "mails them a link. Who they are"),
        ([True, False], "mails 1 of them a link. No mail reaches 1 other: set passwords for them"),
        ([False, False], "no mail reaches them, so set passwords for them"),
    ],
)
def test_who_is_to_choose_a_password_is_told_with_how_many_a_mail_reaches(
    tmp_path: Path, reachable: list[bool], said: str
) -> None:
    resets = [Reset(username=f"p{n}", name="P", email="p@x.example", reachable=one) for n, one in enumerate(reachable)]
    text = write_report(a_document(resets=resets), tmp_path).page.read_text(encoding="utf-8")
    assert said in re.sub(r"<.*?>", "", text)


def test_whoever_writes_it_is_told_what_it_lacks(tmp_path: Path) -> None:
    assert write_report(a_document(), tmp_path).lacks == ""
    away = a_document(not_asked="The server is away.", threads=[])
    assert write_report(away, tmp_path).lacks == (
        "The server could not be asked: Mattermost's numbers are those of 2024-06-01 10:00 UTC, and no thread is shown. "
        "The server is away."
    )
    never = write_report(msgspec.structs.replace(away, seen=None), tmp_path).lacks
    assert "none of Mattermost's numbers is in the report, nor what is missing there" in never


@pytest.mark.parametrize(
    ("export", "address", "called"),
    [
        ("/in/Harbour & Co Slack export Apr 1 2024 - Apr 30 2024.zip", "orchard", "Harbour & Co"),
        ("/in/export.zip", "orchard", "orchard"),
        ("", "", "team"),
    ],
    ids=["by the name that Slack gives the file", "by its address in Slack", "by its team"],
)
def test_a_workspace_is_called_by_its_name_where_its_export_tells_it(
    database: str, export: str, address: str, called: str
) -> None:
    store = EntityStore(Database(database), WORKSPACE)
    for number, host in enumerate([address] * 3 + ["files", "of-others"] if address else []):
        link = f"https://{host}.slack.com/files/U1/F{number}/map.txt"
        add_row(database, EntityType.ATTACHMENT, f"F{number}", {"permalink": link})
    server = FreshServer("team").server()
    told = signature(Rows(store), server, {"SLACK_EXPORT": export}, WORKSPACE, JUNE)
    assert told_name(a_document(signature=told)) == called


def test_no_cell_is_calculated_by_a_spreadsheet(tmp_path: Path) -> None:
    evil = NotThere(
        type="message", status="failed", slack_id="=1+1", conversation="C0", create_at=JUNE, why="@SUM(A1)", attempts=1
    )
    page = write_report(a_document(1, not_there=[evil]), tmp_path).page
    assert "'=1+1,C0,2024-06-01 10:00:00,'@SUM(A1),1" in (page.parent / "not-there.csv").read_text()


def test_the_page_holds_nothing_that_is_loaded_and_ends_no_script_early(tmp_path: Path) -> None:
    text = write_report(a_document(), tmp_path).page.read_text(encoding="utf-8")
    assert "and roots that say that a thread's beginning is absent" in text  # as docs/report.md has it
    assert text.count("<script") == text.count("</script>") == 4
    assert "default-src &#39;none&#39;" in text
    outside_of_scripts = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"<(?:img|link|iframe|object|embed)\b|@import|url\((?!#)", outside_of_scripts)


def test_secrets_are_masked_wherever_they_stand() -> None:
    row = a_document(1).not_there[0]
    told = [msgspec.structs.replace(row, why="GET https://files.example/f?t=xoxe-1-abc&x=1 said no")]
    made = without_secrets(a_document(not_there=told, remarks=["Bearer abcdef said no"]))
    assert "xoxe-1-abc" not in json.dumps(msgspec.to_builtins(made))
    assert made.not_there[0].why == "GET https://files.example/f?t=***&x=1 said no"
    assert made.remarks == ["Bearer *** said no"]
    assert without_secrets(a_document()) == a_document()


def test_every_setting_is_told_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MM_TOKEN", "SLACK_TOKEN"):
        monkeypatch.setenv(name, "a-secret-value")
    monkeypatch.setenv("MM_PIPELINE_DATABASE", "postgresql://me:hidden@db.example/x")
    with ExitStack() as live:
        told = settings_told(
            *(live.enter_context(one.process_config_and_initialize_cm()) for one in resources().values())
        )
    assert told.keys() | {"EXPORT_WORKERS"} == SETTINGS.keys()
    assert told["MM_TOKEN"] == told["SLACK_TOKEN"] == "set, and not shown"
    assert told["MM_PIPELINE_DATABASE"] == "postgresql://me:***@db.example/x"


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PipelineError, match="The report cannot be written to"):
        write_report(a_document(), tmp_path / "file" / "report")
