"""How a run goes: command line, options, the Beam graph, runners, publishing, reports."""
