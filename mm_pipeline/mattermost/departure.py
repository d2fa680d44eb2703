"""When an archive goes though it is not full, so that the server stands still as little as can be. Packs nothing, asks nobody.

docs/decisions/the-server-looks-every-fifteen-seconds.md
"""

import time

from mm_pipeline.mattermost.job_clock import LOOKS_EVERY_S

#: Posts that keep the server at work while the next archive is packed.
_WORTH_A_JOB = 5_000
#: Posts that two cores are through with before the server looks again, while the next archive is packed beside it: 1,140 a
#: second (benchmarks, whole_run). Of some more it would miss that look, and the next job would wait almost as long once more.
_UNTIL_THE_NEXT_LOOK = 14_000
#: From the last line of an archive until the server has it and its job.
_UNDER_WAY_S = 1.5


class Departure:
    """Of an archive that is begun now and is full with `full` posts. `look`: when the server looks for jobs (`JobClock`)."""

    def __init__(self, look: float | None, full: int) -> None:
        self._look = look
        self._full = full
        self._began = time.monotonic()

    def is_now(self, posts: int) -> bool:
        """Whether it goes with so many posts: the server is about to look, or there is no time to fill it until then."""
        if self._look is None or posts < _WORTH_A_JOB:
            return False
        now = time.monotonic()
        left_s = LOOKS_EVERY_S - (now - self._look) % LOOKS_EVERY_S - _UNDER_WAY_S
        full_in_s = (self._full - posts) * (now - self._began) / posts
        return left_s < 0 or (posts >= _UNTIL_THE_NEXT_LOOK and full_in_s > left_s)
