"""What a dream looks like, in numbers and on contact sheets, and whether somebody else knows what is in it."""
