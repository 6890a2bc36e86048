"""A clinician's report of one session, or of a child's course, as PDF/UA.

It reads the session log over HTTP, and stands alone: it knows no bus, no service and nothing of
shared/. What renders (WeasyPrint, matplotlib) is imported when something is rendered.
"""
