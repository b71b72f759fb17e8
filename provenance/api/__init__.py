"""The HTTP API: thin endpoints over the services. It checks keys and bounds, and turns values into JSON and back."""
