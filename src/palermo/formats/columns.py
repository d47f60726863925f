"""Finds which column of a file is which part of an item: named by the user, or by usual names.

The same header always gives the same answer. A column serves one part unless the user says
otherwise. Names are compared without case, accents of spacing (`Ad-Text` = `ad_text`) or marks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from palermo.model import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Names of the columns that hold each part of an item; None means: look for a usual name."""

    id: str | None = None
    text: str | None = None
    lang: str | None = None
    posted_at: str | None = None
    platform: str | None = None
    account: str | None = None
    url: str | None = None
    place: str | None = None


#: Usual names, most telling first. A name earlier in a list wins over a later one.
USUAL = {
    "id": (
        "id", "item_id", "ad_id", "post_id", "message_id", "msg_id", "doc_id", "record_id", "uid",
        "uuid", "guid", "identifier", "identifiant", "identificador", "identificatore", "kennung",
        "идентификатор", "ид", "المعرف", "معرف", "编号", "標識", "标识",
    ),
    "text": (
        "text", "body", "content", "message", "full_text", "ad_text", "post_text", "description",
        "message_text", "post", "sms", "comment", "texte", "contenu", "annonce", "corps", "texto",
        "contenido", "mensaje", "descripcion", "anuncio", "conteudo", "mensagem", "descricao",
        "testo", "contenuto", "messaggio", "descrizione", "annuncio", "inhalt", "nachricht",
        "beschreibung", "anzeige", "tekst", "tresc", "opis", "metin", "текст", "сообщение",
        "описание", "содержание", "объявление", "повідомлення", "опис", "النص", "نص", "الرسالة",
        "رسالة", "المحتوى", "الوصف", "内容", "正文", "文本", "文字", "消息", "描述", "內容",
    ),
    "lang": (
        "lang", "language", "locale", "langue", "idioma", "lingua", "sprache", "jezyk", "dil",
        "язык", "мова", "اللغة", "لغة", "语言", "語言",
    ),
    "posted_at": (
        "posted_at", "posted", "created_at", "published_at", "timestamp", "datetime", "date",
        "post_date", "posting_date", "date_posted", "published", "created", "sent_at", "time",
        "publie_le", "date_publication", "horodatage", "fecha", "fecha_publicacion", "data",
        "data_pubblicazione", "datum", "zeitpunkt", "zeitstempel", "tarih", "дата", "время",
        "التاريخ", "تاريخ", "日期", "时间", "發布時間", "发布时间",
    ),
    "platform": (
        "platform", "site", "website", "source", "service", "network", "plateforme", "plataforma",
        "piattaforma", "plattform", "sitio", "sito", "fuente", "платформа", "сайт", "источник",
        "المنصة", "الموقع", "平台", "网站", "網站",
    ),
    "account": (
        "account", "account_id", "user_id", "username", "user", "author", "sender", "poster",
        "profile", "handle", "from", "compte", "auteur", "utilisateur", "expediteur", "cuenta",
        "usuario", "autor", "conta", "utente", "mittente", "konto", "benutzer", "absender",
        "аккаунт", "пользователь", "автор", "отправитель", "الحساب", "المستخدم", "账号", "账户",
        "用户", "作者", "帳號",
    ),
    "url": (
        "url", "link", "permalink", "uri", "href", "ad_url", "post_url", "lien", "adresse_web",
        "enlace", "collegamento", "ссылка", "الرابط", "رابط", "链接", "網址", "网址",
    ),
    "place": (
        "place", "location", "city", "region", "town", "lieu", "ville", "localisation", "lugar",
        "ciudad", "ubicacion", "cidade", "localidade", "luogo", "citta", "ort", "stadt", "sehir",
        "место", "город", "місто", "المكان", "المدينة", "مدينة", "地点", "城市", "地點",
    ),
}  # fmt: skip

PARTS = tuple(field.name for field in fields(Columns))

_LATIN_MARKS = str.maketrans(
    "áàâãäçéèêëíìîïñóòôõöúùûüąćęłńśźżşğı", "aaaaaceeeeiiiinooooouuuuacelnszzsgi"
)


def plain(name: str) -> str:
    """Bring a column name into the form in which names are compared.

    >>> plain(" Ad-Text "), plain("Descripción")
    ('ad_text', 'descripcion')
    """
    return re.sub(r"[\s_.\-]+", "_", name.casefold().strip().translate(_LATIN_MARKS)).strip("_")


def find_columns(names: Sequence[str], columns: Columns, file: str) -> dict[str, int]:
    """Return the index in `names` of each part of an item that the file has; always of `text`."""
    found = {
        part: _named(names, wanted, part, file)
        for part in PARTS
        if (wanted := getattr(columns, part)) is not None
    }
    taken = set(found.values())
    first: dict[str, int] = {}
    for index, name in enumerate(names):
        if index not in taken:
            first.setdefault(plain(name), index)
    for part in PARTS:
        if part not in found:
            usual = next((name for name in USUAL[part] if name in first), None)
            if usual is not None:
                found[part] = first[usual]
    if "text" not in found:
        raise Unreadable(
            f"{file}: no column looks like the text of an item; name it with --text-column. "
            f"Columns there are: {listed(names)}"
        )
    return found


def _named(names: Sequence[str], wanted: str, part: str, file: str) -> int:
    if wanted in names:
        return names.index(wanted)
    alike = [index for index, name in enumerate(names) if plain(name) == plain(wanted)]
    if len(alike) == 1:
        return alike[0]
    raise Unreadable(
        f"{file}: there is no column '{wanted}' for the {part}. Columns there are: {listed(names)}"
    )


def listed(names: Sequence[str]) -> str:
    """Write out column names for a message: at most 40 of them, each at most 40 characters."""
    shown = [name if len(name) <= 40 else f"{name[:39]}…" for name in names[:40]]
    more = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return ", ".join(shown) + more if shown else "none"


def distinct(names: Sequence[str]) -> list[str]:
    """Number repeated names, `price`, `price#2`, so that each can be a key.

    >>> distinct(["price", "price", "id"])
    ['price', 'price#2', 'id']
    """
    given = set(names)
    if len(given) == len(names):
        return list(names)
    result = []
    numbers: dict[str, int] = {}
    for name in names:
        number = numbers.get(name, 0) + 1
        while number > 1 and f"{name}#{number}" in given:
            number += 1
        numbers[name] = number
        result.append(name if number == 1 else f"{name}#{number}")
        given.add(result[-1])
    return result
