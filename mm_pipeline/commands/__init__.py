"""The commands of mm-pipeline, one file each; cli.py puts them together. Hold no rule of the migration."""
