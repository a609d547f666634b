"""The version of the protocol that this code writes, and those that it reads."""

import re

PROTOCOL = "scene-signs"
PROTOCOL_VERSION = "2.1.0"
# Before it signs of further levels were plain: numbers that no letters spell.
FIRST_COMPOSED = 2
# Before it no book had a cast, and no tokenizer tokens for one.
FIRST_CAST = (2, 1)
_READ = range(1, FIRST_COMPOSED + 1)


def major_version(stated: str) -> int:
    """The major version in `scene-signs/2.0.0`; 0 where there is none."""
    number = stated.rpartition("/")[2].split(".")[0]
    return int(number) if re.fullmatch("[0-9]{1,4}", number) else 0


def has_cast(stated: str) -> bool:
    """Whether the scenes of a dataset of a stated version have a cast, and an inventory of it tokens for one."""
    found = re.match(r"([0-9]{1,4})\.([0-9]{1,4})\.", stated.rpartition("/")[2])
    return found is not None and (int(found[1]), int(found[2])) >= FIRST_CAST


def check_protocol(stated: str, name: str) -> None:
    """Raises ValueError when a file, called `name`, states a protocol of a major version that this code can't read."""
    if major_version(stated) not in _READ:
        raise ValueError(
            f"{name} follows protocol {stated}; this program speaks {PROTOCOL}/{PROTOCOL_VERSION}, and reads "
            f"{' and '.join(f'{major}.x' for major in _READ)}"
        )
