"""What Dataflow's template launcher starts; it wants a file of its own."""

from pipeline.flex_template import main

if __name__ == "__main__":
    main()
