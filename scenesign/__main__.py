"""`python -m scenesign`: the command, where its script is not on the path."""

from scenesign.pipeline.cli import entry

if __name__ == "__main__":
    entry()
