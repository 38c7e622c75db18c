//! The fixed texts of the certificate, Japanese and English. They say "evidence of" and what was
//! recorded; never that anything has legal effect or is of a qualified kind (I-026, Q-9), and
//! never more than was seen.

pub(crate) mod addendum;
pub(crate) mod changes;
pub(crate) mod contract;
pub(crate) mod results;

use domain::glossary;
use paper::Words;

const fn words(japanese: &'static str, english: &'static str) -> Words {
    Words::new(japanese, english)
}

/// A term of the glossary.
const fn term(term: domain::Words) -> Words {
    words(term.japanese, term.english)
}

pub(crate) const TITLE: Words = words("電子メール記録証明書", "Certificate of Registered E-mail");
pub(crate) const SUBTITLE: Words = words(
    "電子メールの送信と、その配達について記録された事実の証拠です。",
    "Evidence of the sending of an e-mail and of what was recorded about its delivery.",
);

pub(crate) const VERIFICATION: Words = words("照合先", "Where to check");
pub(crate) const TEST: Words = words(
    "試験：証拠として発行されたものではありません。",
    "TEST: this was not issued as evidence.",
);

pub(crate) const SERIAL: Words = term(glossary::SERIAL);
pub(crate) const ISSUED: Words = words("発行日時", "Issued at");
pub(crate) const OUTCOME: Words = term(glossary::OUTCOME);
pub(crate) const SETTLED: Words = words("本サービスによる確定日時", "Settled by the service at");
pub(crate) const OUTCOME_CODE: Words = words("結果の符号", "Outcome code");
pub(crate) const OUTCOME_NOTE: Words = words(
    "サーバーの応答は、受信者が開封し、読み、同意したことを示すものではありません（第{not_stated}節）。",
    "A server's answer does not show that anyone opened, read or agreed to the message (section \
     {not_stated}).",
);

pub(crate) const PARTIES: Words = words("当事者", "Parties");
pub(crate) const COMPANY: Words = words("会社名", "Company");
pub(crate) const CONTACT: Words = words("担当者", "Person in charge");
pub(crate) const ACCOUNT_ADDRESS: Words = words("契約者の連絡先", "Account's address");
pub(crate) const SENDER: Words = term(glossary::SENDER);
pub(crate) const RECIPIENT: Words = term(glossary::RECIPIENT);
pub(crate) const STATED_BY_ACCOUNT: Words = words(
    "会社名、担当者、連絡先は、契約者の申告です。本サービスは、登記などとは照合していません。",
    "Company, person in charge and address are the account's own statement; the service has not \
     compared them with any register.",
);
pub(crate) const TAKEN_OVER: Words = words(
    "相手サーバーの引受日時（Amazon SESの記録）",
    "Taken over by the recipient's server (Amazon SES's record)",
);

pub(crate) const TIMES: Words = words("日時", "Times");
pub(crate) const STEP: Words = words("事柄", "Step");
pub(crate) const TIME_UTC: Words = words("協定世界時", "UTC");
pub(crate) const TIME_LOCAL: Words = words("契約者の時間帯", "Account's time zone");
pub(crate) const STEP_ACCEPTED: Words = words("受理", "Accepted by the service");
pub(crate) const STEP_SETTLED: Words = words("結果の確定", "Outcome settled");
pub(crate) const STEP_ISSUED: Words = words("証明書の発行", "Certificate issued");

pub(crate) const STEP_TAKEN_OVER: Words =
    words("相手サーバーの引受", "Taken over, by SES's record");
pub(crate) const CLOCKS: Words = words(
    "本サービスの日時は、AWS LambdaがNTPで合わせる時計によります。送信事業者の日時は、送信事業者の時計によります。",
    "Times of the service are by the clock of AWS Lambda, which is set by NTP; those of a provider \
     are by the provider's own clock.",
);

pub(crate) const MESSAGE: Words = words("メッセージ", "Message");
pub(crate) const RECEIVED: Words = words(
    "差出人から受け取ったメッセージ（original.eml）",
    "Message received from the sender (original.eml)",
);
pub(crate) const SUBJECT: Words = words("件名", "Subject");
pub(crate) const MESSAGE_ID: Words = words("メッセージID", "Message-ID");
pub(crate) const DATE_HEADER: Words = words("差出人側の日付", "Date as written by the sender");
pub(crate) const DIGEST: Words = words("SHA-256ハッシュ値と大きさ", "SHA-256 digest, size");
pub(crate) const BODY_SOURCE: Words = words("本文の出所", "Source of the text");
pub(crate) const CHARSET: Words = words("文字コード", "Character encoding");
pub(crate) const DAMAGES: Words = words("構造の損傷", "Damaged structure");
pub(crate) const HANDED_OVER: Words = words(
    "受信者あてにAmazon SESへ引き渡したメッセージ（delivered.eml）",
    "Message handed to Amazon SES for the recipient (delivered.eml)",
);
/// <https://docs.aws.amazon.com/ses/latest/dg/header-fields.html>
pub(crate) const HANDED_OVER_NOTE: Words = words(
    "受信者に届くメッセージは、本サービスのアドレスから送られ、差出人の文章に本サービスの案内が付いている点で、\
     差出人から受け取ったものと異なります。Amazon SESは、その日付（Date）とメッセージIDを自らの値に置き換え、\
     配送のためのヘッダーを加えます。",
    "What reaches the recipient differs from what came from the sender: it is sent from an address \
     of the service, and a notice of the service stands beside the sender's text. Amazon SES \
     replaces its Date and Message-ID by values of its own and adds header fields for the way.",
);
pub(crate) const NOTICES_WHERE: Words = words(
    "案内の全文は第{notices}節にあります。",
    "The notice is quoted in section {notices}.",
);
pub(crate) const NOTICES: Words = words(
    "お届けしたメールに加えた案内",
    "Notice in the mail as handed over",
);
pub(crate) const NOTICE_BEFORE: Words = words("差出人の文章の前", "Before the sender's text");
pub(crate) const NOTICE_BEHIND: Words = words("差出人の文章の後", "Behind the sender's text");
pub(crate) const CHANGES: Words = words("配送のための変更", "Changed for delivery");
pub(crate) const PROVIDER_ID: Words = words("送信事業者の受付番号", "Provider's message id");

pub(crate) const FROM_PLAIN_TEXT: Words = words("テキスト形式の本文", "The plain text part");
pub(crate) const FROM_HTML: Words = words(
    "HTML形式の本文を文字に変換したもの（原文は body.html として添付）",
    "The HTML part converted to text (embedded unchanged as body.html)",
);
pub(crate) const FROM_UNSHOWN: Words = words(
    "本文の位置にあるパートは、文字として表示できません",
    "The part in the place of the text cannot be shown as text",
);
pub(crate) const UNSHOWN_PART: Words = words(
    "表示できないパート（番号、形式、名前）",
    "Part that cannot be shown (number, type, name)",
);
pub(crate) const BODY_UNSHOWN: Words = words(
    "このメッセージの本文は文字として表示できません。そのパートは上の欄に示しています。",
    "The text of this message cannot be shown as text. The part that holds it is named above.",
);
pub(crate) const FROM_NOTHING: Words = words("本文なし", "The message has no text");
pub(crate) const HTML_EMBEDDED: Words = words(
    "HTML形式の本文を body.html として添付しています。",
    "The HTML part is embedded as body.html.",
);

pub(crate) const BODY: Words = words("本文", "Message text");
pub(crate) const BODY_EMPTY: Words = words(
    "このメッセージには本文がありません。",
    "The message has no text.",
);

pub(crate) const ATTACHMENTS: Words = words("添付ファイル", "Attachments");
pub(crate) const ATTACHMENTS_NONE: Words = words(
    "このメッセージに添付ファイルはありません。",
    "The message has no attachments.",
);
pub(crate) const ATTACHMENTS_WHERE: Words = words(
    "添付ファイルの中身は original.eml に含まれています。同じ内容でも、送られたとおり一つずつ記載します。",
    "The contents are inside original.eml. Each part is listed as sent, equal contents too.",
);
pub(crate) const ATTACHMENT_NUMBER: Words = words("番号", "No.");
pub(crate) const ATTACHMENT_NAME: Words = words("送信時の名前", "Name as sent");
pub(crate) const ATTACHMENT_TYPE: Words = words("種類", "Type");
pub(crate) const ATTACHMENT_SIZE: Words = words("大きさ（バイト）", "Size (bytes)");
pub(crate) const SAFE_NAME: Words = words("安全な名前", "Safe name");
pub(crate) const CONTENT_ID: Words = words("Content-ID", "");
pub(crate) const INLINE: Words = words("本文内に表示", "inline");
pub(crate) const DAMAGED: Words = words("最後まで復号できず", "not decodable to its end");

pub(crate) const LOG: Words = words("通信記録", "Communication log");
pub(crate) const LOG_NOTE: Words = words(
    "起きた順に記載します。情報源がAkashiのものは本サービス自身の記録、ほかは送信事業者の記録で、その原文は付属資料にあります。\
     符号は ETSI EN 319 522 の語彙によりますが、同規格への適合をうたうものではありません。",
    "In the order in which it happened. What has Akashi as its source is the service's own record; \
     records of the providers stand verbatim in the annexes. Codes borrow the vocabulary of ETSI \
     EN 319 522; conformance to it is not claimed.",
);
pub(crate) const NUMBER: Words = words("番号", "No.");
pub(crate) const CODE: Words = words("符号", "Code");
pub(crate) const QUOTED: Words = words("届いた文面", "The words that came");
pub(crate) const OTHER_MAIL: Words = words("そのメール（添付）", "That mail, embedded");
pub(crate) const OTHER_MAIL_TOO_LARGE: Words = words(
    "そのメールは、大きいため添付していません。",
    "That mail is not embedded: it is too large.",
);
pub(crate) const OTHER_MAIL_TOO_MANY: Words = words(
    "そのメールは添付していません：同様のメールが多すぎます。",
    "That mail is not embedded: there are too many of them.",
);
pub(crate) const OTHER_MAIL_MALWARE: Words = words(
    "そのメールは、ウイルスが検出されたため添付していません。",
    "That mail is not embedded: malware was found in it.",
);
pub(crate) const OTHER_MAIL_GONE: Words = not_captured(
    "そのメールは添付していません：証明書の作成時に読み取れませんでした。",
    "That mail is not embedded: it could not be read when the certificate was made.",
);
pub(crate) const ALSO: Words = words("ほかの情報源", "Also told by");
pub(crate) const ANNEXES: Words = words(
    "付属資料（確認の方法と機械の記録）",
    "Annexes: checks and records",
);
pub(crate) const RECORDS: Words = words(
    "送信事業者の記録の原文",
    "Records of the providers, verbatim",
);
pub(crate) const RECORDS_NOTE: Words = words(
    "番号は、通信記録の節のものです。",
    "The numbers are those of the communication log.",
);
pub(crate) const OCCURRED: Words = words("発生", "Occurred");
pub(crate) const RECORDED: Words = words("記録", "Recorded");
pub(crate) const SOURCE: Words = words("情報源", "Source");
pub(crate) const EVENT: Words = words("事実", "Event");
pub(crate) const DESCRIPTION: Words = words("起きたこと", "What happened");
pub(crate) const SUPPLEMENTARY: Words = words(
    "結果の確定後に届いた補足であり、結果を変えません。",
    "Supplementary: it came after the outcome was settled and changes nothing.",
);
pub(crate) const AUTHENTICATION: Words = words(
    "差出人のドメインによる署名",
    "Signature of the sender's domain",
);
pub(crate) const RELIED_ON: Words = words("依拠した署名", "Signature relied on");
pub(crate) const RELIED_ON_NONE: Words = words(
    "なし（依拠できるDKIM署名はありませんでした）",
    "None (there was no DKIM signature to rely on)",
);
pub(crate) const SPF: Words = words("送信元サーバーの確認（SPF）", "Sending server (SPF)");
pub(crate) const VOUCHED_BY_SPF: Words = words("SPFだけが裏付ける項目", "Vouched for by SPF alone");
pub(crate) const COVERED: Words = words("署名の対象", "What it covers");
pub(crate) const WHOLE_BODY: Words = words("本文の全体", "The whole body");
pub(crate) const UNCOVERED: Words = words("署名の対象外の項目", "Fields it does not cover");
pub(crate) const NO_FIELD: Words = words("なし", "None");
pub(crate) const SIGNATURE: Words = words("DKIM署名", "DKIM signature");
pub(crate) const SIGNATURES_NONE: Words = words(
    "このメッセージにDKIM署名はありません。",
    "The message has no DKIM signature.",
);
pub(crate) const DOMAIN: Words = words("署名者のドメイン", "Signing domain (d=)");
pub(crate) const SELECTOR: Words = words("セレクター", "Selector (s=)");
pub(crate) const ALGORITHM: Words = words("方式", "Algorithm (a=)");
pub(crate) const RESULT: Words = words("検証結果", "Result");
pub(crate) const ALIGNMENT: Words = words("差出人との一致", "Alignment with From");
pub(crate) const DNS_NAME: Words = words("DNSの名前", "DNS name");
pub(crate) const LOOKED_UP: Words = words("照会日時", "Looked up at");
pub(crate) const DNS_RECORD: Words = words("DNSの記録", "DNS record");
pub(crate) const KEYS: Words = words("署名の鍵", "Keys of the signatures");
pub(crate) const KEYS_NOTE: Words = words(
    "DNSにあった鍵です。鍵がDNSから消えた後も、署名をこれで検証できます。",
    "The keys as they stood in the DNS. Signatures can be verified with them after they are gone \
     from there.",
);

pub(crate) const NOT_STATED: Words = words(
    "この証明書が述べないこと",
    "What this certificate does not state",
);
const LEGAL: Words = words(
    "この証明書は法的な効力について何も述べません。記録された事実の証拠であり、\
     その評価は証拠を受け取る人に委ねられます。",
    "This certificate says nothing about legal effect. It is evidence of recorded facts, to be \
     weighed by whoever receives it.",
);
/// That, alone.
pub(crate) const LEGAL_NOT_STATED: &[Words] = &[LEGAL];
pub(crate) const NOT_STATED_ITEMS: &[Words] = &[
    words(
        "受信者のメールサーバーの応答（250など）は、そのサーバーがメッセージを引き受けたことを示します。\
         受信者が開封し、読み、理解し、または同意したことを示すものではありません。",
        "The answer of the recipient's mail server (such as 250) shows that this server took the \
         message over. It does not show that the recipient opened, read, understood or agreed to \
         it.",
    ),
    words(
        "引き受けた後の扱い（迷惑メールの判定、転送、削除など）は分かりません。",
        "What happened afterwards (spam filtering, forwarding, deletion) is not known.",
    ),
    words(
        "第{authentication}節に依拠した署名があるとき、それはメッセージが署名者のドメインの署名を伴うことを示します。\
         実際に書いた人物や、内容が真実であることを示すものではありません。",
        "Where section {authentication} names a signature relied on, this shows that the message \
         carries a signature of that domain. It does not show which person wrote it, nor that \
         what it says is true.",
    ),
    LEGAL,
];

pub(crate) const HOW_TO_CHECK: Words = words("確認の方法", "How to check this certificate");
/// How the file itself is checked.
pub(crate) const CHECK_FILE: &[Words] = &[words(
    "署名：この電子ファイルを署名の表示に対応したPDF閲覧ソフトで開き、署名欄を見ます。\
         発行者の署名とタイムスタンプが付いており、署名後の変更が検出されます。\
         信頼の設定がないという表示は、偽造されたファイルでも同じように出ます。署名欄に示される署名者の証明書のSHA-256フィンガープリントを、\
         第{versions}節の値、および発行者が公表する値と比べてください。",
    "Signature: open this electronic file in a PDF viewer that shows signatures and look at \
         its \
         signature panel. The file carries the issuer's signature and a timestamp; later changes \
         are detected. A notice about missing trust looks the same on a forged file: compare the \
         SHA-256 fingerprint of the signer's certificate in that panel with the one in section \
         {versions} and with the one that the issuer publishes.",
)];
/// How the message in it is.
pub(crate) const CHECK_MESSAGE: &[Words] = &[
    words(
        "原文：添付ファイル original.eml を取り出します。差出人から受け取ったメッセージそのもので、\
         1バイトも変えていません。SHA-256を計算し、第{message}節の値と比べます\
         （Windows：certutil -hashfile original.eml SHA256、macOS：shasum -a 256 original.eml、\
         Linux：sha256sum original.eml）。",
        "Original: extract the embedded file original.eml. It is the message received from the \
         sender, byte for byte. Compute its SHA-256 and compare it with section {message} \
         (Windows: certutil -hashfile original.eml SHA256; macOS: shasum -a 256 original.eml; \
         Linux: sha256sum original.eml).",
    ),
    words(
        "添付ファイル：original.eml をメールソフトで開いて保存し、SHA-256を第{attachments}節の値と比べます。",
        "Attachments: open original.eml in mail software, save them, and compare their SHA-256 \
         with \
         section {attachments}.",
    ),
];
/// How the signature of its sender's domain is, where there is one.
pub(crate) const CHECK_KEYS: &[Words] = &[words(
    "差出人の署名：original.eml のDKIM署名は、第{keys}節に記録したDNSの鍵で、\
         DNSから鍵が消えた後も検証できます。",
    "Sender's signature: the DKIM signature in original.eml can be verified with the DNS key \
         kept in section {keys}, even after it has gone from DNS.",
)];
pub(crate) const CHECK_PRINTOUT: &[Words] = &[words(
    "正本は、この電子ファイルです。印刷したものには署名も添付ファイルも含まれません。",
    "The original is this electronic file. A printout has neither the signature nor the \
         embedded \
         files.",
)];

pub(crate) const FILES: Words = words("埋め込んだファイル", "Embedded files");
pub(crate) const FILES_NOTE: Words = words(
    "この電子ファイルに、次のファイルを埋め込みました。evidence.json は、この証明書に記載した値を\
     機械が読める形で収めたもので、全ページをここから作り直すことができます。項目と出来事の名称は\
     ETSI EN 319 522の語彙によりますが、この規格への適合を述べるものではありません。",
    "These files are embedded in this electronic file. evidence.json holds every value of this \
     certificate in a form that machines read, and its pages can be made from it again. Names of \
     fields and events follow the vocabulary of ETSI EN 319 522; no conformance is claimed.",
);
pub(crate) const FILE_NAME: Words = words("名前", "Name");
pub(crate) const DELIVERED_HEADER: Words = words("ヘッダー", "Header");
pub(crate) const IN_RECORD: Words = words(
    "evidence.json に収めました（全体は大きく、原文と重なるため省略）。",
    "Kept in evidence.json. The whole is large and holds the original again, so it is not \
     embedded.",
);
pub(crate) const NO_DELIVERED_HEADER: Words = not_captured(
    "取得できず：証明書の作成時に読み取れませんでした",
    "Not captured: it could not be read when the certificate was made",
);
pub(crate) const ARC: Words = words("ARCの結果", "ARC result");
pub(crate) const ARC_NONE: Words = words("ARCの記載はありません", "The mail carries no ARC seals");

pub(crate) const VERSIONS: Words = words("料金・版・表示", "Price, versions, presentation");
pub(crate) const PRICE: Words = words("料金", "Price");
pub(crate) const RULES_VERSION: Words = words("規則の版", "Version of the rules");
pub(crate) const PRICE_TABLE_VERSION: Words = words("料金表の版", "Version of the price table");
pub(crate) const TEMPLATE: Words = words("書式の版", "Version of the template");
pub(crate) const SIGNER: Words = words(
    "署名者の証明書のSHA-256フィンガープリント",
    "SHA-256 fingerprint of the signer's certificate",
);
pub(crate) const AUTHORITIES: Words =
    words("タイムスタンプの依頼先", "Timestamp authorities asked");
pub(crate) const ISSUER: Words = words("発行者", "Issued by");
pub(crate) const CODES: Words = words("符号で示した文字", "Characters shown as codes");
pub(crate) const CODES_NOTE: Words = words(
    "この書式の文字で示せない文字、制御文字、向きを変える文字は、下線を付けた [U+XXXX]（Unicodeの番号）で、\
     文字として読めないバイトは [0xXX] で示します。タブは空白四つで示します。原文は original.eml にあります。",
    "Characters that the fonts of this document do not have, control characters and direction \
     marks are shown as an underlined [U+XXXX] (their Unicode number), bytes that are no text as \
     [0xXX], a tab as four spaces. The original is in original.eml.",
);

pub(crate) const HEADER: Words = words("ヘッダー全文", "Full header");
pub(crate) const HEADER_NOTE: Words = words(
    "差出人から受け取ったメッセージのヘッダー全文です。各行は送信側のサーバーと差出人が書いたもので、\
     本サービスが確かめたものではありません。",
    "The whole header of the message as received. Its lines were written by the sender and the \
     servers on the way; this service has not verified them.",
);

/// Reasons why a value is missing: a blank would leave open whether it was lost (T7).
pub(crate) const NO_SUBJECT: Words = absent(
    "なし：件名がないか、空です",
    "None: the subject is absent or empty",
);
pub(crate) const NO_MESSAGE_ID: Words = absent(
    "なし：元のメッセージにMessage-IDがありません",
    "None: the message has no Message-ID",
);
pub(crate) const NO_DATE: Words = absent(
    "なし：元のメッセージにDateがありません",
    "None: the message has no Date",
);
pub(crate) const NO_NAME: Words =
    absent("なし：名前なしで送られました", "None: sent without a name");
pub(crate) const NO_PROVIDER_ID: Words = not_captured(
    "取得できず：送信事業者が受付番号を知らせていません",
    "Not captured: the provider reported no id",
);
pub(crate) const NO_DNS_RECORD: Words = not_captured(
    "取得できず：DNSから記録が得られませんでした",
    "Not captured: DNS gave no record",
);
pub(crate) const NO_ACCOUNT_ADDRESS: Words =
    absent("なし：登録がありません", "None: none is registered");
pub(crate) const NO_VALUE: Words = not_captured(
    "取得できず：記録された値が空です",
    "Not captured: the recorded value is empty",
);
pub(crate) const NO_HEADER: Words = absent(
    "なし：元のメッセージにヘッダーがありません",
    "None: the message has no header",
);
pub(crate) const NO_EVENTS: Words = absent("なし：記録がありません", "None: there is no record");

const fn not_captured(japanese: &'static str, english: &'static str) -> Words {
    words(japanese, english)
}

/// Why there is nothing to say, where nothing was lost.
const fn absent(japanese: &'static str, english: &'static str) -> Words {
    words(japanese, english)
}
