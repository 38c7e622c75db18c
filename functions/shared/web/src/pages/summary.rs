//! The certificates of a mail to many, one below the other.

use domain::{Language, Words};
use letters::links::{ListPage, SummaryKey};
use letters::words::outcome_words;
use maud::{Markup, html};
use workflow::copies::show_summary::ShownSummary;
use workflow::ports::StoredDispatch;

use super::{Frame, inline, line, paragraph, time};

/// The page.
pub(crate) fn page(frame: &Frame<'_>, key: &SummaryKey, shown: &ShownSummary) -> Markup {
    let language = frame.language;
    let content = html! {
        dl {
            dt { (inline(language, Words::new("件名", "Subject"))) }
            dd { (line(&shown.subject)) }
            dt { (inline(language, Words::new("受付日時", "Accepted"))) }
            dd { (time(language, shown.accepted_at, &shown.zone)) }
            dt { (inline(language, Words::new("宛先の数", "Recipients"))) }
            dd { (shown.dispatches.len()) }
        }
        (paragraph(language, Words::new(
            "このページのアドレスを知っている人は、だれでも証明書を受け取れます。ほかの人に渡さないでください。",
            "Whoever knows the address of this page can get the certificates. Please keep it to \
             yourself.",
        )))
        ol {
            @for (stored, number) in shown.dispatches.iter().zip(1_usize..) {
                li { (entry(language, key, stored, number)) }
            }
        }
    };
    frame.page(Words::new("証明書の一覧", "Certificates"), &content)
}

fn entry(language: Language, key: &SummaryKey, stored: &StoredDispatch, number: usize) -> Markup {
    let dispatch = &stored.dispatch;
    html! {
        (line(&dispatch.recipient.to_string()))
        br;
        @match stored.progress.outcome() {
            Some(outcome) => {
                @let words = outcome_words(outcome);
                (inline(language, words))
            }
            None => (inline(language, Words::new(
                "結果はまだ分かっていません。",
                "The outcome is not known yet.",
            ))),
        }
        br;
        @if let Some(certificate) = &stored.certificate {
            a href=(ListPage::One(number).path(key)) {
                (dispatch.serial) ".pdf"
            }
            br;
            span.quiet { "SHA-256 " (certificate.digest) }
        } @else {
            (dispatch.serial)
        }
    }
}
