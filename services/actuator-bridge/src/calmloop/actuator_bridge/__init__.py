"""Carries setpoints, stops, arms and leases to the chair, and what the chair does back.

It decides nothing and never resumes by itself: the microcontroller enforces, the watchdog gives
leases, a person starts.
"""
