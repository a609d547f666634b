"""How long scenes are meant to be, by name: apart from the search, as `--help` needs no more than the names."""

from __future__ import annotations

from typing import Literal, get_args

SceneSize = Literal["fine", "medium", "coarse"]
SCENE_SIZES: tuple[SceneSize, ...] = get_args(SceneSize)
