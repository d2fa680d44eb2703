"""The story of the Tidewater bakers' cooperative, told in Python. Imports nothing of mm_pipeline: an example is no test of itself."""
