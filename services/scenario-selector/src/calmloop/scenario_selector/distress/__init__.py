"""How likely it is that the child is in distress, from every signal there is.

`norms` keeps what is usual for this child when it is calm, `signals` says how far a value speaks
for distress against that, and `fusion` sums it over time, fast and slow.
"""
