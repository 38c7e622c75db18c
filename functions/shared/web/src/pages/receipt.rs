//! What was recorded of an answer, and when.

use domain::{Account, AnswerToken, CopiesTo, Words, glossary};
use letters::words::button_words;
use maud::{Markup, html};
use workflow::answers::take_link_answer::{LinkAnswer, Recorded};

use super::{Frame, back_to_offer, inline, paragraph, quoted, time};

/// The page; the same for the same answer sent again.
pub(crate) fn page(
    frame: &Frame<'_>,
    token: &AnswerToken,
    answer: &LinkAnswer,
    recorded: &Recorded,
    account: &Account,
) -> Markup {
    let language = frame.language;
    let zone = &account.settings.zone;
    let content = html! {
        dl {
            dt { (inline(language, glossary::SERIAL)) }
            dd { (recorded.contract.dispatch.serial) }
            dt { (inline(language, Words::new("記録日時", "Recorded"))) }
            dd { (time(language, recorded.received_at, zone)) }
            dt { (inline(language, Words::new("押したボタン", "Button pressed"))) }
            dd { (inline(language, button_words(answer.choice))) }
            @if !answer.text.is_empty() {
                dt { (inline(language, Words::new("文章", "Your words"))) }
                dd { (quoted(&answer.text)) }
            }
        }
        @if !recorded.is_of_recipient {
            div.notice role="alert" { (paragraph(language, Words::new(
                "この契約の手続きはすでに終わっていて、このリンクでは本人の回答であることが分かりません。送られた内容は、\
                 本人によるか分からないものとして保管され、証明書にはなりません。",
                "The procedure of this contract has ended, and this link no longer shows that you \
                 are who you say. What was sent is kept as something that anybody may have sent, \
                 and is not certified as your answer.",
            ))) }
            (super::offer::how_to_answer_now(language))
        } @else if recorded.is_supplementary {
            (paragraph(language, Words::new(
                "この契約の手続きはすでに終わっていたため、この回答は追補として記録されました。",
                "The procedure of this contract had ended before, so this answer is recorded as an \
                 addendum.",
            )))
        } @else {
            (paragraph(language, match account.settings.contracts.copies {
                CopiesTo::BothParties => Words::new(
                    "申込みとこの回答を記載した証明書を作成し、お届けします。",
                    "A certificate of the offer and of this answer is being made and will be sent \
                     to you.",
                ),
                CopiesTo::SenderOnly => Words::new(
                    "申込みとこの回答を記載した証明書を作成し、申込者に届けます。",
                    "A certificate of the offer and of this answer is being made for the other \
                     party.",
                ),
            }))
        }
        (paragraph(language, Words::new(
            "同じ回答をもう一度送っても、記録は増えません。",
            "Sending the same answer again adds nothing to the record.",
        )))
        (back_to_offer(language, token))
    };
    let title = if recorded.is_of_recipient {
        Words::new("回答を記録しました", "Your answer is recorded")
    } else {
        Words::new(
            "本人の回答としては記録されていません",
            "Not recorded as your answer",
        )
    };
    frame.page(title, &content)
}
