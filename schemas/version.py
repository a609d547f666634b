"""The version of the protocol that this code writes and reads."""

PROTOCOL = "scene-signs"
PROTOCOL_VERSION = "1.0.0"


def check_protocol(stated: str, name: str) -> None:
    """Raises ValueError when a file, called `name`, states a protocol of another major version than ours."""
    if stated.rpartition("/")[2].split(".")[0] != PROTOCOL_VERSION.split(".")[0]:
        raise ValueError(f"{name} follows protocol {stated}; this program speaks {PROTOCOL}/{PROTOCOL_VERSION}")
