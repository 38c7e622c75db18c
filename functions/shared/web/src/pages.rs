//! What people read, in Japanese and English. It says what was seen and no more, and
//! promises no effect in law.

pub(crate) mod compare;
pub(crate) mod confirm;
pub(crate) mod copy;
pub(crate) mod offer;
pub(crate) mod receipt;
pub(crate) mod short;
pub(crate) mod summary;

use domain::limits::WEB_LINE_BYTES_MAX;
use domain::times::spoken;
use domain::{AnswerToken, Language, Named, Operator, Words, ZoneName, glossary};
use jiff::Timestamp;
use letters::links::Page;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use workflow::dispatch::deliver::TwoWaySms;

/// The one style sheet; part of each page, so that a page is one request.
pub(crate) const STYLE: &str = include_str!("pages/style.css");

/// The field of the button that goes back from an answer to the offer. What was written goes along.
pub(crate) const BACK_FIELD: &str = "back";

/// What stands around each page.
pub(crate) struct Frame<'a> {
    /// Who runs the service.
    pub(crate) operator: &'a Operator,
    /// Whether our number takes answers by SMS.
    pub(crate) two_way_sms: TwoWaySms,
    /// Which language comes first: the account's setting, where the page is about one.
    pub(crate) language: Language,
}

impl Frame<'_> {
    /// A page with this title.
    pub(crate) fn page(&self, title: Words, content: &Markup) -> Markup {
        let language = self.language;
        let [first, second] = language.first(title.japanese, title.english);
        html! {
            (DOCTYPE)
            html lang=(language.name()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex, nofollow";
                    // Numbers on these pages are no numbers to call.
                    meta name="format-detection" content="telephone=no";
                    title { (first) " / " (second) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header { (line(&self.operator.name)) }
                    main {
                        h1 { (inline(language, title)) }
                        (content)
                    }
                    footer {
                        (paragraph(language, Words::new(
                            "本サービスは、記録した事実の証拠を残します。法的な効力については何も述べません。",
                            "The service keeps evidence of the facts it recorded. It says nothing \
                             about legal effect.",
                        )))
                        (of_operator(language, self.operator))
                    }
                }
            }
        }
    }
}

/// Who runs the service, how to reach them, and what becomes of what is recorded about people.
pub(crate) fn of_operator(language: Language, operator: &Operator) -> Markup {
    let lines = [
        (glossary::CONTACT, &operator.contact),
        (glossary::PRIVACY, &operator.privacy),
    ];
    html! {
        p { (inline(language, glossary::OPERATOR)) ": " (line(&operator.name)) }
        @for (label, text) in lines {
            @if let Some(text) = text {
                p { (inline(language, label)) ": " (linked(text.as_str())) }
            }
        }
    }
}

/// A link, where the operator wrote an address of the web and nothing else.
fn linked(text: &str) -> Markup {
    let is_address = text.starts_with("https://") && !text.contains(char::is_whitespace);
    html! {
        @if is_address { a href=(text) rel="noopener noreferrer" { (line(text)) } }
        @else { (line(text)) }
    }
}

/// Both languages, one below the other.
pub(crate) fn paragraph(language: Language, words: Words) -> Markup {
    let texts = [words.japanese, words.english];
    let [japanese, english] = texts.map(|text| html! { (text) });
    both(language, japanese, english)
}

/// The same for what holds more than words.
pub(crate) fn both(language: Language, japanese: Markup, english: Markup) -> Markup {
    let japanese = (Language::Japanese, japanese);
    let [first, second] = language.first(japanese, (Language::English, english));
    html! {
        p lang=(first.0.name()) { (first.1) }
        p.second lang=(second.0.name()) { (second.1) }
    }
}

/// Both languages in one line, as far as there is room.
pub(crate) fn inline(language: Language, words: Words) -> Markup {
    spans(language, words.japanese, words.english)
}

/// The same for texts that are made.
pub(crate) fn spans(language: Language, japanese: &str, english: &str) -> Markup {
    let japanese = (Language::Japanese, japanese);
    let [first, second] = language.first(japanese, (Language::English, english));
    html! {
        span lang=(first.0.name()) { (first.1) } " "
        span.second lang=(second.0.name()) { (second.1) }
    }
}

/// One line that somebody else wrote: controls are made visible, and its direction is its own.
/// What is too long ends in an ellipsis.
pub(crate) fn line(text: &str) -> Markup {
    let (shown, is_cut) = cut(text, WEB_LINE_BYTES_MAX);
    html! { bdi { (mail::visible(shown)) @if is_cut { "…" } } }
}

/// The beginning of a text, and whether there is more.
pub(crate) fn cut(text: &str, bytes_max: usize) -> (&str, bool) {
    let end = text.floor_char_boundary(bytes_max);
    let shown = text.get(..end).unwrap_or(text);
    (shown, shown.len() < text.len())
}

/// A text that somebody else wrote, as it was written; only its own line breaks break lines.
pub(crate) fn quoted(text: &str) -> Markup {
    let lines: Vec<String> = text.split('\n').map(mail::visible).collect();
    html! { div.quoted dir="auto" { (lines.join("\n")) } }
}

/// A time in the account's zone (I-006), as people write it; the certificate prints it exactly.
pub(crate) fn time(language: Language, time: Timestamp, zone: &ZoneName) -> Markup {
    let words = spoken(time, zone);
    html! {
        time datetime=(time) { (spans(language, &words.japanese, &words.english)) }
    }
}

/// The way from what came of an answer to the offer.
pub(crate) fn back_to_offer(language: Language, token: &AnswerToken) -> Markup {
    let words = Words::new("申込みに戻る", "Back to the offer");
    html! { p { a href=(Page::Offer.path(token)) { (inline(language, words)) } } }
}
