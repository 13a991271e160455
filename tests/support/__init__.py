"""What tests import: helpers and values shared by many. Fixtures stand in conftest.py."""
