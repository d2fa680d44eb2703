"""Server settings that are another for a while, and surely put back: by us, or by the next run after a crash.

Knows which settings and why; never which step needs them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.errors import AbortRun, PipelineError
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.journal import Journal
from mm_pipeline.mattermost.rest import Rest

#: Adding people by REST mails and pushes each of them, and marking read pushes too (facts: 11.4, section 4).
QUIET: Mapping[str, Any] = {
    "EmailSettings.SendEmailNotifications": False,
    "EmailSettings.SendPushNotifications": False,
    "ServiceSettings.EnableAPIPostDeletion": True,
}
#: POST /bots is refused without it.
BOTS: Mapping[str, Any] = {"ServiceSettings.EnableBotAccountCreation": True}

#: A new name or address of an account is mailed to its old and its new one whatever the settings of notifications say (seen on
#: 9.9 and 11.4; an empty SMTPServer becomes localhost again): such mails go to a port where nobody listens.
SILENT: Mapping[str, Any] = {**QUIET, "EmailSettings.SMTPServer": "127.0.0.1", "EmailSettings.SMTPPort": "1"}

#: A page of posts makes the server fetch the first link of each of them, one after the other: 30 requests for 30 posts
#: (seen on 9.9 and 11.4; pictures it fetches in any case). Reading back would call on every host that anybody ever named.
READING_BACK: Mapping[str, Any] = {"ServiceSettings.EnableLinkPreviews": False}

#: Without these the work goes on: notices are then deleted as people delete, and reading back is slow.
_NICE_TO_HAVE = frozenset({"ServiceSettings.EnableAPIPostDeletion", "ServiceSettings.EnableLinkPreviews"})
#: What a run stops without, where it is due.
NEEDED_FOR_A_MOMENT = {name: value for name, value in {**QUIET, **BOTS}.items() if name not in _NICE_TO_HAVE}
#: Never changed for longer than a block: whoever finds them changed outside of the lock finds what a crash left.
FOR_A_MOMENT = frozenset({*SILENT, *BOTS})
_OURS = {**SILENT, **BOTS, **READING_BACK}


@contextmanager
def changed(rest: Rest, journal: Journal, wanted: Mapping[str, Any]) -> Iterator[None]:
    """Have the settings (Section.Key -> value) at other values inside the block. One run at a time does this.

    Raises AbortRun where a value cannot be changed, with everything as it was.
    """
    with journal.server_lock():
        try:
            _change(rest, journal, wanted)
            yield
        except BaseException:
            # The first error is the one to tell; what could not be put back stays in the journal for the next run.
            with suppress(PipelineError):
                put_back(journal, rest, wanted)
            raise
        put_back(journal, rest, wanted)


def leave_changed(rest: Rest, journal: Journal, wanted: Mapping[str, Any]) -> None:
    """Have the settings at other values until `put_back`, here or in the next run. Raises AbortRun like `changed`."""
    with journal.server_lock():
        _change(rest, journal, wanted)


def put_back(journal: Journal, rest: Rest, names: Collection[str] | None = None) -> None:
    """Give the remembered settings (or these of them) their old values. What somebody else has changed since is left."""
    if not journal.settings_to_put_back():
        return
    with journal.server_lock():  # whoever holds it may be about to put them back himself: look again
        old = {name: value for name, value in journal.settings_to_put_back().items() if names is None or name in names}
        if not old:
            return
        now = _flat(rest.config())
        still_ours = {name: value for name, value in old.items() if name in _OURS and now.get(name) == _OURS[name]}
        if still_ours:
            rest.patch_config(_nested(still_ours))
        for name in old:
            journal.setting_put_back(name)
        backend_logger.debug("put back: %s", ", ".join(sorted(still_ours)))


def fixed_by_environment(rest: Rest, config: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the settings (Section.Key -> value) that the server's environment holds at another value."""
    environment, now = _flat(rest.http.get("/config/environment") or {}), _flat(config)
    return {
        name: value for name, value in wanted.items() if environment.get(name) and now.get(name) not in (None, value)
    }


def _change(rest: Rest, journal: Journal, wanted: Mapping[str, Any]) -> None:
    now = _flat(rest.config())
    # An older server lacks a setting altogether; then it has nothing to switch.
    other = {name: value for name, value in wanted.items() if name in now and now[name] != value}
    if not other:
        return
    for name in other:
        journal.setting_changed(name, now[name])
    try:
        rest.patch_config(_nested(other))
    except ApiError as refused:
        raise AbortRun(_immovable(other, str(refused))) from refused
    # The server answers 200 and keeps a value that its environment gives.
    now = _flat(rest.config())
    stuck = {name: other[name] for name in other.keys() - _NICE_TO_HAVE if now[name] != other[name]}
    if stuck:
        raise AbortRun(_immovable(stuck, "the server's environment fixes it"))


def _immovable(names: Mapping[str, Any], cause: str) -> str:
    wishes = " and ".join(f"{name} to {str(value).lower()}" for name, value in sorted(names.items()))
    variables = " and ".join("MM_" + name.replace(".", "_").upper() for name in sorted(names))
    return (
        f"Setting {wishes} for a moment, so that nobody is disturbed, did not work: {cause}. "
        f"Set it on the server for the migration (its environment may hold {variables}), then run the same command again."
    )


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    sections = ((section, keys) for section, keys in config.items() if isinstance(keys, Mapping))
    return {f"{section}.{key}": value for section, keys in sections for key, value in keys.items()}


def _nested(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    config: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, value in settings.items():
        section, key = name.split(".", 1)
        config[section][key] = value
    return dict(config)
