"""What others are told and asked: plugins, developers' webhooks, integrations."""
