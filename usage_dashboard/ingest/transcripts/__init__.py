"""What transcripts and hooks say, reduced to counts, keys and times."""
