//! What a report says to people, in Japanese and English.

use readers::{Standing, Value};

pub use crate::language::Language;
use crate::report::{Check, CheckResult, Finding};
use crate::trust::{TrustError, ValueProblem};
use crate::verdict::Verdict;

/// What a verdict means.
#[must_use]
pub fn verdict(verdict: Verdict, language: Language) -> String {
    let (japanese, english) = match verdict {
        Verdict::Authentic => (
            "この証明書は発行されたときのままであり、すべての検査に合格しました。",
            "The certificate is as it was issued, and passed every check.",
        ),
        Verdict::Incomplete => (
            "改変は見つかりませんでしたが、検査できない項目があります。",
            "No alteration was found, but something could not be checked.",
        ),
        Verdict::Untrusted => (
            "ファイル自体に矛盾はありませんが、信頼する発行者のものとは確かめられません。",
            "The file holds together, but nothing leads from it to an issuer who is trusted.",
        ),
        Verdict::Altered => (
            "このファイルは、発行された証明書のままではありません。",
            "The file is not a certificate as it was issued.",
        ),
    };
    language.of(japanese, english)
}

/// What is checked.
#[must_use]
pub fn check(check: Check, language: Language) -> String {
    let (japanese, english) = match check {
        Check::Structure => ("ファイルの構造", "structure of the file"),
        Check::Changes => ("版の間の変更", "changes between revisions"),
        Check::Signature => ("電子署名", "signature"),
        Check::SignerChain => ("署名者", "signer"),
        Check::Timestamps => ("タイムスタンプ", "timestamps"),
        Check::Revocation => ("失効情報", "revocation"),
        Check::EmbeddedFiles => ("添付ファイル", "embedded files"),
        Check::Pages => ("紙面と証拠データの一致", "pages against evidence"),
        Check::Senders => (
            "メールの署名（DKIM、ARC）",
            "signatures of mails (DKIM, ARC)",
        ),
        Check::Values => (
            "添付されたメールと通知記録からの再計算",
            "values read again from mails and records",
        ),
    };
    language.of(japanese, english)
}

/// How a check ended.
#[must_use]
pub fn result(result: CheckResult, language: Language) -> String {
    let (japanese, english) = match result {
        CheckResult::Passed => ("合格", "passed"),
        CheckResult::Failed => ("不合格", "failed"),
        CheckResult::NotPossible => ("検査不能", "not possible"),
    };
    language.of(japanese, english)
}

/// Why a trust file, or roots, cannot be used. What the reader of JSON said stays in English.
#[must_use]
pub fn trust_error(error: &TrustError, language: Language) -> String {
    let japanese = match error {
        TrustError::TooLarge => "信頼ファイルが 1 MiB を超えています。".to_owned(),
        TrustError::NeitherForm => "信頼ファイルでも PEM 形式の証明書でもありません。".to_owned(),
        TrustError::Json(problem) => {
            format!("信頼ファイルの書式どおりではありません（{problem}）。")
        }
        TrustError::OtherFormat(format) => {
            format!("format が「{format}」です。信頼ファイルでは akashi-trust です。")
        }
        TrustError::OtherVersion(version) => {
            format!("信頼ファイルの版が {version} です。このプログラムが読めるのは版 1 だけです。")
        }
        TrustError::Value { place, problem } => {
            format!("{place}：{}。", value_problem_in_japanese(*problem))
        }
        TrustError::Certificate { place, source } => {
            format!("{place}：証明書を読み取れません（{source}）。")
        }
        TrustError::Text(line) => format!(
            "証明書の間に意味のない行「{line}」があります。ルートの用途は信頼ファイルに書いてください。"
        ),
    };
    let english = if let TrustError::Certificate { source, .. } = error {
        format!("{error} ({source}).")
    } else {
        format!("{error}.")
    };
    language.of(&japanese, &english)
}

fn value_problem_in_japanese(problem: ValueProblem) -> &'static str {
    match problem {
        ValueProblem::NoObject => "オブジェクトではありません",
        ValueProblem::Empty => "空です",
        ValueProblem::TooMany => "256 件を超えています",
        ValueProblem::Name => "200 文字以内、1 行の名前ではありません",
        ValueProblem::SameName => "同じ名前が他にもあります",
        ValueProblem::NotOnePin => {
            "certificate_sha256、public_key_sha256、subject のうち、ちょうど一つが必要です"
        }
        ValueProblem::Digest => "SHA-256（小文字の 16 進数 64 桁）ではありません",
        ValueProblem::Period => "until が since より後ではありません",
        ValueProblem::NotOneCertificate => "PEM 形式の証明書一枚ではありません",
    }
}

/// How many values were recomputed, and which are only the operator's word.
#[must_use]
pub fn values(values: &[Value], language: Language) -> String {
    let count = |standing: fn(&Standing) -> bool| {
        let values = values.iter();
        values.filter(|value| standing(&value.standing)).count()
    };
    let recomputed = count(|standing| matches!(standing, Standing::Recomputed));
    let words = values
        .iter()
        .filter(|value| value.standing == Standing::OperatorsWord);
    let words: Vec<&str> = words.map(|value| value.name.as_str()).collect();
    let words = words.join(", ");
    language.of(
        &format!("再計算で確かめた値: {recomputed}。発行者の申告のみによる値: {words}"),
        &format!("{recomputed} values were recomputed; only the operator's word: {words}"),
    )
}

/// A finding as one sentence. Technical details stay in English in both languages. Timestamps are
/// counted from one.
#[must_use]
#[expect(
    clippy::too_many_lines,
    reason = "a table: one sentence for each finding"
)]
pub fn finding(finding: &Finding, language: Language) -> String {
    let (japanese, english) = match finding {
        Finding::NotAPdf => (
            "PDF ファイルではありません。".to_owned(),
            "This is not a PDF.".to_owned(),
        ),
        Finding::TooLarge => (
            "ファイルが大きすぎるため、証明書ではありません。".to_owned(),
            "The file is too large to be a certificate.".to_owned(),
        ),
        Finding::Structure(deviation) => (
            format!("ファイルの構造が本サービスの作成するものと異なります（{deviation}）。"),
            format!("The file is not built as this service builds files ({deviation})."),
        ),
        Finding::Change(deviation) => (
            format!("署名の後に許されない変更が加えられています（{deviation}）。"),
            format!("Something was changed that must not change ({deviation})."),
        ),
        Finding::TooMuchWork(work) => {
            let (limit, japanese, english) = (
                crate::limits::limit(*work),
                work.words(Language::Japanese),
                work.words(Language::English),
            );
            (
                format!("検査の上限を超えたため、検査を終えられません（{japanese}、上限 {limit}）。"),
                format!("There is more to check than the budget has ({english}, at most {limit})."),
            )
        }
        Finding::NotMade(made) => {
            let (japanese, english) = (
                check(*made, Language::Japanese),
                check(*made, Language::English),
            );
            (
                format!(
                    "「{japanese}」は検査していません。署名と時刻を信頼できるときにだけ行う検査であり、\
                     信頼するルートの指定がないときも行いません。"
                ),
                format!(
                    "The check \"{english}\" was not made: it needs a signature and a time that \
                     the reader trusts, and without trusted roots there is neither."
                ),
            )
        }
        Finding::Signature(problem) => (
            format!("電子署名が無効です（{problem}）。"),
            format!("The signature does not hold ({problem})."),
        ),
        Finding::Files(deviation) => (
            format!("添付ファイルを読み取れません（{deviation}）。"),
            format!("The embedded files are not in their form ({deviation})."),
        ),
        Finding::SignerUntrusted { root, fingerprint } => {
            let fingerprint = hex::encode(fingerprint);
            (
                format!(
                    "署名者の証明書が信頼するルートにつながりません。このファイルのルートは「{root}」で、\
                     SHA-256 フィンガープリントは {fingerprint} です。別の経路で入手した値と比べてください。"
                ),
                format!(
                    "The signer's certificate leads to no trusted root. Its own root is \"{root}\" \
                     with the SHA-256 fingerprint {fingerprint}; compare it with one got elsewhere."
                ),
            )
        }
        Finding::SignerNotNamed {
            subject,
            fingerprint,
        } => {
            let fingerprint = hex::encode(fingerprint);
            (
                format!(
                    "署名者の証明書「{subject}」は、信頼する発行者のものとして登録されていません。同じ認証局の\
                     証明書を持つ人なら誰でも署名できたことになります。証明書の SHA-256 フィンガープリントは \
                     {fingerprint} です。発行者が公表する値と比べてください。"
                ),
                format!(
                    "Nobody who is trusted is known to sign with the certificate \"{subject}\": \
                     anybody certified by the same authority could have signed. Its SHA-256 \
                     fingerprint is {fingerprint}; compare it with the one that the issuer \
                     publishes."
                ),
            )
        }
        Finding::SignerNotThen { operator, at } => (
            format!("署名者の証明書は、署名時（{at}）には「{operator}」のものではありませんでした。"),
            format!(
                "The signer's certificate did not sign for \"{operator}\" at {at}, when it was \
                 signed."
            ),
        ),
        Finding::SignerPath(problem) => (
            format!("署名者の証明書から信頼するルートまでの証明書が、この用途に使えません（{problem}）。"),
            format!("The signer's certificates do not lead to a trusted root ({problem})."),
        ),
        Finding::OtherSigner { named, found } => {
            let (named, found) = (hex::encode(named), hex::encode(found));
            (
                format!(
                    "証拠データにある署名者の証明書（SHA-256 {named}）と、実際に署名した証明書（{found}）が\
                     異なります。"
                ),
                format!(
                    "The evidence names the signer's certificate with the SHA-256 {named}, and \
                     another one signed ({found})."
                ),
            )
        }
        Finding::OtherOperator { named, found } => (
            format!(
                "証拠データにある発行者「{named}」と、署名者の証明書の持ち主「{found}」が異なります。"
            ),
            format!(
                "The evidence names \"{named}\" as the issuer, but the certificate that signed is \
                 that of \"{found}\"."
            ),
        ),
        Finding::SignerNotValid(time) => (
            format!("署名時（{time}）に署名者の証明書が有効ではありませんでした。"),
            format!("The signer's certificates were not valid at {time}, when it was signed."),
        ),
        Finding::SignerRevoked { subject, at } => (
            format!("「{subject}」の証明書は署名より前の {at} に失効しています。"),
            format!("The certificate of \"{subject}\" was revoked at {at}, before it was signed."),
        ),
        Finding::NoRevocationData { subject } => (
            format!("「{subject}」の証明書の失効情報がファイルにありません。"),
            format!("The file does not say whether the certificate of \"{subject}\" was revoked."),
        ),
        Finding::NoTimestamp => (
            "タイムスタンプがないため、署名の時期を確かめられません。".to_owned(),
            "There is no timestamp, so nothing proves when it was signed.".to_owned(),
        ),
        Finding::Token { position, problem } => (
            format!("タイムスタンプ {} が無効です（{problem}）。", position + 1),
            format!("Timestamp {} does not hold ({problem}).", position + 1),
        ),
        Finding::TokenUntrusted {
            position,
            root,
            fingerprint,
        } => {
            let fingerprint = hex::encode(fingerprint);
            (
                format!(
                    "タイムスタンプ {} は信頼するルートにも、証拠データが挙げるルートにもつながりません（最上位は\
                     「{root}」、SHA-256 フィンガープリント {fingerprint}）。",
                    position + 1
                ),
                format!(
                    "Timestamp {} leads to no trusted root, and to none that the evidence names \
                     (last above it is \"{root}\" with the SHA-256 fingerprint {fingerprint}).",
                    position + 1
                ),
            )
        }
        Finding::TokenPath { position, problem } => (
            format!(
                "タイムスタンプ {} の証明書から信頼するルートまでの証明書が、この用途に使えません（{problem}）。",
                position + 1
            ),
            format!(
                "The certificates of timestamp {} do not lead to a trusted root ({problem}).",
                position + 1
            ),
        ),
        Finding::ClockNotTrusted {
            position,
            root,
            fingerprint,
        } => {
            let (number, fingerprint) = (position + 1, hex::encode(fingerprint));
            (
                format!(
                    "タイムスタンプ {number} は、証拠データが挙げる認証局のものですが、信頼するルートには\
                     つながりません（ルートは「{root}」、SHA-256 フィンガープリント {fingerprint}）。"
                ),
                format!(
                    "Timestamp {number} is of an authority that the evidence names and that is not \
                     trusted (its root is \"{root}\" with the SHA-256 fingerprint {fingerprint})."
                ),
            )
        }
        Finding::ClocksThatCount(positions) => {
            let numbers: Vec<String> = positions.iter().map(|one| (one + 1).to_string()).collect();
            (
                format!("時刻の根拠になるのはタイムスタンプ {} だけです。", numbers.join("、")),
                format!("Only timestamp {} counts as a clock.", numbers.join(", ")),
            )
        }
        Finding::CertificateUnknown(subject) => (
            format!("署名にもタイムスタンプにも必要のない証明書「{subject}」が検証データにあります。"),
            format!(
                "The validation data holds the certificate of \"{subject}\", which neither the \
                 signature nor a timestamp needs."
            ),
        ),
        Finding::RevocationDataUnknown => (
            "署名者にもタイムスタンプの認証局にも関係のない失効情報があります。".to_owned(),
            "The validation data tells of the revocation of others than who signed and stamped."
                .to_owned(),
        ),
        Finding::TokenNotValid { position, time } => (
            format!(
                "タイムスタンプ {} の証明書は、その時刻 {time} に有効ではありませんでした。",
                position + 1
            ),
            format!(
                "The certificate of timestamp {} was not valid at {time}, which it says itself.",
                position + 1
            ),
        ),
        Finding::TokenInaccurate { position } => (
            format!("タイムスタンプ {} の時刻は一分まで正確ではありません。", position + 1),
            format!("Timestamp {} is not accurate to a minute.", position + 1),
        ),
        Finding::StampsFall {
            position,
            time,
            before,
        } => (
            format!(
                "タイムスタンプ {} の時刻 {time} は、それが保護するものの時刻 {before} より前です。",
                position + 1
            ),
            format!(
                "Timestamp {} says {time}, which is before {before}, the time of what it covers.",
                position + 1
            ),
        ),
        Finding::EventAfterStamp { at, stamped_at } => (
            format!("証拠データにある {at} の出来事は、最初のタイムスタンプ（{stamped_at}）より後です。"),
            format!(
                "The evidence tells of {at}, which is after the first timestamp ({stamped_at})."
            ),
        ),
        Finding::IssueOutside {
            issued_at,
            stamped_at,
        } => (
            format!(
                "発行日時 {issued_at} が、最初のタイムスタンプ（{stamped_at}）の前の二日間にありません。"
            ),
            format!(
                "The time of issue, {issued_at}, is not within the two days before the first \
                 timestamp ({stamped_at})."
            ),
        ),
        Finding::SigningTimeOutside {
            issued_at,
            stamped_at,
        } => (
            format!(
                "署名にある署名日時が、発行（{issued_at}）と最初のタイムスタンプ（{stamped_at}）の間にありません。"
            ),
            format!(
                "The signing time in the signature is not between the issue ({issued_at}) and the \
                 first timestamp ({stamped_at})."
            ),
        ),
        Finding::SignatureWordsDiffer(entry) => (
            format!("署名の項目 /{entry} が、証拠データから決まる内容と異なります。"),
            format!("The entry /{entry} of the signature is not what the evidence demands."),
        ),
        Finding::TokenStale {
            position,
            expired_at,
        } => (
            format!(
                "タイムスタンプ {} の証明書は {expired_at} に期限が切れ、その前に更新されていません。",
                position + 1
            ),
            format!(
                "The certificate of timestamp {} expired at {expired_at}, and nothing renewed it \
                 before.",
                position + 1
            ),
        ),
        Finding::TokenRevoked {
            position,
            subject,
            at,
        } => (
            format!(
                "タイムスタンプ {} の証明書「{subject}」は {at} に失効しています。",
                position + 1
            ),
            format!(
                "Certificate \"{subject}\" of timestamp {} was revoked at {at}.",
                position + 1
            ),
        ),
        Finding::TokenFromTheFuture {
            position,
            time,
            confirmed_at,
        } => (
            format!(
                "タイムスタンプ {} の時刻 {time} は、その存在が確認された {confirmed_at} より後です。",
                position + 1
            ),
            format!(
                "Timestamp {} says {time}, which is after {confirmed_at}, when it already existed.",
                position + 1
            ),
        ),
        Finding::NoGoodClock => (
            "信頼できるタイムスタンプが一つもありません。".to_owned(),
            "Not one of the timestamps can be trusted.".to_owned(),
        ),
        Finding::OneClock => (
            "別のルートにつながる二つ目のタイムスタンプがありません。".to_owned(),
            "There is no second timestamp that leads to another root.".to_owned(),
        ),
        Finding::NoEvidence => (
            "evidence.json がありません（初期の版の証明書）。".to_owned(),
            "There is no evidence.json, as in certificates of early versions.".to_owned(),
        ),
        Finding::UnknownEvidence(problem) => (
            format!("evidence.json がこのプログラムの知らない版です（{problem}）。"),
            format!("This program does not know this version of evidence.json ({problem})."),
        ),
        Finding::BrokenEvidence(problem) => (
            format!("evidence.json を読み取れません（{problem}）。"),
            format!("evidence.json cannot be read ({problem})."),
        ),
        Finding::IssuedAsTest => (
            "TEST：この証明書は試験用のサービスが発行したもので、証拠として発行されたものではありません。"
                .to_owned(),
            "TEST: a service for trials issued this certificate. It was not issued as evidence."
                .to_owned(),
        ),
        Finding::FileDiffers(name) => (
            format!("添付ファイル {name} が証拠データと一致しません。"),
            format!("The embedded file {name} is not the one that the evidence names."),
        ),
        Finding::FileMissing(name) => (
            format!("証拠データにある添付ファイル {name} がありません。"),
            format!("The evidence names a file {name} that is not there."),
        ),
        Finding::FileUnknown(name) => (
            format!("証拠データにない添付ファイル {name} があります。"),
            format!("A file {name} is embedded that the evidence does not name."),
        ),
        Finding::PagesDiffer(problem) => (
            format!("紙面が証拠データから作られるものと一致しません（{problem}）。"),
            format!("The pages are not those that the evidence gives ({problem})."),
        ),
        Finding::OtherTemplate(version) => (
            format!("紙面が別の版のひな形（{version}）で作られており、再現できません。"),
            format!("The pages were made with another template ({version}) and cannot be remade."),
        ),
        Finding::NoFonts => (
            "フォントがないため、紙面を証拠データと比べられません。".to_owned(),
            "Without fonts the pages cannot be compared with the evidence.".to_owned(),
        ),
        Finding::SenderDiffers {
            file,
            domain,
            said,
            found,
        } => (
            format!(
                "{file} にある {domain} の DKIM 署名は、証拠データでは「{said}」、再検証では\
                 「{found}」です。"
            ),
            format!(
                "The evidence says \"{said}\" of the DKIM signature of {domain} in {file}; \
                 verified again, it gives \"{found}\"."
            ),
        ),
        Finding::VouchersDiffer { file } => (
            format!(
                "証拠データにある「SPFだけが保証した項目」が、添付された {file} の DKIM 署名の対象外の項目と\
                 一致しません。"
            ),
            format!(
                "The evidence names other fields that only SPF vouched for than the DKIM signature \
                 of the embedded {file} leaves uncovered."
            ),
        ),
        Finding::SendersDiffer { file } => (
            format!("証拠データの DKIM 署名の一覧が、添付された {file} と一致しません。"),
            format!("The evidence lists other DKIM signatures than the embedded {file} has."),
        ),
        Finding::SealsDiffer { file } => (
            format!("証拠データの ARC の記載が、添付された {file} の再検証の結果と一致しません。"),
            format!(
                "What the evidence says of ARC differs from what the embedded {file} gives when it \
                 is verified again."
            ),
        ),
        Finding::ValueDiffers { name, said, found } => (
            format!(
                "証拠データの {name} は「{said}」ですが、\
                 添付されたメールと通知記録を読み直すと「{found}」です。"
            ),
            format!(
                "The evidence says \"{said}\" in {name}; the embedded mails and records, read \
                 again, give \"{found}\"."
            ),
        ),
        Finding::ValueReadOtherwise {
            name,
            said,
            found,
            version,
        } => (
            format!(
                "証拠データの {name} は、別の版（{version}）の読取りで「{said}」、\
                 このプログラムでは「{found}」です。"
            ),
            format!(
                "The evidence says \"{said}\" in {name}, read by other readers (version \
                 {version}); this program reads \"{found}\"."
            ),
        ),
    };
    language.of(&japanese, &english)
}
