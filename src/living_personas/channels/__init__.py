"""Where options are met: lists and ads that leave, webhooks that come in and go out."""
