"""Plugin gateways: the way to plugins that run elsewhere."""
