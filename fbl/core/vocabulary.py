"""Words by which reports that have no report part are told from the mails of people: lower case, any language.

They are substrings, all sought in one pass over a text; a list has no empty word.
"""

from collections.abc import Callable
from functools import cache

from ahocorasick_rs import AhoCorasick, Implementation

# In the From field: a mail system, not a person.
SYSTEM_SENDERS = (
    "mailer-daemon", "mailerdaemon", "mail-daemon", "maildaemon", "postmaster", "post_master", "post-master",
    "mail delivery", "maildelivery", "mail.delivery", "mail deliver", "mailer delivery", "mail system", "mailsystem",
    "system administrator", "bounce@", "bounces@", "mmsc", "mail server", "mail router", "mail gateway",
    "mail-gateway", "mail administrator", "delivery subsystem", "delivery system", "delivery-notification",
    "delivery notification", "delivery status", "majordomo", "listserv", "-admin@", "microsoft outlook",
    "microsoftexchange", "mdaemon", "mailenable", "zustelldienst", "systemadministrator", "administrateur système",
    "système de messagerie", "système de courrier", "sistema de correo", "sistema di posta", "sistema de email",
    "sistema de e-mail", "<>",
)  # fmt: skip

# In the subject of a bounce or of a warning that a mail waits.
BOUNCE_SUBJECTS = (
    "undeliver", "non deliver", "non-deliver", "nondeliver", "not deliver", "not been delivered", "delivery status",
    "delivery fail", "delivery error", "delivery problem", "delivery notif", "delivery report", "delivery unsuccess",
    "delivery has failed", "delivery delay", "delivery incomplete", "delivery to ", "delivery attempt", "failed mail",
    "failed deliver", "failed message", "failure deliver", "failure mail", "failure notice", "unsuccessful mail",
    "unsuccessful deliver", "permanent deliver", "permanent fail", "returned mail", "returned e-mail",
    "returned email", "returned message", "returned to sender", "return receipt: fail", "mail error",
    "mail system error", "mail fail", "mail could not", "could not be delivered", "couldn't be delivered",
    "can't be delivered", "cannot be delivered", "unable to deliver", "cannot deliver", "can't deliver",
    "message delayed", "delayed mail", "mail delayed", "warning: could not send", "warning: message", "bounce",
    "error sending your mail", "there was an error sending", "loop alert", "message rejected", "mail rejected",
    "rejected:", "user unknown", "unknown user", "mail delivery", "message status", "problem delivering", "failed:",
    "message not delivered", "message failed", "unzustellbar", "nicht zugestellt", "zustellung fehlgeschlagen",
    "zustellbarkeit", "non remis", "non distribu", "échec de la remise", "echec de la remise", "non livr",
    "retour à l'expéditeur", "non recapit", "mancata consegna", "no se puede entregar", "no entregado",
    "não entregue", "falha na entrega", "n'a pu être livr", "n'a pas pu être", "pas été remis", "échec de remise",
    "avis de non-remise", "remise retardée", "distribution incomplète", "courriel refusé", "message refusé",
    "zustellung verzögert", "zustellungsfehler", "zustellfehler", "nicht zustellbar", "nicht zugestellte",
    "rückgabe an den absender", "rueckgabe an den absender", "correo devuelto", "no se pudo entregar",
    "no entregable", "error de entrega", "entrega fallida", "entrega demorada", "mensaje no entregado",
    "messaggio non consegnato", "errore di consegna", "recapito", "consegna fallita", "não foi possível entregar",
    "mensagem devolvida", "erro na entrega", "não pôde ser entregue", "onbestelbaar", "niet worden bezorgd",
    "niet bezorgd", "niet afgeleverd", "kunde inte levereras", "gick inte att leverera", "kunne ikke leveres",
    "ikke leveret", "ikke levert", "ei voitu toimittaa", "toimittamatta", "niedostarczon", "nie dostarczono",
    "nedoruč", "nelze doručit", "kézbesíthetetlen", "nu a putut fi livrat", "iletilemedi", "teslim edilemedi",
    "не доставлено", "недоставлен", "не удалось доставить", "не может быть доставлен", "配信", "送信", "エラー",
    "届けられません", "退信", "投递失败", "無法投遞", "无法送达", "退回", "반송", "전송되지", "발송 실패",
)  # fmt: skip

# In the subject of what a mail system tells its own postmaster.
NO_BOUNCE_SUBJECTS = (
    "smtp server: errors from",
    "smtp server: protocol",
    "smtp client: errors from",
    "logwatch",
    "cron <",
)

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
    "не может быть доставлено", "не удалось доставить", "не может быть отправлено", "не было доставлено",
    "配信できません", "配信エラー", "送信できません", "届けられません", "无法投递", "無法投遞", "无法送达", "被退回",
    "전송되지 않", "전송할 수 없", "발송되지", "pas pu remettre", "pas pu être", "pas été remis", "pas été reçu",
    "non remis", "pas pu livrer", "n'a pu livrer", "remise a échoué", "wurde nicht", "nicht an den folgenden empf",
    "unzustellbar", "fehlgeschlagen", "no pudo ser", "no se ha podido entregar", "no ha podido", "no fue entregado",
    "non è stato", "non è stata", "impossibile recapitare", "non recapitabile", "non ha potuto", "não pôde ser",
    "não foi entregue", "não pode ser entregue", "niet worden bezorgd", "niet worden afgeleverd", "niet bezorgd",
    "kon niet", "kunde inte levereras", "gick inte att leverera", "kunne ikke leveres", "kan ikke leveres",
    "ei voitu toimittaa", "nie mogła zostać dostarczona", "nie może być dostarczona", "nie została dostarczona",
    "nelze doručit", "nebylo možné doručit", "nem kézbesíthető", "nu a putut fi livrat", "iletilemedi",
    "teslim edilemedi", "requested action", "550 5.", "554 5.", "552 5.", "550-5.", "554-5.",
    "still being held in the mail queue",
)  # fmt: skip

# In the first words of a warning that a mail is still waiting …
DELAYS = (
    "warning message only", "this is a warning", "warning only", "delivery is delayed", "delivery has been delayed",
    "delivery delayed", "still being retried", "has not yet been delivered", "hasn't been delivered yet",
    "not been delivered yet", "addresses yet", "delivery will continue", "will continue to be attempted",
    "will keep on trying", "not yet been delivered", "will continue to try", "will keep trying", "will try again",
    "message delayed", "you do not need to resend", "do not need to re-send", "no action is required",
    "temporary failure report", "still undelivered", "will be retried", "remise est retardée", "pas encore été remis",
    "pas encore pu être", "tentatives de remise vont", "nouvelles tentatives", "hat sich verzögert",
    "noch nicht zugestellt", "weiterhin versucht", "se ha retrasado", "aún no se ha entregado", "todavía no se ha",
    "seguirá intentando", "in ritardo", "non è ancora stato", "está atrasada", "ainda não foi", "is vertraagd",
    "nog niet bezorgd", "opóźnion", "еще не доставлено", "ещё не доставлено", "задержка доставки", "遅延",
    "再試行します", "配信が遅れ", "still being held in the mail queue",
)  # fmt: skip
# … unless it also says that it waits no more.
GIVEN_UP = (
    "giving up", "given up", "gave up", "permanent", "will be deleted", "could not be delivered for too", "too long",
    "fatal error", "not going to try again",
)  # fmt: skip

# With these the subject of an automatic reply begins, after any "Re:".
AUTO_REPLY_SUBJECTS = (
    "automatic reply", "automatic response", "automated reply", "automated response", "auto reply", "auto-reply",
    "autoreply", "auto response", "auto-response", "autoresponse", "autorespons", "auto respons",
    "automatische antwort", "abwesenheit", "out of office", "out of the office", "out-of-office", "away from office",
    "away from the office", "on vacation", "on holiday", "on leave", "i am on vacation", "i am on holiday",
    "i'm on vacation", "vacation", "absence", "absent", "réponse automatique", "reponse automatique", "en congé",
    "en conge", "message d'absence", "hors du bureau", "fuera de la oficina", "respuesta automática",
    "respuesta automatica", "risposta automatica", "resposta automática", "autosvar", "自動", "abwesend", "im urlaub",
    "nicht im büro", "afwezig", "automatisch antwoord", "ausente", "estoy ausente", "ausencia", "ausência", "assente",
    "assenza", "fuori sede", "fuori ufficio", "fora do escritório", "de férias", "in ferie", "frånvaro",
    "frånvarande", "fravær", "automatisk svar", "automaattinen", "poissa", "nieobecn", "poza biurem",
    "automatyczna odpowied", "automatická odpov", "nepřítomn", "automatikus válasz", "házon kívül", "răspuns automat",
    "otomatik yanıt", "ofis dışında", "αυτόματη απάντηση", "автоответ", "автоматический ответ", "нет на месте",
    "отсутств", "不在", "外出中", "自动回复", "自動回覆", "자동 회신", "부재중", "autoréponse", "auto:",
    "réponse d'absence", "absent du bureau", "de retour le", "je suis absent", "read:", "not read:", "lu :",
    "non lu :", "gelesen:", "ungelesen:", "leído:", "letto:", "lida:", "gelezen:", "confirmation de lecture",
    "accusé de lecture",
)  # fmt: skip


# Where a report of success begins: nothing failed.
SUCCESSES = (
    "was successfully delivered", "has been successfully delivered", "successfully delivered to",
    "was delivered to the", "has been delivered to", "delivery to these recipients or groups is complete",
    "successfully relayed", "été remis avec succès", "wurde erfolgreich zugestellt", "se ha entregado correctamente",
    "consegnato correttamente", "entregue com êxito", "успешно доставлено", "正常に配信",
)  # fmt: skip

# … unless one of these stands in it as well.
FAILURES = ("n't ", " not ", "fail", "reject", "undeliver", " pas ", " nicht ", "no se ", " non ", " não ", " не ")

_QUOTES = (("\u2019", "'"), ("\u2018", "'"), ("\u02bc", "'"), ("\u201c", '"'), ("\u201d", '"'), ("\xa0", " "))
_FEW = 15  # words: so many are sought faster one after the other


def plain_quotes(text: str) -> str:
    """Return the text with the quotation marks and spaces of typewriters, as the words here are written."""
    if not text.isascii():
        for curly, plain in _QUOTES:
            text = text.replace(curly, plain)
    return text


# Many servers write without accents, some with an accent of its own: "dépassé", "depasse".
_ACCENTS = str.maketrans(
    "àáâãäåāăąçćčďđèéêëēęěğìíîïīıłñńňòóôõöøōőřśšşșťţțùúûüūůűýÿźżž",
    "aaaaaaaaacccddeeeeeeegiiiiiilnnnoooooooorssssttt" + "uuuuuuuyyzzz",
    "".join(map(chr, range(0x300, 0x370))),
) | {ord("ß"): "ss", ord("æ"): "ae", ord("œ"): "oe"}


def without_accents(text: str) -> str:
    """Return the lower-case text in plain Latin letters; other scripts as they are.

    >>> without_accents("boîte aux lettres … dépassée")
    'boite aux lettres … depassee'
    """
    return text if text.isascii() else text.translate(_ACCENTS)


def says_any(text: str, words: tuple[str, ...]) -> bool:
    """Return whether the lower-case text contains one of the words."""
    if len(words) > _FEW:
        try:
            return bool(_search_for(words)(text))
        except UnicodeEncodeError:  # halves of surrogate pairs
            return bool(_search_for(words)(text.encode("utf-8", "replace").decode()))
    for word in words:  # noqa: SIM110 - any() with a generator takes twice the time, and this is asked for every mail
        if word in text:
            return True
    return False


@cache
def _search_for(words: tuple[str, ...]) -> Callable[[str], list[tuple[int, int, int]]]:
    """Return the search for all the words at once, in one pass over a text."""
    return AhoCorasick(words, implementation=Implementation.DFA).find_matches_as_indexes
