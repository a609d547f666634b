"""The version of the protocol that this code writes and reads."""

PROTOCOL = "scene-signs"
PROTOCOL_VERSION = "1.0.0"
