"""The glance: two small networks that learn from CenterFace where faces are (model/glance.py)."""
