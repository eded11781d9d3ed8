from tests.abuse.world import account, anne, bob, lea, mailbox, marie, receiver, secret

__all__ = ["account", "anne", "bob", "lea", "mailbox", "marie", "receiver", "secret"]
