"""How the script that ships is made: a library read, built, frozen, trimmed and described."""
