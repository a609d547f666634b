def render(c): return ""
