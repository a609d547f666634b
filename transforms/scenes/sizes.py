"""How long scenes are meant to be, by name. Nothing here imports numpy: the options of a command need the names alone."""

from __future__ import annotations

from typing import Literal, get_args

SceneSize = Literal["fine", "medium", "coarse"]
SCENE_SIZES: tuple[SceneSize, ...] = get_args(SceneSize)
