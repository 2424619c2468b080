"""The glance: a small network that learns from CenterFace where faces are (model/glance.py)."""
