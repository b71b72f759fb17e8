"""Pages for a browser: values in, one self-contained HTML document out. Reads no database and sends nothing.

A page fetches nothing: styles and script stand in it, and its content security policy allows these alone.
"""
