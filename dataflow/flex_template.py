"""What Dataflow's template launcher starts; it wants a file of its own."""

from scenesign.pipeline.run.flex_template import main

if __name__ == "__main__":
    main()
