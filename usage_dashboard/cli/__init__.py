"""The command line. Only here is the clock read, the user asked, and anything printed."""
