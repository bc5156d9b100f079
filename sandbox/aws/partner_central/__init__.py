"""Partner Central Selling as its partners see it: opportunities, their reviews, engagements and invitations."""
