//! The offer, and the form that answers it.

use domain::limits::{
    LINK_ANSWER_CHARACTERS_MAX, WEB_FILES_LISTED_MAX, WEB_LINE_BYTES_MAX, WEB_TEXT_BYTES_MAX,
};
use domain::{
    Answer, AnswerRoad, AnswerToken, BodySource, Choice, Language, Named, Outcome, Settled,
    UnshownPart, Words, ZoneName, glossary,
};
use letters::links::Page;
use letters::words::{button_words, size_words};
use maud::{Markup, html};
use workflow::answers::show_offer::{LinkState, OfferedContent, ShownOffer};
use workflow::dispatch::deliver::TwoWaySms;

use super::{Frame, both, cut, inline, line, paragraph, quoted, spans, time};

/// The page; `text` was written for an answer before.
pub(crate) fn page(
    frame: &Frame<'_>,
    token: &AnswerToken,
    shown: &ShownOffer,
    text: &str,
) -> Markup {
    let language = frame.language;
    let zone = &shown.account.settings.zone;
    let settled = shown.contract.progress.settled;
    let title = Words::new("契約の申込みが届いています", "A contract is offered to you");
    // What is offered comes before the small print: it is on the first screen of a telephone.
    let content = html! {
        (terms(language, shown, zone))
        @if let Some(settled) = settled { (settled_notice(language, settled, shown, zone)) }
        h2 { (inline(language, Words::new("申込みの内容", "What is offered"))) }
        @match &shown.content {
            Some(content) => (offered(language, token, content)),
            None => (paragraph(language, Words::new(
                "申込みの内容は保存期間を過ぎたため、ここでは表示できません。届いたメールをご覧ください。",
                "The time for which the offer is kept here is over. Please see the mail that \
                 reached you.",
            ))),
        }
        @if shown.link == LinkState::Counts {
            (form(frame, token, shown, text))
        } @else if settled.is_some() {
            (how_to_answer_now(language))
        }
        (small_print(language, shown, zone))
    };
    frame.page(title, &content)
}

/// Who offers what, until when: as much as fits beside the beginning of the text.
fn terms(language: Language, shown: &ShownOffer, zone: &ZoneName) -> Markup {
    let dispatch = &shown.contract.dispatch;
    html! {
        dl {
            dt { (inline(language, Words::new("申込者", "Offered by"))) }
            dd {
                strong { (line(&shown.account.company)) }
                br;
                @if let Some(name) = &shown.sender_name { (line(name)) " " }
                (line(dispatch.origin.sender().as_str()))
            }
            dt { (inline(language, Words::new("件名", "Subject"))) }
            dd { (line(&shown.subject)) }
            @if let Some(answer_until) = dispatch.answer_until() {
                dt { (inline(language, Words::new("回答期限", "Answer until"))) }
                dd { (time(language, answer_until, zone)) }
            }
        }
    }
}

fn small_print(language: Language, shown: &ShownOffer, zone: &ZoneName) -> Markup {
    let dispatch = &shown.contract.dispatch;
    html! {
        dl.quiet {
            dt { (inline(language, glossary::SERIAL)) }
            dd { (dispatch.serial) }
            dt { (inline(language, Words::new("受付日時", "Received"))) }
            dd { (time(language, dispatch.accepted_at, zone)) }
        }
    }
}

fn settled_notice(
    language: Language,
    settled: Settled,
    shown: &ShownOffer,
    zone: &ZoneName,
) -> Markup {
    html! {
        div.notice {
            @if settled.outcome == Outcome::Answered {
                p { strong { (inline(language, Words::new(
                    "回答は記録済みです。",
                    "An answer is recorded.",
                ))) } }
            } @else {
                p { strong { (inline(language, Words::new(
                    "回答の受付は終わりました。",
                    "The time for an answer is over.",
                ))) } }
            }
            p { (time(language, settled.at, zone)) }
            @if let Some(answer) = &shown.answer { (answered(language, answer)) }
            @match shown.link {
                LinkState::Counts => (paragraph(language, Words::new(
                    "これから送る回答は、追補として記録され、追補の証明書になります。このリンクで送れる回答は一回です。",
                    "What you answer now is recorded as an addendum, which has a certificate of \
                     its own. This link takes one answer.",
                ))),
                LinkState::OfOffer => (paragraph(language, Words::new(
                    "申込みのときのこのリンクからは、もう回答できません。申込者も証明書を通じてこのリンクを知ることができるためです。",
                    "This link came with the offer and takes no answer any more, because the \
                     certificate shows it to the other party, too.",
                ))),
                LinkState::OfEarlierCopy => (paragraph(language, Words::new(
                    "このリンクは、前の回答に使われたため、もう使えません。",
                    "This link was used up by your last answer.",
                ))),
            }
        }
    }
}

/// What was answered, on whatever road: word for word, as the certificate quotes it (P-024).
fn answered(language: Language, answer: &Answer) -> Markup {
    html! {
        dl {
            dt { (inline(language, Words::new("記録された回答", "The answer"))) }
            dd {
                (inline(language, match &answer.road {
                    AnswerRoad::Link { choice, .. } => button_words(*choice),
                    AnswerRoad::Mail { .. } => Words::new("メールでの回答", "by mail"),
                    AnswerRoad::Sms { .. } => Words::new("SMSでの回答", "by SMS"),
                }))
                @if !answer.text.is_empty() { (quoted(&answer.text)) }
            }
        }
    }
}

/// How the recipient of a settled contract can still answer (P-065, Q-31).
pub(crate) fn how_to_answer_now(language: Language) -> Markup {
    html! {
        p { strong { (inline(language, Words::new("今から回答するには", "How to answer now"))) } }
        (paragraph(language, Words::new(
            "付け加えたいことがある場合は、最後に届いた証明書のメールに返信するか、そのメールまたはSMSに書かれたリンクを\
             開いてください。証明書が届いていない場合は、申込みが届いたメールアドレスから申込みのメールに返信するか、申込みの\
             SMSに返信してください。メールは、差出人のドメインのDKIM署名があるときに限り、本人の回答として記録されます\
             （多くのメールサービスでは自動的に付きます）。",
            "If you want to add something, answer the last certificate that you got by mail, or \
             open the link in that mail or SMS. If you got no certificate, answer the mail of the \
             offer from the address it went to, or the SMS of the offer. Such a mail is recorded \
             as yours if it has a DKIM signature of its sender's domain, which most mail services \
             add by themselves.",
        )))
    }
}

fn offered(language: Language, token: &AnswerToken, content: &OfferedContent) -> Markup {
    html! {
        @match content.source {
            BodySource::PlainText => {},
            BodySource::HtmlAsText => (paragraph(language, Words::new(
                "申込みはHTML形式で届きました。以下はその文章だけを取り出したものです。",
                "The offer came as HTML. This is its text alone.",
            ))),
            BodySource::Unshown => (unshown(language, content.unshown.as_ref())),
            BodySource::Empty => (paragraph(language, Words::new("本文はありません。", "It has no text."))),
        }
        @if content.source.has_text() { (body(language, token, &content.text)) }
        @if content.has_html && content.source == BodySource::PlainText {
            (paragraph(language, Words::new(
                "届いたメールにはHTML形式の本文もあります。ここには表示していません。",
                "The mail also holds its text as HTML, which is not shown here.",
            )))
        }
        @if !content.files.is_empty() {
            h2 { (inline(language, Words::new("添付ファイル", "Attachments"))) }
            (files(language, token, content))
        }
    }
}

/// What is offered stands in a part that is no text: nobody should think that nothing is.
fn unshown(language: Language, part: Option<&UnshownPart>) -> Markup {
    let (number, content_type, name) = part.map_or(("", "", ""), |part| {
        let name = part.name.as_deref().unwrap_or_default();
        (&*part.number, &*part.content_type, name)
    });
    html! {
        div.notice {
            (both(
                language,
                html! { strong {
                    "申込みの本文は、この画面に文字として表示できません。届いたメールで内容を確認してから回答してください。"
                } },
                html! {
                    "The text of the offer cannot be shown here. Please read it in the mail that "
                    "you got before you answer."
                },
            ))
            p { (number) " " (content_type) " " (name) }
        }
    }
}

/// A page is bounded, an offer hardly: what does not fit is told, with the way to the whole.
fn body(language: Language, token: &AnswerToken, text: &str) -> Markup {
    let (shown, is_cut) = cut(text, WEB_TEXT_BYTES_MAX);
    html! {
        (quoted(shown))
        @if is_cut {
            div.notice {
                @let (size, shown) = (with_commas(text.len()), with_commas(shown.len()));
                (both(
                    language,
                    html! { strong {
                        "本文が長いため、ここまでの表示です（全" (size) "バイトのうち"
                        (shown) "バイト）。回答する前に、全文をご確認ください。"
                    } },
                    html! {
                        "The text is too long for this page, which shows " (shown) " of its "
                        (size) " bytes. Please read the whole before you answer."
                    },
                ))
                p { a href=(Page::OfferText.path(token)) download {
                    (inline(language, Words::new("全文を保存する", "Save the whole text")))
                } }
            }
        }
    }
}

fn files(language: Language, token: &AnswerToken, content: &OfferedContent) -> Markup {
    let count = content.files.len();
    html! {
        ol.files {
            @for (index, file) in content.files.iter().take(WEB_FILES_LISTED_MAX).enumerate() {
                @let number = index + 1;
                li {
                    a href=(Page::OfferFile(number).path(token))
                        download=(cut(&file.name, WEB_LINE_BYTES_MAX).0) {
                        (line(&file.name))
                    }
                    br;
                    @let size = size_words(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
                    span.quiet {
                        (line(kind_of(&file.content_type))) ", "
                        (spans(language, &size.japanese, &size.english))
                    }
                    details.quiet {
                        summary { "SHA-256" }
                        span.digest { (file.digest) }
                    }
                }
            }
        }
        @if count > WEB_FILES_LISTED_MAX {
            div.notice {
                (both(
                    language,
                    html! { strong {
                        "添付ファイル" (with_commas(count)) "件のうち" (WEB_FILES_LISTED_MAX)
                        "件の表示です。残りは、届いたメールをご覧いただくか、申込者にお問い合わせください。"
                    } },
                    html! {
                        "This page lists " (WEB_FILES_LISTED_MAX) " of " (with_commas(count))
                        " attachments. Please see the mail that reached you for the others, or \
                         ask the other party."
                    },
                ))
            }
        }
        (paragraph(language, Words::new(
            "添付ファイルの中身は、本サービスでは確認していません。",
            "The service has not looked into the attachments.",
        )))
    }
}

/// A form, and no link: what merely visits links must not answer. The buttons look alike, so
/// that none of them is suggested.
fn form(frame: &Frame<'_>, token: &AnswerToken, shown: &ShownOffer, text: &str) -> Markup {
    let language = frame.language;
    html! {
        h2 { (inline(language, Words::new("回答する", "Your answer"))) }
        (what_answering_does(frame, shown))
        form method="post" action=(Page::Offer.path(token)) accept-charset="utf-8" {
            label for="text" { (inline(language, Words::new(
                "添える文章（「同意する」「同意しない」を選ぶ場合は省略できます）",
                "Your words (optional when you agree or decline)",
            ))) }
            // HTML leaves out a line break that stands first.
            textarea id="text" name="text" rows="5" maxlength=(LINK_ANSWER_CHARACTERS_MAX)
                aria-describedby="recorded" { "\n" (text) }
            div.buttons {
                @for choice in Choice::ALL {
                    button type="submit" name="choice" value=(choice.name()) {
                        (inline(language, button_words(choice)))
                    }
                }
            }
            div #recorded.quiet {
                (paragraph(language, Words::new(
                    "ボタンを押すと、確認の画面が出ます。そこで確定するまで、何も記録されません。確定すると、選んだ\
                     ボタンの言葉と文章がそのまま、日時、IPアドレス、ブラウザーの名前とともに記録され、申込者に\
                     渡る証明書に載ります。",
                    "When you press a button, you are asked once more; until then nothing is \
                     recorded. What you confirm is recorded as it is, the words of the button and \
                     yours, with the time, your IP address and the name of your browser, and \
                     appears on the certificate that the other party gets.",
                )))
            }
        }
    }
}

/// That the first answer ends the procedure, where questions go, and the other roads that
/// were taken.
fn what_answering_does(frame: &Frame<'_>, shown: &ShownOffer) -> Markup {
    let language = frame.language;
    let is_open = shown.contract.progress.settled.is_none();
    html! {
        @if is_open {
            (paragraph(language, Words::new(
                "最初に送られた回答が記録され、この申込みの手続きは終わります。",
                "The first answer is recorded and ends the procedure of this offer.",
            )))
        }
        (questions(language, shown))
        @if let (true, Some(words)) = (is_open, other_roads(frame, shown)) {
            (paragraph(language, words))
        }
    }
}

/// The roads that were taken and bring answers back.
fn other_roads(frame: &Frame<'_>, shown: &ShownOffer) -> Option<Words> {
    let recipient = &shown.contract.dispatch.recipient;
    let takes_sms = frame.two_way_sms == TwoWaySms::Available;
    match (recipient.mail(), recipient.mobile().filter(|_| takes_sms)) {
        (Some(_), None) => Some(Words::new(
            "申込みのメールに返信して回答することもできます。",
            "You can also answer by replying to the mail of the offer.",
        )),
        (None, Some(_)) => Some(Words::new(
            "申込みのSMSに返信して回答することもできます（送信料はお客様のご負担です）。",
            "You can also answer by replying to the SMS of the offer; it costs what your carrier \
             asks.",
        )),
        (Some(_), Some(_)) => Some(Words::new(
            "申込みのメールまたはSMSに返信して回答することもできます（SMSの送信料はお客様のご負担です）。",
            "You can also answer by replying to the mail or the SMS of the offer; an SMS costs \
             what your carrier asks.",
        )),
        (None, None) => None,
    }
}

/// Where questions go: an answer is not the place for them.
pub(super) fn questions(language: Language, shown: &ShownOffer) -> Markup {
    let sender = shown.contract.dispatch.origin.sender();
    let sender = line(sender.as_str());
    both(
        language,
        html! { "ご質問は、回答ではなく " (sender) " へ直接お送りください。" },
        html! { "Please send questions to " (sender) " directly, and not as an answer." },
    )
}

/// What people call a kind of file, where there is a word for it.
fn kind_of(content_type: &str) -> &str {
    match content_type {
        "application/pdf" => "PDF",
        "text/plain" => "TXT",
        "text/csv" => "CSV",
        "image/jpeg" => "JPEG",
        "image/png" => "PNG",
        "application/zip" => "ZIP",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "Word",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "Excel",
        other => other,
    }
}

fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_in_groups_of_three() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(with_commas(number), expected);
        }
    }
}
