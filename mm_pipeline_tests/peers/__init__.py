"""Shows that docs/peers.md is true: runs the tests that it names, takes features out and sees their tests fail."""
