//! Pages that say one thing.

use domain::limits::LINK_ANSWER_CHARACTERS_MAX;
use domain::{AnswerToken, Words};
use maud::{Markup, html};

use super::{Frame, back_to_offer, both, of_operator, paragraph};

/// To whoever comes without a link.
pub(crate) fn home(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = Words::new(
        "証明メールと契約のページ",
        "Registered mail and registered contracts",
    );
    let content = html! {
        (paragraph(language, Words::new(
            "メールと契約のやり取りを記録し、証明書を発行するサービスのページです。届いたメールまたはSMSに書かれているリンクから\
             お進みください。",
            "These are the pages of a service that records the exchange of mails and contracts and \
             issues certificates of it. Please use the link in the mail or SMS that reached you.",
        )))
        (of_operator(language, frame.operator))
    };
    frame.page(title, &content)
}

/// The one answer to every link that opens nothing.
pub(crate) fn nothing(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = Words::new(
        "このリンクには何もありません",
        "There is nothing under this link",
    );
    frame.page(
        title,
        &paragraph(
            language,
            Words::new(
                "リンクが途中で切れていないか、お確かめください。",
                "Please check that the link is complete.",
            ),
        ),
    )
}

/// To requests that no page of ours makes.
pub(crate) fn not_understood(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = Words::new(
        "送られた内容を読み取れません",
        "The request is not understood",
    );
    frame.page(
        title,
        &paragraph(
            language,
            Words::new(
                "何も記録されていません。リンクをもう一度開いてお試しください。",
                "Nothing was recorded. Please open the link again and try once more.",
            ),
        ),
    )
}

/// To those who ask too often.
pub(crate) fn too_often(frame: &Frame<'_>, seconds: u32) -> Markup {
    let language = frame.language;
    let minutes = seconds.div_ceil(60);
    let content = html! {
        (both(
            language,
            html! { "約" (minutes) "分後にもう一度お試しください。" },
            html! { "Please try again in about " (minutes) " minutes." },
        ))
    };
    frame.page(
        Words::new("回数が多すぎます", "Too many requests"),
        &content,
    )
}

/// When something of ours does not work.
pub(crate) fn failed(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = Words::new("ただいま表示できません", "This does not work at the moment");
    frame.page(
        title,
        &paragraph(language, Words::new(
            "しばらくしてからもう一度お試しください。送信した回答は、同じ内容をもう一度送っても二重に記録されません。",
            "Please try again a little later. An answer that you send again is not recorded twice.",
        )),
    )
}

/// To an answer that says nothing, or too much.
pub(crate) fn no_answer(frame: &Frame<'_>, token: &AnswerToken) -> Markup {
    let language = frame.language;
    let content = html! {
        (both(
            language,
            html! {
                "文章を1文字以上、" (LINK_ANSWER_CHARACTERS_MAX)
                "文字以内で書いてください。何も記録されていません。"
            },
            html! {
                "Please write at least one and at most " (LINK_ANSWER_CHARACTERS_MAX)
                " characters. Nothing was recorded."
            },
        ))
        (back_to_offer(language, token))
    };
    frame.page(
        Words::new("回答を記録できません", "The answer cannot be recorded"),
        &content,
    )
}

/// To whoever goes past the address under which the pages are.
pub(crate) fn not_here(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = Words::new("この入口は使えません", "This is not the way in");
    frame.page(
        title,
        &paragraph(language, Words::new(
            "届いたメール又はSMSに書かれているリンクを、そのまま開いてください。何も記録されていません。",
            "Please open the link as it stands in the mail or SMS that reached you. Nothing was \
             recorded.",
        )),
    )
}

/// To a file that does not fit into a response.
pub(crate) fn file_too_large(frame: &Frame<'_>) -> Markup {
    let language = frame.language;
    let title = Words::new("ファイルが大きすぎます", "The file is too large");
    frame.page(
        title,
        &paragraph(
            language,
            Words::new(
                "このページからは渡せません。申込者にお問い合わせください。",
                "It cannot be handed out by this page. Please ask the other party for it.",
            ),
        ),
    )
}
