"""What ``/privacy`` shows."""
