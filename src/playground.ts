// The real engine in a web worker of the landing page.
