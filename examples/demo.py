"""A whole migration before one's eyes: a throw-away server, an export, the job, the result. Touches nothing real."""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from mm_pipeline_tests.mattermost_server.server import MattermostServer
from plugin.build import build, of_this_machine

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / ".state" / "demo"
BIN = Path(sys.executable).parent
SAMPLE = ROOT / "examples" / "workspace"
#: A line of Dagster's console log: time, level, job, run, step, message.
_LINE = re.compile(r"^\S+ (?P<time>\S+) .*? - dagster - (?:INFO|WARNING|ERROR) - \w+ - \S+ - (?P<told>.*)")


def main() -> int:
    """Start or stop the demo; returns the job's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--export", type=Path, default=SAMPLE, help="a Slack export of one's own (zip or folder)")
    parser.add_argument("--transport", choices=["stock", "plugin"], default="stock", help="how it is sent")
    parser.add_argument("--stop", action="store_true", help="end the servers and remove everything")
    asked = parser.parse_args()
    return stop() if asked.stop else start(asked.export.expanduser().resolve(), asked.transport)


def start(export: Path, transport: str) -> int:
    """Bring everything up, run the job, and say what to open next."""
    if not export.exists():
        print(f"{export} is not there: name a Slack export, a zip or a folder.", file=sys.stderr)
        return 1
    began = time.monotonic()
    # Nothing of one's own migration may leak into a rehearsal: only what files are fetched with, and where they lie.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("MM_", "SLACK_", "DAGSTER_"))}
    own |= {name: os.environ[name] for name in ("SLACK_TOKEN", "SLACK_API_URL", "SLACK_FILES") if name in os.environ}
    chosen = _environment(export) | {"MM_TRANSPORT": transport}
    environment = own | chosen
    home = _lines(
        subprocess.run(
            [BIN / "mm-pipeline", "up"], env=environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    )
    settings = chosen | home
    _write_environment(settings)
    print(f"\nMoving {export.name} into {settings['MM_URL']} (the whole log: {_shown(DEMO / 'run.log')})\n", flush=True)
    if transport == "plugin":
        bundle = build(DEMO / "plugin", of_this_machine())
        install: list[str | Path] = [BIN / "mm-pipeline", "plugin", "install", "--bundle", bundle]
        subprocess.run(install, env=environment | home, check=True, stdout=sys.stderr)
    code = _run_job(environment | home)
    print(f"\n{'Done' if code == 0 else 'Not complete'} after {time.monotonic() - began:.0f} s. Next:\n")
    for page in Path(settings["MM_PIPELINE_STATE"]).glob("reports/*/report.html"):
        print(f"  {_shown(page)}\n{'':32}the report: open it in a browser")
    print(f"  . {_shown(DEMO / 'env')}; . .venv/bin/activate")
    print("  mm-pipeline status            what came of every row, and why")
    print("  mm-pipeline plan              who became whom")
    print("  dagster dev                   the run in Dagster's UI: http://127.0.0.1:3000")
    print('  curl -s -H "Authorization: Bearer $MM_TOKEN" $MM_URL/api/v4/teams/name/$MM_TEAM/channels/name/general')
    print("  make demo-stop                end and remove all of it\n")
    return code


def stop() -> int:
    """End what the demo started and remove it; say so in one sentence."""
    if not DEMO.exists():
        print(f"There is no demo in {_shown(DEMO)}: nothing was ended or removed.")
        return 0
    for state in DEMO.glob("pipeline-*"):
        down: list[str | Path] = [BIN / "mm-pipeline", "down"]
        subprocess.run(down, env=os.environ | {"MM_PIPELINE_STATE": str(state)}, check=True, stdout=subprocess.DEVNULL)
    if (DEMO / "server").exists():
        MattermostServer(DEMO / "server").stop(remove=True)
    shutil.rmtree(DEMO, ignore_errors=True)
    print(f"The demo's server and databases are ended, and {_shown(DEMO)} is removed with all that was in it.")
    print("Where a `dagster dev` that you started on it still runs, it finds nothing any more: end it with Ctrl-C.")
    return 0


def _environment(export: Path) -> dict[str, str]:
    name = re.sub(r"\W+", "-", export.stem if export.is_file() else export.name).strip("-") or "export"
    return {
        **MattermostServer(DEMO / "server", "11.4").start(),
        "SLACK_EXPORT": str(export),
        # A state for each export: rows of one know the ids of their own workspace only.
        "MM_PIPELINE_STATE": str(DEMO / f"pipeline-{name}"),
        "EXPORT_WORKERS": os.environ.get("EXPORT_WORKERS", "4"),
        # A rehearsal may hold more people than an edition without licence lets in.
        "MM_ALLOW_OVER_LIMIT": "1",
    }


def _run_job(environment: dict[str, str]) -> int:
    """Run the job as anybody would; show the telling lines of its log, keep all of it."""
    command: list[str | Path] = [
        BIN / "dagster",
        "job",
        "execute",
        "-m",
        "mm_pipeline.definitions",
        "-j",
        "slack_to_mattermost",
    ]
    with (DEMO / "run.log").open("w", encoding="utf-8") as log:
        job = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        assert job.stderr is not None
        for line in job.stderr:
            log.write(line)
            if telling := _LINE.match(re.sub(r"\x1b\[[0-9;]*m", "", line)):
                print(f"{telling['time']}  {telling['told']}", file=sys.stderr, flush=True)
    return job.wait()


def _lines(text: str) -> dict[str, str]:
    words = [shlex.split(line)[-1] for line in text.splitlines() if line.startswith("export ")]
    return dict(word.split("=", 1) for word in words)


def _write_environment(settings: dict[str, str]) -> None:
    with os.fdopen(os.open(DEMO / "env", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())


def _shown(path: Path) -> str:
    return shlex.quote(str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path))


if __name__ == "__main__":
    sys.exit(main())
