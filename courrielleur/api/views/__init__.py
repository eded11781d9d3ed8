"""The endpoints: each fetches and authorises in one call, calls one service, answers."""
