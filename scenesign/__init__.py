"""scenesign: any pile of books as a compact dataset of scene-signs."""
