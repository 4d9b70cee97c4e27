"""The phone: a page of its own for a device of the same network, only while it is asked for."""
