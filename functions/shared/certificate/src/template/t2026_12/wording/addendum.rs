//! The fixed texts of addenda: of a later answer to a contract, and of the late bounce of a
//! registered mail. The first certificate says what was so; an addendum never takes it back.

use super::{Words, not_captured, words};
use crate::record::v3::Added;

pub(crate) const ANSWER_TITLE: Words = words(
    "登録契約記録証明書 追補",
    "Addendum to a Certificate of Registered Contract",
);
pub(crate) const ANSWER_SUBTITLE: Words = words(
    "契約の結果の確定後、または回答の期限後に届いた回答について、記録された事実の証拠です。",
    "Evidence of what was recorded about an answer that came after the outcome was settled, or \
     after its deadline.",
);
pub(crate) const BOUNCE_TITLE: Words = words(
    "電子メール記録証明書 追補",
    "Addendum to a Certificate of Registered E-mail",
);
pub(crate) const BOUNCE_SUBTITLE: Words = words(
    "結果の確定後に届いた配達不能の通知について、記録された事実の証拠です。",
    "Evidence of what was recorded about a report of failed delivery that came after the outcome \
     was settled.",
);
pub(crate) const PART_OF_ANSWER: Words = words("後から届いた回答", "The later answer");
pub(crate) const STEP_OFFERED: Words = words("申込みの受理", "Offer accepted by the service");
pub(crate) const STEP_MAIN_ISSUED: Words = words("主証明書の発行", "Main certificate issued");
pub(crate) const STEP_ADDENDUM_ISSUED: Words = words("追補の発行", "Addendum issued");
pub(crate) const STEP_BOUNCED: Words = words("配達不能の通知", "Failure reported");
pub(crate) const STEP_BOUNCE_RECORDED: Words =
    words("本サービスによる記録", "Recorded by the service");

pub(crate) const LINKED: Words = words("主証明書", "Main certificate");
pub(crate) const LINKED_OFFER_NOTE: Words = words(
    "この追補は、次のファイルと一致するハッシュ値を持つ証明書に付くものです。申込みの全文はそこにあります。",
    "This addendum belongs to the certificate whose file has the following digest. The whole \
     offer is there.",
);
pub(crate) const LINKED_MAIL_NOTE: Words = words(
    "この追補は、次のファイルと一致するハッシュ値を持つ証明書に付くものです。送信の記録とメッセージの全文はそこにあります。",
    "This addendum belongs to the certificate whose file has the following digest. The record of \
     the sending and the whole message are there.",
);
pub(crate) const ADDS_TO: Words = words("対象の証明書", "Adds to certificate");
pub(crate) const MAIN_OUTCOME: Words =
    words("主証明書に記載の結果", "Outcome in the main certificate");
pub(crate) const MAIN_STAYS: Words = words(
    "その証明書は取り消されず、記録した事実もそのままです。",
    "That certificate is not withdrawn; what it records stays as it is.",
);
pub(crate) const OFFER: Words = words("申込みのメッセージ", "Message of the offer");
pub(crate) const MAIL: Words = words("メッセージ", "Message");
pub(crate) const FILE_DIGEST: Words = words("ファイルのSHA-256", "SHA-256 of the file");

pub(crate) const BOUNCE: Words = words("後から届いた配達不能の通知", "The late report of failure");
pub(crate) const BOUNCE_KIND: Words = words("通知の内容", "What it says");
pub(crate) const BOUNCE_WORDS: Words = words("サーバーの言葉（原文）", "The server's own words");
pub(crate) const BOUNCE_STATUS: Words = words("状態の符号（RFC 3463）", "Status code (RFC 3463)");
pub(crate) const NO_BOUNCE_WORDS: Words = not_captured(
    "取得できず：通知にサーバーの言葉がありません",
    "Not captured: the report quotes no server",
);
pub(crate) const NO_BOUNCE_STATUS: Words = not_captured(
    "取得できず：通知に状態の符号がありません",
    "Not captured: the report has no status code",
);
pub(crate) const BOUNCE_NOTE: Words = words(
    "メールを引き受けたサーバーも、その後で配達できなかったと知らせることがあります（RFC 5321 第6.1節）。\
     この通知が届いたことを示すもので、理由を確かめたものではありません（第{not_stated}節）。",
    "A server that took a mail over may still report later that it was not delivered (RFC 5321, \
     section 6.1). This shows that the report came; why, the service has not verified (section \
     {not_stated}).",
);
pub(crate) const BOUNCE_NOT_STATED: &[Words] = &[words(
    "通知は、送信事業者が伝えた言葉のとおりに記載しています。受信者が受け取らなかったこと、読まなかったこと、\
         または通知の理由が正しいことを示すものではありません。",
    "The report stands here in the words that the provider passed on. It does not show that the \
         recipient got or read nothing, nor that the reason it gives is right.",
)];

pub(crate) const MAIN_CHECK: &[Words] = &[words(
    "主証明書：主証明書のファイルのSHA-256を計算し、第{main}節の値と比べます。",
    "Main certificate: compute the SHA-256 of its file and compare it with section {main}.",
)];

/// What an addendum is called.
pub(crate) fn title_of(added: &Added) -> Words {
    match added {
        Added::Answer(_) => ANSWER_TITLE,
        Added::Bounce(_) => BOUNCE_TITLE,
    }
}

pub(crate) fn subtitle_of(added: &Added) -> Words {
    match added {
        Added::Answer(_) => ANSWER_SUBTITLE,
        Added::Bounce(_) => BOUNCE_SUBTITLE,
    }
}

/// What page one says beside the outcome.
pub(crate) fn note_of(added: &Added) -> Words {
    match added {
        Added::Answer(_) => super::contract::ANSWER_NOTE,
        Added::Bounce(_) => BOUNCE_NOTE,
    }
}
