"""Who becomes whom, what is called what: decided once, before anything is sent. Knows no SQL, no HTTP, no Dagster."""
