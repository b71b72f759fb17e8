"""Forms of requests and answers. A form turns itself into a domain value, whose constructor has the last word."""
