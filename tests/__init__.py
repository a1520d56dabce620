"""Tests of the product; the folders mirror app/."""
