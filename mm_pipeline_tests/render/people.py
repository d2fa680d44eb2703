"""The people, channels and emoji of an invented harbour, as rendering knows them."""

from mm_pipeline.render.lookups import Lookups

LOOKUPS = Lookups(
    users={"U0MARA": "mara", "U0OLEK": "olek.b"},
    names={"U0GONE": "Tuva_of *Sund*"},
    channels={"C0HARBOR": "harbor-main"},
    channel_labels={"C0PRIVATE": "crew-only"},
    usergroups={"S0CREW": "crew"},
    emoji={"party_boat": "party_boat-custom", "kraken": "kraken"},
    permalink=lambda channel, ts: f"https://mm.example/fjord/pl/{ts}" if channel == "C0HARBOR" else None,
)
