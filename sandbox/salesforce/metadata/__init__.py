"""What objects and fields exist and what rules they carry; it never holds records."""
