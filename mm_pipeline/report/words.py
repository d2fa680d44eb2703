"""What people call the six types of rows, where a page or a sentence is read by them. Programs read the types' own names."""

from mm_pipeline.model import EntityType

ONE = {
    EntityType.USER: "person",
    EntityType.CUSTOM_EMOJI: "custom emoji",
    EntityType.ATTACHMENT: "file",
    EntityType.CHANNEL: "conversation",
    EntityType.MESSAGE: "message",
    EntityType.REACTION: "reaction",
}
MANY = {kind: word + "s" for kind, word in ONE.items()} | {
    EntityType.USER: "people",
    EntityType.CUSTOM_EMOJI: "custom emoji",
}
