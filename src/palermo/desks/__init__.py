"""The desks: where people work and decide. One folder is one Django app for one group of people.

`access` is the ground floor of this storey: who may see what is decided there, for every other
desk, by one function. No other desk imports another one.
"""
