"""The panel of ``/settings``."""
