"""Start, watch, stop and find again the processes that train and answer; take their results in."""
