//! The offer, and the form that answers it.

use domain::limits::{
    LINK_ANSWER_CHARACTERS_MAX, WEB_FILES_LISTED_MAX, WEB_LINE_BYTES_MAX, WEB_TEXT_BYTES_MAX,
};
use domain::{
    AnswerToken, BodySource, Choice, Named, Outcome, Settled, UnshownPart, Words, ZoneName,
    glossary,
};
use letters::links::Page;
use letters::words::button_words;
use maud::{Markup, html};
use workflow::answers::show_offer::{LinkState, OfferedContent, ShownOffer};

use super::{Frame, cut, inline, line, paragraph, quoted, time};

/// The page.
pub(crate) fn page(frame: &Frame<'_>, token: &AnswerToken, shown: &ShownOffer) -> Markup {
    let zone = &shown.account.settings.zone;
    let title = Words::new("契約の申込みが届いています", "A contract is offered to you");
    let content = html! {
        (terms(shown, zone))
        @if let Some(settled) = shown.contract.progress.settled {
            (settled_notice(settled, shown.link, zone))
        }
        h2 { (inline(Words::new("申込みの内容", "What is offered"))) }
        @match &shown.content {
            Some(content) => (offered(token, content)),
            None => (paragraph(Words::new(
                "申込みの内容は保存期間を過ぎたため、ここでは表示できません。届いたメールをご覧ください。",
                "The time for which the offer is kept here is over. Please see the mail that \
                 reached you.",
            ))),
        }
        @if shown.link == LinkState::Counts { (form(token)) }
    };
    frame.page(title, &content)
}

fn terms(shown: &ShownOffer, zone: &ZoneName) -> Markup {
    let dispatch = &shown.contract.dispatch;
    html! {
        dl {
            dt { (inline(Words::new("申込者", "Offered by"))) }
            dd {
                strong { (line(&shown.account.company)) }
                br;
                @if let Some(name) = &shown.sender_name { (line(name)) " " }
                (line(dispatch.origin.sender().as_str()))
            }
            dt { (inline(Words::new("件名", "Subject"))) }
            dd { (line(&shown.subject)) }
            dt { (inline(glossary::SERIAL)) }
            dd { (dispatch.serial) }
            dt { (inline(Words::new("受付日時", "Received"))) }
            dd { (time(dispatch.accepted_at, zone)) }
            @if let Some(answer_until) = dispatch.answer_until() {
                dt { (inline(Words::new("回答期限", "Answer until"))) }
                dd { (time(answer_until, zone)) }
            }
        }
    }
}

fn settled_notice(settled: Settled, link: LinkState, zone: &ZoneName) -> Markup {
    html! {
        div.notice {
            @if settled.outcome == Outcome::Answered {
                p { strong { (inline(Words::new("回答は記録済みです。", "An answer is recorded."))) } }
            } @else {
                p { strong { (inline(Words::new(
                    "回答の受付は終わりました。",
                    "The time for an answer is over.",
                ))) } }
            }
            p { (time(settled.at, zone)) }
            @match link {
                LinkState::Counts => (paragraph(Words::new(
                    "これから送る回答は、補足として記録され、追補の証明書になります。このリンクで送れる回答は一回です。",
                    "What you answer now is recorded as a supplement and certified in an addendum. \
                     This link takes one answer.",
                ))),
                LinkState::OfOffer => (paragraph(Words::new(
                    "申込みのときのこのリンクからは、もう回答できません。申込者も証明書を通じてこのリンクを知ることができるためです。",
                    "This link came with the offer and takes no answer any more, because the \
                     certificate shows it to the other party, too.",
                ))),
                LinkState::OfEarlierCopy => (paragraph(Words::new(
                    "このリンクは、前の回答に使われたため、もう使えません。",
                    "This link was used up by your last answer.",
                ))),
            }
            @if link != LinkState::Counts { (how_to_answer_now()) }
        }
    }
}

/// How the recipient of a settled contract can still answer (P-065, Q-31).
pub(crate) fn how_to_answer_now() -> Markup {
    html! {
        p { strong { (inline(Words::new("今から回答するには", "How to answer now"))) } }
        (paragraph(Words::new(
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

fn offered(token: &AnswerToken, content: &OfferedContent) -> Markup {
    html! {
        @match content.source {
            BodySource::PlainText => {},
            BodySource::HtmlAsText => (paragraph(Words::new(
                "申込みはHTML形式で届きました。以下はその文章だけを取り出したものです。",
                "The offer came as HTML. This is its text alone.",
            ))),
            BodySource::Unshown => (unshown(content.unshown.as_ref())),
            BodySource::Empty => (paragraph(Words::new("本文はありません。", "It has no text."))),
        }
        @if content.source.has_text() { (body(token, &content.text)) }
        @if content.has_html && content.source == BodySource::PlainText {
            (paragraph(Words::new(
                "届いたメールにはHTML形式の本文もあります。ここには表示していません。",
                "The mail also holds its text as HTML, which is not shown here.",
            )))
        }
        @if !content.files.is_empty() {
            h2 { (inline(Words::new("添付ファイル", "Attachments"))) }
            (files(token, content))
        }
    }
}

/// What is offered stands in a part that is no text: nobody should think that nothing is.
fn unshown(part: Option<&UnshownPart>) -> Markup {
    let (number, content_type, name) = part.map_or(("", "", ""), |part| {
        let name = part.name.as_deref().unwrap_or_default();
        (&*part.number, &*part.content_type, name)
    });
    html! {
        div.notice {
            p { strong {
                "申込みの本文は、この画面に文字として表示できません。届いたメールで内容を確認してから回答してください。"
            } }
            p.en lang="en" {
                "The text of the offer cannot be shown here. Please read it in the mail that you "
                "got before you answer."
            }
            p { (number) " " (content_type) " " (name) }
        }
    }
}

/// A page is bounded, an offer hardly: what does not fit is told, with the way to the whole.
fn body(token: &AnswerToken, text: &str) -> Markup {
    let (shown, is_cut) = cut(text, WEB_TEXT_BYTES_MAX);
    html! {
        (quoted(shown))
        @if is_cut {
            div.notice {
                p { strong {
                    "本文が長いため、ここまでの表示です（全" (with_commas(text.len())) "バイトのうち"
                    (with_commas(shown.len())) "バイト）。回答する前に、全文をご確認ください。"
                } }
                p.en lang="en" {
                    "The text is too long for this page, which shows " (with_commas(shown.len()))
                    " of its " (with_commas(text.len())) " bytes. Please read the whole before \
                     you answer."
                }
                p { a href=(Page::OfferText.path(token)) download {
                    (inline(Words::new("全文を保存する", "Save the whole text")))
                } }
            }
        }
    }
}

fn files(token: &AnswerToken, content: &OfferedContent) -> Markup {
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
                    span.quiet {
                        (line(&file.content_type)) ", " (with_commas(file.bytes.len())) " bytes"
                    }
                    br;
                    span.quiet.digest { "SHA-256 " (file.digest) }
                }
            }
        }
        @if count > WEB_FILES_LISTED_MAX {
            div.notice {
                p { strong {
                    "添付ファイル" (with_commas(count)) "件のうち" (WEB_FILES_LISTED_MAX)
                    "件の表示です。残りは、届いたメールをご覧いただくか、申込者にお問い合わせください。"
                } }
                p.en lang="en" {
                    "This page lists " (WEB_FILES_LISTED_MAX) " of " (with_commas(count))
                    " attachments. Please see the mail that reached you for the others, or ask \
                     the other party."
                }
            }
        }
        (paragraph(Words::new(
            "添付ファイルの中身は、本サービスでは確認していません。",
            "The service has not looked into the attachments.",
        )))
    }
}

/// A form, and no link: what merely visits links must not answer. The buttons look alike, so
/// that none of them is suggested.
fn form(token: &AnswerToken) -> Markup {
    html! {
        h2 { (inline(Words::new("回答する", "Your answer"))) }
        form method="post" action=(Page::Offer.path(token)) accept-charset="utf-8" {
            label for="text" { (inline(Words::new(
                "書き添える文章（同意する・しないの場合は省略できます）",
                "Your words (optional when you agree or decline)",
            ))) }
            textarea id="text" name="text" rows="5" maxlength=(LINK_ANSWER_CHARACTERS_MAX)
                aria-describedby="recorded" {}
            div.buttons {
                @for choice in Choice::ALL {
                    button type="submit" name="choice" value=(choice.name()) {
                        (inline(button_words(choice)))
                    }
                }
            }
            div #recorded.quiet {
                (paragraph(Words::new(
                    "このページを開いただけでは何も記録されません。ボタンを押すと、選んだボタンの言葉と文章がそのまま、\
                     日時、IPアドレス、ブラウザーの名前とともに記録され、申込者に渡る証明書に載ります。",
                    "Opening this page records nothing. When you press a button, its words and \
                     yours are recorded as they are, with the time, your IP address and the name \
                     of your browser, and appear on the certificate that the other party gets.",
                )))
                (paragraph(Words::new(
                    "届いたメールへの返信でも回答できます。",
                    "You can also answer by replying to the mail that reached you.",
                )))
            }
        }
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
