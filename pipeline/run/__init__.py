"""How a build goes: options, graph, runner, progress, publishing."""
