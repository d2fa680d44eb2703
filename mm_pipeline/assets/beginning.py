"""Tells whether an asset is where its run begins: there, and only there, the preflight is due. Asks nothing itself."""

import dagster as dg


def begins_run(context: dg.AssetExecutionContext) -> bool:
    """Return whether none of the assets before this one is in the same run."""
    upstream = {key.to_python_identifier() for key in context.assets_def.asset_deps[context.asset_key]}
    # Named only where a run has some of the job's steps: one asset, a backfill's share, a retry from failure.
    steps = context.run.step_keys_to_execute or [node.name for node in context.job_def.nodes]
    return upstream.isdisjoint(steps)
