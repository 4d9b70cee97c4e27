"""A font among those of this user's programs, on Linux, macOS and Windows."""
