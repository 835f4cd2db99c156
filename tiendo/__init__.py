"""tiendo: the core. What a plan, a period, a figure and a judgement are; no clock, no file, no framework."""
