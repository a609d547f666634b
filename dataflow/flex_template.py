"""What Dataflow's template launcher starts; it wants a file of its own."""

from scenesign.pipeline.options.flex_template import run_template

if __name__ == "__main__":
    run_template()
