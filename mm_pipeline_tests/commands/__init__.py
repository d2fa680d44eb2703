"""Commands, by what they say to somebody who has never seen them."""
