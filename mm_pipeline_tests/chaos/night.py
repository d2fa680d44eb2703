"""One migration on a bad night: it is struck in its phases and started again until it is through. Compares nothing."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from mm_pipeline.mattermost.importer import PLUGIN_ID
from mm_pipeline.mattermost.server_plugin import ServerPlugin
from mm_pipeline_tests.chaos.blows import Blow, Kind
from mm_pipeline_tests.chaos.export import touch
from mm_pipeline_tests.chaos.phases import Gate, Phase, Stop, stop_in
from mm_pipeline_tests.chaos.sent import Sent
from mm_pipeline_tests.chaos.warm import Job, WarmJobs
from mm_pipeline_tests.chaos.watched import Watched
from mm_pipeline_tests.end_to_end.migrated import JOB, Pipeline
from mm_pipeline_tests.end_to_end.own_server import own_server
from mm_pipeline_tests.mattermost_server.plugin_process import kill_plugin
from mm_pipeline_tests.mattermost_server.proxy import Proxy, Rule
from mm_pipeline_tests.mattermost_server.running import RunningServer
from plugin.build import build, of_this_machine

_LOOK_S = 0.03
#: A phase that does not come within this is a bug: of the run, or of what looks for it.
_PATIENCE_S = 420.0
#: Runs without a blow that end without having finished.
_FRUITLESS_RUNS = 200

Tell = Callable[[str], None]


class Night:
    """One pipeline behind one gate. `tell` is given a line for each thing that happens."""

    def __init__(self, watched: Watched, gate: Gate, sent: Sent, export: Path, tell: Tell) -> None:
        self.watched = watched
        self.sent = sent
        self.aborted = 0  #: runs that ended by themselves and said that they must be repeated
        self.server_died = False
        self._gate = gate
        self._export = export
        self._tell = tell
        self._job: Job | None = None
        self._warm: WarmJobs | None = None
        self._start: Callable[[], Job] = self._start_warm

    def befall(self, blow: Blow) -> bool:
        """Let a blow fall in its phase. Returns False if everything was done before that phase came."""
        if blow.phase is Phase.STAGING:
            self._stage_again()
        draw = blow.draw()
        staged = self.watched.staged_exports()
        with stop_in(blow.phase, self.watched, self._gate, draw) as stop:
            until = time.monotonic() + _PATIENCE_S
            while not (place := stop.reached()):
                if not self._goes_on():
                    return False
                assert time.monotonic() < until, f"{blow.phase} did not come; see {self.watched.state}"
                if blow.phase is Phase.STAGING and not self.watched.is_staging():
                    self._stage_again()  # it was over too soon
                    staged = self.watched.staged_exports()
                time.sleep(_LOOK_S)
            # Asking takes as long as some phases do; what is killed changes no more.
            step = "" if blow.kind is Kind.KILL else self.watched.step()
            outcome = _STRIKES[blow.kind](self, stop, draw)
        if (
            blow.phase is Phase.STAGING
            and blow.kind in (Kind.KILL, Kind.POSTGRES)
            and self.watched.staged_exports() != staged
        ):
            outcome = ""  # it fell when all was committed
        if not outcome:
            return self.befall(blow)
        step = step or self.watched.step() or "none"
        self._tell(f"{blow.number:4} {blow.kind} in {blow.phase} ({place}), step {step}: {outcome}")
        return True

    def finish(self) -> None:
        """Let it run, again and again, until it is through: from now on as a user starts it, and what is left as one archive."""
        self._start = lambda: self.watched.start_job(MM_ARCHIVE_MAX_BYTES="0")
        while self._goes_on():
            time.sleep(_LOOK_S)

    def end(self) -> None:
        """Kill what runs."""
        if self._job is not None and self._job.poll() is None:
            self._job.kill()
            self._job.wait()
        self._job = None
        if self._warm is not None:
            self._warm.close()

    def _start_warm(self) -> Job:
        watched = self.watched
        if self._warm is None:
            self._warm = WarmJobs(JOB[1:], watched.run.environment, watched.state.parent, watched.log)
        watched.expect_run()
        return self._warm.start()

    def _goes_on(self) -> bool:
        """Start a run where none is under way. Returns False once one has ended well."""
        if self._job is not None:
            code = self._job.poll()
            if code is None:
                return True
            self._job = None
            if code == 0:
                return False
            self.aborted += 1
            assert self.aborted < _FRUITLESS_RUNS, f"it does not finish; see {self.watched.state}"
        self._job = self._start()
        return True

    def _stage_again(self) -> None:
        """End a run that is under way, because staging comes first in one, and give the next one something to stage."""
        if self._job is not None and self._job.poll() is None:
            self._job.terminate()
            try:
                self._job.wait(60)
            except subprocess.TimeoutExpired:
                self._job.kill()
                self._job.wait()
        self._job = None
        touch(self._export)

    def _kill(self, stop: Stop, draw: Random) -> str:
        """Kill it, unless it ended by itself at that very moment."""
        assert self._job is not None
        self._job.kill()
        code = self._job.wait()
        stop.leave()
        if code != -signal.SIGKILL:
            return ""
        self._job = None
        return f"exit {code}"

    def _restart_postgres(self, stop: Stop, draw: Random) -> str:
        gently = draw.random() < 0.5
        if gently:
            self.watched.postgres.stop()
        else:
            self.watched.kill_postgres()
        stop.leave()
        self.watched.postgres.start()
        return f"{'stopped' if gently else 'killed'}, and up again"

    def _restart_server(self, stop: Stop, draw: Random) -> str:
        gently = draw.random() < 0.5
        if gently:
            stop.leave()  # it waits for the job that runs
        self.server_died |= not gently
        self.watched.server.stop(gently=gently)
        stop.leave()
        self.watched.server.start()
        return f"{'stopped' if gently else 'killed'}, and up again"

    def _kill_plugin(self, stop: Stop, draw: Random) -> str:
        """End the plugin's process, and bring the plugin again as the message about it says."""
        kill_plugin(self.watched.server.running, PLUGIN_ID)
        stop.leave()
        install_plugin(self.watched.server.running, self.watched.state.parent)
        return "killed, and installed again"


_STRIKES: dict[Kind, Callable[[Night, Stop, Random], str]] = {
    Kind.KILL: Night._kill,
    Kind.POSTGRES: Night._restart_postgres,
    Kind.SERVER: Night._restart_server,
    Kind.PLUGIN: Night._kill_plugin,
}


def install_plugin(server: RunningServer, folder: Path) -> None:
    """Bring our server plugin to a server, in the place of one that is there; its bundle is kept in a folder."""
    bundle = folder / "plugin" / f"{PLUGIN_ID}.tar.gz"
    ServerPlugin(server.url, server.token).install(
        bundle if bundle.exists() else build(bundle.parent, of_this_machine())
    )


@contextmanager
def night(folder: Path, export: Path, line: Rule, tell: Tell, **settings: str) -> Iterator[Night]:
    """A migration of an export into a server of its own, over a line; all of it is gone at the end, but for its log."""
    folder.mkdir(parents=True)
    with ExitStack() as ends:
        server = ends.enter_context(own_server(folder))
        if settings.get("MM_TRANSPORT") == "plugin":
            install_plugin(server.running, folder)
        gate = Gate(line)
        sent = Sent(gate)
        proxy = Proxy(server.running.url, sent)
        ends.callback(proxy.close)
        run = Pipeline(folder / "state", export, server.running, MM_URL=proxy.url, **settings)
        ends.callback(run.down)
        made = Night(Watched(run, server, folder / "run.log"), gate, sent, export, tell)
        ends.callback(made.end)
        yield made
