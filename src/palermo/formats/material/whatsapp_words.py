"""The words WhatsApp writes into its exports, by language: data, not rules.

Source: exports of the app in these languages. A language that is not here loses nothing: the text
of a message is kept as it stands, only the mark in `extra` is missing.
"""

import re

#: Halves of the day, lower case, without blanks and points.
MORNING = frozenset({
    "am", "vorm", "öö", "πμ", "sa", "сутрин", "ص", "قم", "صباحا", "上午", "早上", "凌晨", "清晨",
    "午前", "오전", "पूर्वाह्न", "ก่อนเที่ยง", "de", "dop", "fm", "ap", "ip",
})  # fmt: skip
AFTERNOON = frozenset({
    "pm", "nachm", "ös", "μμ", "ch", "следобед", "م", "بم", "مساء", "下午", "晚上", "中午", "傍晚",
    "午後", "오후", "अपराह्न", "หลังเที่ยง", "du", "odp", "em",
})  # fmt: skip


def _whole(*phrases: str) -> re.Pattern[str]:
    joined = "|".join(phrases)
    return re.compile(rf"[\u200e\u200f]*(?:{joined})[.。]?\s*", re.IGNORECASE)


#: A message that was withdrawn: the whole text.
DELETED = _whole(
    "this message was deleted", "you deleted this message", "this message was deleted by admin.*",
    "diese nachricht wurde gelöscht", "du hast diese nachricht gelöscht",
    "se eliminó este mensaje", "este mensaje fue eliminado", "eliminaste este mensaje",
    "ce message a été supprimé", "vous avez supprimé ce message",
    "questo messaggio è stato eliminato", "hai eliminato questo messaggio",
    "mensagem apagada", "esta mensagem foi apagada", "você apagou esta mensagem",
    "dit bericht is verwijderd", "u hebt dit bericht verwijderd", "je hebt dit bericht verwijderd",
    "acest mesaj a fost șters", "ai șters acest mesaj",
    "bu mesaj silindi", "bu mesajı sildiniz", "ta wiadomość została usunięta",
    "данное сообщение удалено", "вы удалили данное сообщение", "це повідомлення видалено",
    "تم حذف هذه الرسالة", "حذفت هذه الرسالة", "此消息已被撤回", "此訊息已刪除", "您已撤回此消息",
)  # fmt: skip

#: Media that the export leaves out: the whole text. iOS names the kind of media.
OMITTED = _whole(
    "<media omitted>", "<medien ausgeschlossen>", "<multimedia omitido>", "<médias omis>",
    "<media omessi>", "<mídia oculta>", "<arquivo de mídia oculto>", "<ficheiro não revelado>",
    "<media weggelaten>", "<medya dahil edilmedi>", "<pominięto multimedia>",
    "<без медиафайлов>", "<медіа пропущено>", "<fișier media omis>", "<تم استبعاد الوسائط>",
    "<省略多媒体文件>", "<省略多媒體檔>", "<メディアなし>",
    "(?:image|video|audio|gif|sticker|document|contact card|video note) omitted",
    "(?:bild|video|audio|gif|sticker|dokument|kontaktkarte) weggelassen",
    "(?:imagen|audio|video|gif|sticker|documento|tarjeta de contacto) omitid[oa]",
    "(?:image|vidéo|audio|gif|sticker|document|fiche contact) absente?",
    "(?:immagine|video|audio|gif|sticker|documento|scheda contatto) omess[oa]",
    "(?:imagem|vídeo|áudio|gif|figurinha|documento|cartão do contato) ocult[oa]",
    "(?:afbeelding|video|audio|gif|sticker|document|contactkaart) weggelaten",
    ".{1,30} dahil edilmedi", ".{1,30} (?:пропущен[оа]?|не добавлен[оа]?)",
)  # fmt: skip

#: `<attached: name>` (iOS, in any language); `name (file attached)` (Android, in those listed).
ATTACHED = re.compile(r"[\u200e\u200f]*<[^<>:\n]{2,30}?\s?: ?([^<>\n]{1,200}\.\w{1,5})>")
FILE_ATTACHED = re.compile(
    r"[\u200e\u200f]*([^\n]{1,200}?\.\w{1,5}) \((?:file attached|archivo adjunto|datei angehängt"
    r"|fichier joint|file allegato|arquivo anexado|bestand bijgevoegd|dosya ekli|fișier atașat"
    r"|plik załączony|файл добавлен|файл додано|ملف مرفق|文件附件|檔案已附加|添付ファイル)\)",
    re.IGNORECASE,
)
OWN_FILE_NAME = re.compile(
    r"[\u200e\u200f]*((?:IMG|VID|AUD|PTT|STK|DOC|GIF)-\d{8}-WA\d{4,}\.\w{1,5})"
    r"(?: \([^()\n]{3,40}\))?"
)

#: The mark behind an edited message.
EDITED = re.compile(
    r"[\u200e\u200f]*<[\u200e\u200f]*[^<>\n]{0,40}(?:edited|bearbeitet|editó|editado|modifié|modificato"
    r"|editada|bewerkt|düzenlendi|отредактировано|изменено|edytowan|editat|تعديل|编辑|編輯)"
    r"[^<>\n]{0,20}>\s*$",
    re.IGNORECASE,
)

#: How an export of one chat is named; the group holds the name of the chat.
CHAT_NAMES = re.compile(
    r"(?:.*/)?(?:whatsapp[ -]chat(?: with| mit| -)?|chat de whatsapp con|discussion whatsapp avec"
    r"|conversa do whatsapp com|chat whatsapp con|whatsapp-chat met|чат whatsapp с"
    r"|whatsapp sohbeti -|czat whatsapp z) (.+?)(?: ?\(\d+\))?\.(?:txt|zip)",
    re.IGNORECASE,
)
