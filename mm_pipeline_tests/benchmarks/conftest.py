"""Lets the tests import the benchmarks' parts, which are scripts that find each other in their own folder. Measures nothing."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
