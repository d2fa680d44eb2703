"""Business rules of the export: rows in, one outcome per row out. No parsing of exports, no HTTP, no Dagster."""
