// The landing page's script.
