"""The demo: the whole way of a work from registration to a checked audit export, on a library made for it.

`python -m demo` from the checkout. Everything happens under var/demo, and nothing leaves the machine.
"""
