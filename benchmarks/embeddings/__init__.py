"""The default embedder beside the floats that it stands for: ranges, accuracy, speed."""
