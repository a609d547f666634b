"""How good a shelf is: texts that it holds twice, and languages mixed in its books."""
