"""What goes in and out, described once for validation and for the reference."""
