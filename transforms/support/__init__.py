"""What every step stands on: file systems, lists, counters, failures and limits."""
