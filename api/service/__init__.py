"""The use cases. Each reads like one: open a unit, load, call the domain, store."""
