"""What a message says of the huddle or call that it stands for. Starts no call."""

from mm_pipeline.render.line import line_markdown
from mm_pipeline.render.lookups import Lookups
from mm_pipeline.render.references import date_text, link_span, user_span
from mm_pipeline.render.span import Span
from mm_pipeline.values import Json, number_at, object_at, text_at, texts

_MAX_PEOPLE = 50


def huddle_text(raw: Json, lookups: Lookups) -> str:
    """Return `Huddle: name, start, minutes, with whom` of a message's `room`; "" where it has none."""
    room = object_at(raw, "room")
    if not room:
        return ""
    what = "Huddle" if "huddle" in (text_at(room, "call_family"), text_at(raw, "subtype").partition("_")[0]) else "Call"
    spans = [Span(f"{what}: {name}" if (name := text_at(room, "name")) else what)]
    start, end = number_at(room, "date_start"), number_at(room, "date_end")
    if start:
        spans.append(Span(f", {date_text(start)}"))
    if end > start > 0:
        minutes = max(1, round((end - start) / 60))
        spans.append(Span(f", {minutes} minute{'s' if minutes > 1 else ''}"))
    people = texts(room.get("participant_history")) or texts(room.get("participants"))
    for index, slack_id in enumerate(people[:_MAX_PEOPLE]):
        spans += [Span(", with " if not index else ", "), user_span(slack_id, "", lookups)]
    if len(people) > _MAX_PEOPLE:
        spans.append(Span(f" and {len(people) - _MAX_PEOPLE} more"))
    if url := text_at(room, "join_url"):
        spans += [Span(" "), link_span(url, "", lookups)]
    return line_markdown(spans)
