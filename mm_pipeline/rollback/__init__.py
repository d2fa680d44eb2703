"""Takes back from a server what this pipeline put there, and nothing else. Knows no HTTP and no Dagster."""
