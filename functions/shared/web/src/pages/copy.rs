//! How a recipient who is known by number gets the certificate.

use domain::limits::{CODE_LIFETIME_SECONDS, CODE_TRIES_MAX};
use domain::{AnswerToken, Language, Serial, Words, glossary};
use letters::links::Page;
use maud::{Markup, html};

use super::{Frame, both, inline, paragraph};

/// What just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing yet.
    Start,
    /// A number was typed.
    Sent,
    /// A code was typed that was not right.
    Wrong,
}

/// The page.
pub(crate) fn page(
    frame: &Frame<'_>,
    token: &AnswerToken,
    serial: &Serial,
    stage: Stage,
) -> Markup {
    let language = frame.language;
    let content = html! {
        dl {
            dt { (inline(language, glossary::SERIAL)) }
            dd { (serial) }
        }
        @match stage {
            Stage::Start => (paragraph(language, Words::new(
                "契約の証明書（PDF）を受け取れます。申込みのSMSが届いた携帯電話に、確認のコードを送ります。",
                "You can get the certificate of the contract (PDF). A code is sent to the \
                 telephone that got the SMS of the offer.",
            ))),
            Stage::Sent => div.notice role="status" { (paragraph(language, Words::new(
                "入力された番号が申込みの送り先であれば、コードを送りました。数分待っても届かない場合は、番号を確かめてください。",
                "If the offer went to that number, a code is on its way to it. If none comes \
                 within a few minutes, please check the number.",
            ))) },
            Stage::Wrong => div.notice role="alert" { (paragraph(language, Words::new(
                "コードが正しくないか、使えなくなっています。",
                "The code is not right, or can no longer be used.",
            ))) },
        }
        // The step that comes next stands first.
        @match stage {
            Stage::Start => { (number_form(language, token)) (code_form(language, token, false)) },
            Stage::Sent | Stage::Wrong => {
                (code_form(language, token, true)) (number_form(language, token))
            },
        }
        h2 { (inline(language, Words::new("付け加えたいことがあるとき", "If you want to add something"))) }
        p { a href=(Page::Offer.path(token)) { (inline(language, Words::new(
            "申込みと回答の内容を見る・回答する",
            "See the offer and its answer, or add to it",
        ))) } }
    };
    frame.page(
        Words::new(
            "契約の証明書の受け取り",
            "Get the certificate of the contract",
        ),
        &content,
    )
}

fn number_form(language: Language, token: &AnswerToken) -> Markup {
    html! {
        h2 { (inline(language, Words::new("コードを受け取る", "Get a code"))) }
        form method="post" action=(Page::CopyCode.path(token)) accept-charset="utf-8" {
            label for="number" { (inline(language, Words::new("携帯電話の番号", "Your mobile number"))) }
            input id="number" name="number" type="tel" autocomplete="tel" required maxlength="30";
            div.buttons {
                button type="submit" { (inline(language, Words::new(
                    "SMSでコードを送る",
                    "Send a code by SMS",
                ))) }
            }
        }
    }
}

fn code_form(language: Language, token: &AnswerToken, is_next: bool) -> Markup {
    html! {
        h2 { (inline(language, Words::new("コードを入力する", "Enter the code"))) }
        form method="post" action=(Page::Copy.path(token)) accept-charset="utf-8" {
            label for="code" { (inline(language, Words::new(
                "SMSに書かれた6桁の数字",
                "The six digits of the SMS",
            ))) }
            input id="code" name="code" type="text" inputmode="numeric" required maxlength="12"
                autocomplete="one-time-code" autofocus[is_next] aria-describedby="code-life";
            div.buttons {
                button type="submit" { (inline(language, Words::new(
                    "証明書を受け取る",
                    "Get the certificate",
                ))) }
            }
            @let minutes = CODE_LIFETIME_SECONDS / 60;
            div #code-life.quiet {
                (both(
                    language,
                    html! {
                        "コードの有効期限は" (minutes) "分です。入力は" (CODE_TRIES_MAX) "回までです。"
                    },
                    html! {
                        "A code works for " (minutes) " minutes, for up to " (CODE_TRIES_MAX)
                        " tries."
                    },
                ))
            }
        }
    }
}
