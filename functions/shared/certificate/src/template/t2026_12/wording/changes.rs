//! What delivery changed of a mail, in words.

use domain::{DeliveryChange, FileReason};
use paper::Words;

use super::words;

/// What delivery changed of a mail's content.
pub(crate) fn of_change(change: DeliveryChange) -> Words {
    match change {
        DeliveryChange::NoticeInText => words(
            "テキスト形式の本文の前後に、本サービスの案内を加えました。",
            "A notice of the service was put before and behind the plain text.",
        ),
        DeliveryChange::NoticeInHtml => words(
            "HTML形式の本文の前後に、本サービスの案内を加えました。",
            "A notice of the service was put before and behind the HTML.",
        ),
        DeliveryChange::TextInUtf8 => words(
            "テキスト形式の本文の文字コードをUTF-8に改めました。",
            "The plain text was written in UTF-8 in the place of its character encoding.",
        ),
        DeliveryChange::HtmlInUtf8 => words(
            "HTML形式の本文の文字コードをUTF-8に改めました。",
            "The HTML was written in UTF-8 in the place of its character encoding.",
        ),
        DeliveryChange::TextFromHtml => words(
            "HTML形式の本文を文字に変換し、テキスト形式の本文として加えました。",
            "A plain text was added that is the HTML converted to text.",
        ),
        DeliveryChange::PartsRearranged => words(
            "本文を一つにまとめ、またはファイルの位置を変えました。",
            "Pieces of the text were joined, or files were put in another place.",
        ),
        DeliveryChange::SentAsFile(reason) => of_file(reason),
    }
}

fn of_file(reason: FileReason) -> Words {
    match reason {
        FileReason::Signed => words(
            "電子署名を損なわないよう、メッセージ全体をファイル（message.eml）として案内に添付しました。",
            "So that its signature holds, the whole message was attached to the notice as a file \
             (message.eml).",
        ),
        FileReason::Encrypted => words(
            "暗号化されているため、メッセージ全体をファイル（message.eml）として案内に添付しました。",
            "Because it is encrypted, the whole message was attached to the notice as a file \
             (message.eml).",
        ),
        FileReason::Unreadable => words(
            "文字として読めない部分があるため、メッセージ全体をファイル（message.eml）として案内に添付しました。",
            "Because part of its text cannot be read, the whole message was attached to the notice \
             as a file (message.eml).",
        ),
        FileReason::Structure => words(
            "構造を保つため、メッセージ全体をファイル（message.eml）として案内に添付しました。",
            "To keep its structure, the whole message was attached to the notice as a file \
             (message.eml).",
        ),
        FileReason::Size => words(
            "大きさの上限のため、メッセージ全体をファイル（message.eml）として案内に添付しました。",
            "Because of its size, the whole message was attached to the notice as a file \
             (message.eml).",
        ),
    }
}
