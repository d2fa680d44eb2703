"""The rule by which a newer export's object joins the stored one: what is told anew counts, what is merely missing stays. Pure.

Exports differ in how much they tell: one made without e-mail addresses, one by another program, one after Slack hid old files.
A poorer object never replaces a fuller one, and absence is not deletion.
"""

from typing import Any

#: A message's words: told together, so that new text is never read with old blocks.
_TEXT, _BLOCKS = "text", "blocks"
#: File modes and message subtypes that say that Slack keeps something back.
_GONE = frozenset({"tombstone", "hidden_by_limit"})


def fuller(stored: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """Return what is known after a newer export told `told` of what is stored.

    - Something that is gone in Slack by now, or known only from messages ("unlisted"), changes nothing.
    - Keys that are missing or empty in the newer object keep their stored value; so do keys inside objects (a profile's e-mail).
    - Lists are replaced, but the objects in them (files) are joined by their id.
    - A new text takes its blocks along, or none.
    """
    if _poor(told) and not _poor(stored):
        return stored
    if _poor(stored) and not _poor(told):
        return told
    return _joined(stored, told)


def is_tombstone(thing: dict[str, Any]) -> bool:
    """Whether it is the trace that a deleted message leaves."""
    return thing.get("subtype") == "tombstone"


def _poor(thing: dict[str, Any]) -> bool:
    return thing.get("unlisted") is True or _is_gone(thing)


def _is_gone(thing: dict[str, Any]) -> bool:
    return any(isinstance(said := thing.get(key), str) and said in _GONE for key in ("subtype", "mode"))


def _joined(stored: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    if _TEXT in told and told[_TEXT] != stored.get(_TEXT) and (told[_TEXT] or told.get(_BLOCKS)):
        stored = {key: value for key, value in stored.items() if key != _BLOCKS}
    return stored | {key: _value(stored.get(key), value) for key, value in told.items()}


def _value(stored: Any, told: Any) -> Any:
    if told in (None, "", [], {}):
        return told if stored is None else stored
    if isinstance(stored, dict) and isinstance(told, dict):
        return fuller(stored, told)
    if isinstance(stored, list) and isinstance(told, list):
        known = {thing["id"]: thing for thing in stored if _has_id(thing)}
        return [_value(known.get(thing["id"]), thing) if _has_id(thing) else thing for thing in told]
    return told


def _has_id(thing: Any) -> bool:
    return isinstance(thing, dict) and isinstance(thing.get("id"), str)
