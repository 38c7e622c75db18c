//! The fixed texts of registered contracts. An answer is quoted; no text here
//! says what it means (P-024, Q-9).

use domain::{Channel, OfferOrder};

use super::{Words, absent, not_captured, words};
use crate::record::v3::{ChannelState, Reply};

pub(crate) const TITLE: Words = words("登録契約記録証明書", "Certificate of Registered Contract");
pub(crate) const SUBTITLE: Words = words(
    "申込みの送信と、それに対する回答について記録された事実の証拠です。",
    "Evidence of the sending of an offer and of what was recorded about the answer to it.",
);
pub(crate) const OUTCOME_NOTE: Words = words(
    "サーバーや携帯電話事業者の応答は、受信者が開封し、読み、同意したことを示すものではありません。\
     回答は引用であり、その意味は解釈していません。",
    "The answer of a server or carrier does not show that anyone opened, read or agreed to the \
     message. Answers are quoted; their meaning is not interpreted.",
);

pub(crate) const PART_ONE: Words = words("第1部　申込み", "Part 1: The offer");
pub(crate) const PART_TWO: Words = words("第2部　回答", "Part 2: The answer");
pub(crate) const NOTES: Words = words("注記", "Notes");

pub(crate) const RECIPIENT_MAIL: Words = words("受信者のアドレス", "Recipient's address");
pub(crate) const RECIPIENT_MOBILE: Words = words("受信者の携帯電話番号", "Recipient's number");
pub(crate) const SENDER_NAME: Words = words("差出人の氏名", "Sender's name");
pub(crate) const NO_SENDER_NAME: Words =
    absent("なし：差出人欄に氏名がありません", "None: From has no name");

pub(crate) const TERMS: Words = words("期限と日時", "Deadline and times");
pub(crate) const DEADLINE: Words = words("回答の期間", "Time to answer");
pub(crate) const ANSWER_UNTIL: Words = words("回答期限", "Answer until");
pub(crate) const ORDER: Words = words("送信の順序", "Order of sending");
pub(crate) const STEP_ANSWERED: Words = words("回答の受信", "Answer received");

pub(crate) const MESSAGE: Words = words("申込みのメッセージ", "Message of the offer");
pub(crate) const CHANNELS: Words = words("経路ごとの結果", "What became of it on each road");
pub(crate) const ROAD: Words = words("経路", "Road");
pub(crate) const DESTINATION: Words = words("宛先", "Destination");
pub(crate) const STATE: Words = words("経路の状況", "State");
pub(crate) const SEEN_AT: Words = words("確認", "Seen at");
pub(crate) const DETAIL: Words = words("事業者の報告", "Provider's report");
pub(crate) const NO_DESTINATION: Words = absent(
    "なし：宛先が指定されていません",
    "None: no destination was given",
);
pub(crate) const NO_REPORT_TIME: Words = absent(
    "確認の日時はなし：報告がありません",
    "No time: there is no report",
);
pub(crate) const NO_DETAIL: Words = absent(
    "事業者の報告はなし：記録がありません",
    "No report of the provider: there is no record",
);
pub(crate) const NO_CHANNELS: Words = absent(
    "なし：送信の記録がありません",
    "None: there is no record of sending",
);
pub(crate) const NO_MAIL: Words = words(
    "受信者あてのメールは送信事業者に引き渡していません。",
    "No mail to the recipient was handed to the provider.",
);
pub(crate) const NO_SMS: Words = words(
    "受信者あてのSMSは送信事業者に引き渡していません。",
    "No SMS to the recipient was handed to the provider.",
);
pub(crate) const SMS: Words = words(
    "本サービスが受信者あてに送信したSMS",
    "SMS that this service sent to the recipient",
);
pub(crate) const PROVIDER: Words = words("事業者", "Provider");
pub(crate) const ENCODING: Words = words("符号化方式", "Encoding");
pub(crate) const PARTS: Words = words("分割数", "Parts");
pub(crate) const CARRIER: Words = words("携帯電話事業者", "Carrier");
pub(crate) const NO_CARRIER: Words = not_captured(
    "取得できず：送受信を担う事業者が携帯電話事業者を知らせていません",
    "Not captured: the provider does not name the carrier",
);

pub(crate) const ANSWER: Words = words("回答", "Answer");
pub(crate) const ANSWER_NOTE: Words = words(
    "届いたとおりの引用です。本サービスはその意味を解釈していません。",
    "Quoted as it arrived. This service does not interpret what it means.",
);
pub(crate) const FROM: Words = words("発信元", "From");
pub(crate) const TO: Words = words("受信番号", "Received on number");
pub(crate) const RECEIVED_AT: Words = words("受信日時", "Received at");
pub(crate) const BUTTON: Words = words("押されたボタン", "Button pressed");
pub(crate) const ANSWER_TEXT: Words = words("回答の文面", "Text of the answer");
pub(crate) const ANSWER_GOES_ON: Words = words(
    "（続きは回答の節にあります）",
    "(it goes on in the section on the answer)",
);
pub(crate) const NO_TEXT: Words = words("文面は入力されていません。", "No text was written.");
pub(crate) const BY_MAIL: Words = words("メールによる回答", "Answer by mail");
pub(crate) const BY_SMS: Words = words("SMSによる回答", "Answer by SMS");
pub(crate) const BY_LINK: Words = words(
    "案内のリンク先のページでの回答",
    "Answer on the page behind the link",
);
pub(crate) const ANSWER_ATTACHMENTS: Words =
    words("回答の添付ファイル", "Attachments of the answer");
pub(crate) const ANSWER_AUTHENTICATION: Words = words(
    "回答者のドメインによる署名",
    "Signature of the answerer's domain",
);
pub(crate) const WAY: Words = words("回答の経路の追跡", "Traceability of the answer");
pub(crate) const HOPS_NOTE: Words = words(
    "回答メールのReceivedヘッダーを、新しいものから順に示します。「確認」は本サービスの受信設備が\
     書いたもの、「申告」は途中のサーバーが書いたもので、本サービスは確かめていません。",
    "The Received fields of the answer, newest first. \"Attested\" ones were written by this \
     service's own receiving system; \"claims\" were written by servers on the way and have not \
     been verified by this service.",
);
pub(crate) const NO_HOPS: Words = absent(
    "なし：回答のメールにReceivedヘッダーがありません",
    "None: the answer has no Received field",
);
pub(crate) const HOP_FROM: Words = words("渡した側", "From");
pub(crate) const HOP_BY: Words = words("受けた側", "By");
pub(crate) const HOP_STANDING: Words = words("位置付け", "Standing");
pub(crate) const HOP_ATTESTED: Words = words("確認", "Attested");
pub(crate) const HOP_CLAIM: Words = words("申告", "Claim");
pub(crate) const NO_HOP_PART: Words = absent("なし：記載がありません", "None: not written there");
pub(crate) const NO_HOP_TIME: Words = not_captured(
    "日時は取得できず：記載がないか、読み取れません",
    "Time not captured: absent or unreadable",
);
pub(crate) const SOURCE_IP: Words = words("接続元IPアドレス", "Source IP address");
pub(crate) const USER_AGENT: Words = words("ブラウザの自己申告", "Browser's own description");
pub(crate) const NO_USER_AGENT: Words = absent(
    "なし：ブラウザが名乗っていません",
    "None: the browser did not say",
);
pub(crate) const LINK_NOTE: Words = words(
    "接続元IPアドレスは本サービスのウェブサーバーが見たものです。中継設備のものであることがあります。",
    "The source IP address is what this service's web server saw; it may be that of a relay.",
);
pub(crate) const LINK_NOTE_BEHIND_CDN: Words = words(
    "接続元IPアドレスは、本サービスのウェブサーバーの前にある配信ネットワーク（CDN）が報告した訪問者のアドレスです。\
     中継設備のものであることがあります。",
    "The source IP address is the visitor's address as the CDN reported it. It may be a relay's.",
);
pub(crate) const SMS_NOTE: Words = words(
    "発信元の番号は、携帯電話事業者の通知によるもので、本サービスは確かめていません。",
    "The sender's number is what the carrier reported; this service has not verified it.",
);
pub(crate) const NO_SMS_ID: Words = not_captured(
    "取得できず：事業者が受付番号を知らせていません",
    "Not captured: the provider reported no id",
);

pub(crate) const ANSWER_RECEIVED: Words = words(
    "受信者から受け取った回答のメール（answer.eml）",
    "Mail of the answer as received (answer.eml)",
);
pub(crate) const ANSWER_FROM_HTML: Words = words(
    "HTML形式の本文を文字に変換したもの（原文は answer.html として添付）",
    "The HTML part converted to text (embedded unchanged as answer.html)",
);
pub(crate) const ANSWER_HTML_EMBEDDED: Words = words(
    "HTML形式の回答を answer.html として添付しています。",
    "The HTML part of the answer is embedded as answer.html.",
);
pub(crate) const ANSWER_ATTACHMENTS_WHERE: Words = words(
    "添付ファイルの中身は answer.eml に含まれています。同じ内容でも、送られたとおり一つずつ記載します。",
    "The contents are inside answer.eml. Each part is listed as sent, equal contents too.",
);
pub(crate) const LARGE_ANSWER_RECEIVED: Words = words(
    "受信者から受け取った回答のメール（添付なし）",
    "Mail of the answer as received (not embedded)",
);
pub(crate) const LARGE_ANSWER_NOTE: Words = not_captured(
    "メールの原文は添付していません：5 MiBを超えています。ハッシュ値、ヘッダー、本文の文字は、ここに記載したとおりです。",
    "The mail itself is not embedded: it is larger than 5 MiB. Its digest, header and text are as \
     shown here.",
);
pub(crate) const LARGE_ANSWER_FROM_HTML: Words = words(
    "HTML形式の本文を文字に変換したもの（原文は添付していません）",
    "The HTML part converted to text (the part itself is not embedded)",
);
pub(crate) const LARGE_ANSWER_ATTACHMENTS_WHERE: Words = words(
    "添付ファイルの中身は収めていません。同じ内容でも、送られたとおり一つずつ記載します。",
    "The contents are not embedded. Each part is listed as sent, equal contents too.",
);
pub(crate) const NOT_IN_ANSWER: Words = words(
    "続きは、この証明書には収めていません。",
    "The rest is not in this certificate.",
);
pub(crate) const LARGE_ANSWER_CHECK: &[Words] = &[words(
    "回答：回答のメールは、大きいため添付していません。メールをお持ちの方は、受信したままの形でSHA-256を計算し、\
     回答の節の値と比べます。",
    "Answer: the mail of the answer is too large to be embedded. Whoever has it as it was \
     received computes its SHA-256 and compares it with the section on the answer.",
)];
pub(crate) const ANSWER_HEADER: Words = words("回答のヘッダー全文", "Full header of the answer");
pub(crate) const ANSWER_HEADER_NOTE: Words = words(
    "受信者から受け取った回答のメールのヘッダー全文です。各行は送信側のサーバーと回答者が書いたもので、\
     回答の経路の節で「確認」としたもののほかは、本サービスが確かめたものではありません。",
    "The whole header of the answer as received. Its lines were written by its sender and the \
     servers on the way; but for those called attested in the section on traceability, this \
     service has not verified them.",
);
pub(crate) const IN_ANSWER: Words = words(
    "続きは、添付した answer.eml にあります。",
    "The rest is in the embedded file answer.eml.",
);
pub(crate) const CODES_NOTE: Words = words(
    "この書式の文字で示せない文字、制御文字、向きを変える文字は、下線を付けた [U+XXXX]（Unicodeの番号）で、\
     文字として読めないバイトは [0xXX] で示します。タブは空白四つで示します。添付した eml ファイルは、メールの原文のままです。",
    "Characters that the fonts of this document do not have, control characters and direction \
     marks are shown as an underlined [U+XXXX] (their Unicode number), bytes that are no text as \
     [0xXX], a tab as four spaces. The embedded eml files are the unchanged mails.",
);

pub(crate) const ANSWER_NOT_STATED: &[Words] = &[words(
    "回答を記載したことは、記載の経路からその内容が届いたことを示します。\
         実際に書いた人物や、その内容の意味を示すものではありません。",
    "That an answer is shown here means that this content came by the road named. It does not \
         show which person wrote it, nor what it means.",
)];
pub(crate) const NO_ANSWER_NOT_STATED: &[Words] = &[words(
    "回答がないことは、本サービスが回答を受け取らなかったことを示します。\
         受信者がほかの方法で回答しなかったことや、その理由を示すものではありません。",
    "That there is no answer means that this service received none. It does not show that the \
         recipient did not answer by other means, nor why.",
)];
pub(crate) const SMS_NOT_STATED: &[Words] = &[words(
    "携帯電話事業者の報告は、SMSが端末に届いたことも、端末の利用者がだれか、SMSを読んだかも示すものではありません。",
    "A carrier's report does not show that the SMS reached the telephone, who uses it, nor that \
         the SMS was read.",
)];
pub(crate) const ANSWER_CHECK: &[Words] = &[words(
    "回答：添付ファイル answer.eml を取り出します。受け取った回答のメールそのもので、1バイトも変えていません。\
         SHA-256を計算し、回答の節の値と比べます。添付ファイルとDKIM署名も、answer.eml から同じように確かめます。",
    "Answer: extract the embedded file answer.eml. It is the answer's mail as received, byte \
         for byte. Compute its SHA-256 and compare it with the section on the answer. Check its \
         attachments and DKIM signature in the same way.",
)];

/// How a road is called.
pub(crate) fn of_channel(channel: Channel) -> Words {
    match channel {
        Channel::Mail => words("メール", "Mail"),
        Channel::Sms => words("ショートメッセージ", "SMS"),
    }
}

/// In which order the roads were taken (P-022).
pub(crate) fn of_order(order: OfferOrder) -> Words {
    match order {
        OfferOrder::Parallel => words("メールとSMSを同時に送信", "Mail and SMS at the same time"),
        OfferOrder::MailThenSms => words(
            "メールの結果が分かった後、または一定の時間の後にSMSを送信",
            "SMS once the result of the mail is known, or some time after it",
        ),
    }
}

/// What is known about an offer on a road.
pub(crate) fn of_state(channel: Channel, state: ChannelState) -> Words {
    match (state, channel) {
        (ChannelState::Accepted, Channel::Mail) => words(
            "受信者のメールサーバーが引き受けました",
            "The recipient's mail server took it over",
        ),
        (ChannelState::Accepted, Channel::Sms) => words(
            "携帯電話事業者がSMSを受け付けたと報告しました",
            "The carrier reported that it accepted the SMS",
        ),
        (ChannelState::NotExisting, Channel::Mail) => words(
            "アドレスまたはドメインが存在しないとの応答がありました",
            "The address or its domain was reported not to exist",
        ),
        (ChannelState::NotExisting, Channel::Sms) => words(
            "番号が存在しないとの報告がありました",
            "The number was reported not to exist",
        ),
        (ChannelState::Undelivered, Channel::Mail | Channel::Sms) => words(
            "届けられませんでした（宛先の有無とは別の理由）",
            "Not delivered, for a reason that does not say whether the destination exists",
        ),
        (ChannelState::NotAttempted, Channel::Mail | Channel::Sms) => {
            words("送信を試みていません", "No attempt was made")
        }
        (ChannelState::Unconfirmed, Channel::Mail | Channel::Sms) => {
            words("結果の報告がありません", "No result was reported")
        }
    }
}

/// Why there is no answer: one wording for each reason (P-051). `None` when there is one.
pub(crate) fn of_missing(reply: &Reply) -> Option<Words> {
    match reply {
        Reply::Answered(_) => None,
        Reply::None => Some(words(
            "回答期限までに、受信者からの回答は届きませんでした。",
            "No answer from the recipient was received before the deadline passed.",
        )),
        Reply::NoSuchDestination => Some(words(
            "宛先のアドレスまたは番号が存在しないと報告されたため、申込みは届かず、回答はありません。",
            "The address or number was reported not to exist: the offer was not delivered, and \
             there is no answer.",
        )),
        Reply::Undelivered => Some(words(
            "宛先の有無とは別の理由で申込みを届けられず、回答はありません。",
            "The offer could not be delivered, for a reason that does not say whether the \
             destination exists, and there is no answer.",
        )),
    }
}
