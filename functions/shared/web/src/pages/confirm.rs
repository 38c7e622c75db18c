//! An answer once more, before it is recorded: one tap is a slip, two are an answer.

use domain::{AnswerToken, Named, Words, glossary};
use letters::links::Page;
use letters::words::button_words;
use maud::{Markup, html};
use workflow::answers::show_offer::ShownOffer;
use workflow::answers::take_link_answer::LinkAnswer;

use super::{BACK_FIELD, Frame, inline, line, paragraph, quoted};

/// The page. Its form holds the same fields, and only that one is recorded.
pub(crate) fn page(
    frame: &Frame<'_>,
    token: &AnswerToken,
    answer: &LinkAnswer,
    shown: &ShownOffer,
) -> Markup {
    let language = frame.language;
    let dispatch = &shown.contract.dispatch;
    let content = html! {
        p { strong { (inline(language, Words::new(
            "まだ記録されていません。",
            "Nothing is recorded yet.",
        ))) } }
        dl {
            dt { (inline(language, Words::new("選んだ回答", "Your answer"))) }
            dd { strong { (inline(language, button_words(answer.choice))) } }
            @if !answer.text.is_empty() {
                dt { (inline(language, Words::new("添える文章", "Your words"))) }
                dd { (quoted(&answer.text)) }
            }
            dt { (inline(language, Words::new("申込者", "Offered by"))) }
            dd { (line(&shown.account.company)) }
            dt { (inline(language, Words::new("件名", "Subject"))) }
            dd { (line(&shown.subject)) }
            dt { (inline(language, glossary::SERIAL)) }
            dd { (dispatch.serial) }
        }
        @if shown.contract.progress.settled.is_none() {
            (paragraph(language, Words::new(
                "この回答を記録すると、この申込みの手続きは終わります。",
                "Recording this answer ends the procedure of this offer.",
            )))
        } @else {
            (paragraph(language, Words::new(
                "この回答は追補として記録されます。",
                "This answer is recorded as an addendum.",
            )))
        }
        (super::offer::questions(language, shown))
        form method="post" action=(Page::Answer.path(token)) accept-charset="utf-8" {
            input type="hidden" name="choice" value=(answer.choice.name());
            input type="hidden" name="text" value=(answer.text);
            div.buttons {
                button type="submit" { (inline(language, Words::new(
                    "この内容で記録する",
                    "Record this answer",
                ))) }
                button type="submit" name=(BACK_FIELD) value="1"
                    formaction=(Page::Offer.path(token)) {
                    (inline(language, Words::new("戻る", "Go back")))
                }
            }
        }
    };
    frame.page(
        Words::new("この内容で回答しますか", "Is this your answer?"),
        &content,
    )
}
