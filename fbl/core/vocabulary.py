"""Words by which reports that have no report part are told from the mails of people: lower case, any language.

They are substrings. A text is compared with one after the other, which is faster than one large pattern.
"""

# In the From field: a mail system, not a person.
SYSTEM_SENDERS = (
    "mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "postmaster", "post_master", "post-master",
    "mail delivery", "maildelivery", "mail.delivery", "mail deliver", "mailer delivery", "mail system",
    "mailsystem", "system administrator", "bounce@", "bounces@", "mmsc", "mail server", "mail router",
    "mail gateway", "mail-gateway", "mail administrator", "delivery subsystem", "delivery system",
    "delivery-notification", "delivery notification", "delivery status", "majordomo", "listserv", "-admin@",
    "microsoft outlook", "microsoftexchange", "mdaemon", "mailenable", "zustelldienst", "systemadministrator", "<>",
)  # fmt: skip

# In the subject of a bounce or of a warning that a mail waits.
BOUNCE_SUBJECTS = (
    "undeliver", "non deliver", "non-deliver", "nondeliver", "not deliver", "not been delivered", "delivery status",
    "delivery fail", "delivery error", "delivery problem", "delivery notif", "delivery report",
    "delivery unsuccess", "delivery has failed", "delivery delay", "delivery incomplete", "delivery to ",
    "delivery attempt", "failed mail", "failed deliver", "failed message", "failure deliver", "failure mail",
    "failure notice", "unsuccessful mail", "unsuccessful deliver", "permanent deliver", "permanent fail",
    "returned mail", "returned e-mail", "returned email", "returned message", "returned to sender",
    "return receipt: fail", "mail error", "mail system error", "mail fail", "mail could not",
    "could not be delivered", "couldn't be delivered", "can't be delivered", "cannot be delivered",
    "unable to deliver", "cannot deliver", "can't deliver", "message delayed", "delayed mail", "mail delayed",
    "warning: could not send", "warning: message", "bounce", "error sending your mail",
    "there was an error sending", "loop alert", "message rejected", "mail rejected", "rejected:", "user unknown",
    "unknown user", "mail delivery", "message status", "problem delivering", "failed:", "message not delivered",
    "message failed", "unzustellbar", "nicht zugestellt", "zustellung fehlgeschlagen", "zustellbarkeit",
    "non remis", "non distribu", "échec de la remise", "echec de la remise", "non livr", "retour à l'expéditeur",
    "non recapit", "mancata consegna", "no se puede entregar", "no entregado", "não entregue", "falha na entrega",
    "onbestelbaar", "配信", "送信", "エラー", "退信", "не доставлено", "недоставлен",
)  # fmt: skip

# In the words of a bounce: what only somebody who failed to deliver a mail says.
CLAIMS = (
    "not be delivered", "not been delivered", "not delivered", "not be sent", "not be successfully delivered",
    "n't be delivered", "wasn't able to deliver", "unable to deliver", "unable to send", "unable to relay",
    "unable to complete", "failed permanently", "permanent error", "permanent fatal error", "undeliver",
    "returned to sender", "returned to the sender", "delivery errors", "trouble delivering", "did not reach",
    "not reach the following", "following address", "following recipient", "following email address",
    "transcript of session", "failed recipient", "failed address", "failure reason", "failure notice",
    "delivery failed", "delivery has failed", "delivery failure", "delivery attempt", "delivery to the following",
    "invalid user address", "invalid address", "user unknown", "rejected recipient", "rejected by a remote",
    "was rejected", "mailbox is full", "duplicated message-id", "message expired", "n'a pas pu être",
    "impossible de remettre", "n'a pu être", "fatal delivery errors", "could not be reached", "nicht zugestellt",
    "konnte nicht", "nicht zustellbar", "no se pudo", "não foi possível", "impossibile consegnare", "kan niet worden",
    "не может быть доставлено", "не удалось доставить", "配信できません", "配信エラー", "送信できません", "无法投递",
    "requested action", "550 5.", "554 5.", "552 5.", "550-5.", "554-5.",
)  # fmt: skip

# In the first words of a warning that a mail is still waiting …
DELAYS = (
    "warning message only", "this is a warning", "warning only", "delivery is delayed", "delivery has been delayed",
    "delivery delayed", "still being retried", "has not yet been delivered", "has not been delivered",
    "not yet been delivered", "will continue to try", "will keep trying", "will try again", "message delayed",
    "you do not need to resend", "do not need to re-send", "no action is required", "temporary failure report",
    "still undelivered", "will be retried",
)  # fmt: skip
# … unless it also says that it waits no more.
GIVEN_UP = (
    "giving up", "given up", "gave up", "permanent", "will be deleted", "could not be delivered for too",
    "too long", "fatal error", "not going to try again",
)  # fmt: skip

# With these the subject of an automatic reply begins, after any "Re:".
AUTO_REPLY_SUBJECTS = (
    "automatic reply", "automatic response", "automated reply", "automated response", "auto reply", "auto-reply",
    "autoreply", "auto response", "auto-response", "autoresponse", "autorespons", "auto respons",
    "automatische antwort", "abwesenheit", "out of office", "out of the office", "out-of-office",
    "away from office", "away from the office", "on vacation", "on holiday", "on leave", "i am on vacation",
    "i am on holiday", "i'm on vacation", "vacation", "absence", "absent", "réponse automatique",
    "reponse automatique", "en congé", "en conge", "message d'absence", "hors du bureau", "fuera de la oficina",
    "respuesta automática", "respuesta automatica", "risposta automatica", "resposta automática", "autosvar", "自動",
)  # fmt: skip


def says_any(text: str, words: tuple[str, ...]) -> bool:
    """Return whether the lower-case text contains one of the words."""
    for word in words:  # noqa: SIM110 - any() with a generator takes twice the time, and this is asked for every mail
        if word in text:
            return True
    return False
