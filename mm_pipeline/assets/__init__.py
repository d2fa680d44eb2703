"""Dagster's assets: the chain of six types between staging and plan in front, finish and report behind."""
