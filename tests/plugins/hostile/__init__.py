"""Small real plugins, each of which misbehaves once; a test installs one beside a sound region and starts the portal."""
