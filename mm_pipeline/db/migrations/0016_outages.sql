-- Since when a server does not answer, and until when a run tries: for whoever looks from beside. One that was cut off leaves
-- its line, which says nothing any more once that time is over.
CREATE TABLE outages (
    server_id text PRIMARY KEY,
    what      text NOT NULL,                    -- "chat.example.org is away (status 502)"
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL
);
