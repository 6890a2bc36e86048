"""What suits a child: learned from its sessions, and from those of the other children here.

`features` says what a scenario is to a child, `trials` what is kept of each session, `belief` what
follows from them, `population` what the children of one installation have in common, `choice`
draws from a belief, and `words` says it to people.
"""
