"""Tests of app/validators."""
