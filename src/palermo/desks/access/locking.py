"""What a session remembers of its lock."""

#: When somebody was last there, in seconds.
SEEN = "palermo_seen"
#: Set while the session is locked.
LOCKED = "palermo_locked"
#: A form that was sent into the locked session, sealed.
HELD = "palermo_held"
