"""What is worth a word to the user inside a session: each finds its own facts and says them in a sentence."""
